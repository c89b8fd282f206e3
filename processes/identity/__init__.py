"""身份。Identity: signing in by a mailed link, signing by a mailed code."""
