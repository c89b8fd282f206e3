"""过程办理。Processes act: read rows, ask a rule, write row, next duty, line and trail."""
