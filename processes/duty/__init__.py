"""待办。Duties: owed, told, climbing, extended, handed over, and answered by one door."""
