"""What a person is told when he has drawn up, judged or received a document (审批后的提示)."""

from typing import Final

HANDED_IN: Final = "Recorded. Somebody else now reviews it."
REVIEWED: Final = "Recorded. A third person now approves it."
APPROVED: Final = "Recorded. It is in force, and its readers are told."
RETURNED: Final = "Recorded. The author has been asked to revise it."
RECEIVED: Final = "Recorded. Thank you."

# Why nothing is owed any more.
NEWER_IN_FORCE: Final = "a newer version of this document is in force"
