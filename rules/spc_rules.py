"""The Western Electric rules (判异准则): what a run of values must look like to be special.

Data, so that it can be held against the textbook; and for each rule and side the one sentence
that a manager reads.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

LIMIT: Final = 3.0  # sigma


class Rule(StrEnum):
    """The four Western Electric rules, the plainest first."""

    BEYOND_LIMITS = "beyond_limits"  # 1 beyond three sigma
    TWO_OF_THREE = "two_of_three"  # beyond two sigma, on one side
    FOUR_OF_FIVE = "four_of_five"  # beyond one sigma, on one side
    EIGHT_IN_A_ROW = "eight_in_a_row"  # on one side of the centre


class Side(StrEnum):
    """On which side of what is usual."""

    ABOVE = "above"
    BELOW = "below"


# rule: how many, of how many successive ones, beyond how many sigma
RULES: Final[Mapping[Rule, tuple[int, int, float]]] = {
    Rule.BEYOND_LIMITS: (1, 1, LIMIT),
    Rule.TWO_OF_THREE: (2, 3, 2.0),
    Rule.FOUR_OF_FIVE: (4, 5, 1.0),
    Rule.EIGHT_IN_A_ROW: (8, 8, 0.0),
}

# What a manager reads: one sentence for each rule and side.
SENTENCES: Final[Mapping[tuple[Rule, Side], str]] = {
    (Rule.BEYOND_LIMITS, Side.ABOVE): (
        "{value} in {period} is above what is usual ({lower} to {upper}, from {n} periods)."
    ),
    (Rule.BEYOND_LIMITS, Side.BELOW): (
        "{value} in {period} is below what is usual ({lower} to {upper}, from {n} periods)."
    ),
    (Rule.TWO_OF_THREE, Side.ABOVE): (
        "Two of the three values from {first} to {last} are well above the usual middle of"
        " {centre}: chance alone seldom does that."
    ),
    (Rule.TWO_OF_THREE, Side.BELOW): (
        "Two of the three values from {first} to {last} are well below the usual middle of"
        " {centre}: chance alone seldom does that."
    ),
    (Rule.FOUR_OF_FIVE, Side.ABOVE): (
        "Four of the five values from {first} to {last} are above what is usual around {centre}:"
        " it is moving up."
    ),
    (Rule.FOUR_OF_FIVE, Side.BELOW): (
        "Four of the five values from {first} to {last} are below what is usual around {centre}:"
        " it is moving down."
    ),
    (Rule.EIGHT_IN_A_ROW, Side.ABOVE): (
        "Eight values in a row, from {first} to {last}, are above the usual middle of {centre}:"
        " the level has risen."
    ),
    (Rule.EIGHT_IN_A_ROW, Side.BELOW): (
        "Eight values in a row, from {first} to {last}, are below the usual middle of {centre}:"
        " the level has fallen."
    ),
}
