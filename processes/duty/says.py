"""What a person is told when his act is recorded (办理后的提示), and why a duty was withdrawn.

Sentences of the catalogue: whoever shows one says it in the reader's language.
"""

from typing import Final

RECORDED: Final = "Recorded. Thank you."
PLANNED: Final = "Recorded. The quality department now decides on your plan."
DISPUTED: Final = (
    "Recorded. The head of the quality department decides on it; until then your duty to respond"
    " runs on."
)
AGREED: Final = "Recorded. The owner has been asked to carry the action out."
SENT_BACK: Final = "Recorded. The owner has been asked for another plan."
IMPLEMENTED: Final = "Recorded. Somebody else now verifies whether it works."
CLOSED: Final = "Recorded. The nonconformity is closed."
WAITS: Final = (
    "Recorded. As it is a major one, its effect is confirmed once more before it is closed."
)
AGAIN: Final = "Recorded. The owner has been asked to find the cause anew."
STANDS: Final = "Recorded. The nonconformity stands, and the owner owes cause and plan."
VOID: Final = "Recorded. The nonconformity is void."
DECIDED: Final = (
    "Recorded. The owner has been told; the nonconformity itself goes on until it is closed."
)
REPORTED: Final = "Recorded. Management has been asked to decide."
ASKED: Final = "Recorded. Until it is decided the present day holds, and the ladder runs on."
GRANTED: Final = "Recorded. The new day holds, and everyone who was told hears of it."
NOT_GRANTED: Final = "Recorded. The day stays as it was, and the asker hears of it."
HANDED_OVER: Final = "Recorded. The new owner has been told, and so has the old one."
PROVISIONAL: Final = (
    "A mail asks you whether it was you: one word there settles it, else it is settled in four"
    " working hours."
)
CONFIRMED: Final = "Thank you. The answer stands."
UNDONE: Final = "Everything is as it was before. Please answer yourself."
INSTRUCTED: Final = "Recorded. The owner is told by mail what you expect."
ACKNOWLEDGED: Final = "Recorded. The next step comes one working day later."

# Why nothing is owed any more.
IT_IS_CLOSED: Final = "the nonconformity is closed"
IT_IS_NONE: Final = "the dispute was upheld: it is no nonconformity"
IT_IS_VOID: Final = "the nonconformity was declared void"
TAKEN_BACK: Final = "the answer that led to it was taken back"
HE_GAVE_IN: Final = "the owner accepted the nonconformity"
