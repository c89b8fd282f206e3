"""What people call the stable words (标签): English here, Chinese in the catalogue.

Each file of this package has the words of a process: `LABELS`, by sort of word, and `SORTS`, which
sort of word the values of an enumeration are. The Chinese of a label has the sort of word as its
context, because one English word may need two Chinese ones.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Final


class ClaimedTwice(Exception):
    """Two files give the same word of a sort a label: a fault of the program."""


def _files() -> Iterator[ModuleType]:
    for one in iter_modules(__path__, f"{__name__}."):
        yield import_module(one.name)


def _labels() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for file in _files():
        for sort, words in file.LABELS.items():
            if twice := found[sort].keys() & words.keys():
                raise ClaimedTwice(f"{sort} {min(twice)} has a label in two files")
            found[sort].update(words)
    return dict(found)


def _sorts() -> Mapping[type[StrEnum], str]:
    return {kind: sort for file in _files() for kind, sort in getattr(file, "SORTS", {}).items()}


LABELS: Final = _labels()
SORTS: Final = _sorts()
