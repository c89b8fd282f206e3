"""待办页。The page of a duty: what is owed, its history and its forms."""
