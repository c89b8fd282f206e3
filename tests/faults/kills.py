from dataclasses import dataclass


@dataclass
class Killed:
    kills: int = 0
    lost: int = 0
    phantoms: int = 0
    copies: int = 0
    right: bool = True


def table(k):
    return ""


def campaign(n):
    return Killed()
