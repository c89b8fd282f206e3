"""页面。Web listens: GET shows what is owed, POST acts; nothing here decides or remembers."""
