"""What a quality rule says no to (拒绝).

A refusal is a sentence for the person who asked. Its English template is the key of its
translation, and its facts stay attributes, so that a page can say it in the reader's
language and a test can ask which clause was broken.
"""

from typing import Any, ClassVar


class Refused(Exception):
    """A rule says no: never retried, shown to the person who asked, kept in the trail.

    Subclasses set `sentence`, an English template with `{named}` facts.
    """

    sentence: ClassVar[str] = "{reason}"

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.sentence.format(**facts))
        self.facts = facts


class NotEntitled(Refused):
    """The person is neither the one who owes it nor the delegate who stands in."""

    sentence = "{person} may not do this: it is owed by {owner}"


class AlreadyAnswered(Refused):
    """The duty is no longer open; asking twice is harmless and polite."""

    sentence = "already answered by {person} at {at}"


class Withdrawn(Refused):
    """The duty was withdrawn: nothing is owed any more."""

    sentence = "nothing is owed any more: this duty was withdrawn at {at}"


class NotFound(Refused):
    """A code or number names nothing that exists."""

    sentence = "there is no {what} {code}"
