"""What a person is told who has held a management review (管理评审办理后的提示)."""

from typing import Final

HELD: Final = (
    "Recorded, with the input as it stands now. The decisions come into force once the review"
    " is confirmed."
)
DECIDED: Final = "Recorded, with the input as it stands now. The decisions are in force."
