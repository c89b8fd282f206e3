"""本地收件箱。The local inbox of a home without a relay."""
