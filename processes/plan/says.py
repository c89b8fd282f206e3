"""What a person is told when he has acted on a plan or one of its activities (计划办理后的提示)."""

from typing import Final

RECORDED: Final = "Recorded. The activity is done."
TO_BE_CHECKED: Final = "Recorded. The checker now looks at it."
SENT_BACK: Final = "Recorded. It has been sent back to be carried out as planned."
CHANGED: Final = "Recorded. The new day holds, and the asker hears of it."
CANCELLED: Final = "Recorded. The activity is cancelled, and the asker hears of it."
NOT_CHANGED: Final = "Recorded. The plan stays as it is, and the asker hears of it."
ASKED: Final = "Recorded. Until it is decided the planned day holds."

# Why nothing is owed any more.
NOT_IN_PLAN: Final = "the plan in force does not have this activity any more"
