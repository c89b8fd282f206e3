"""邮件。Mail: lines become notices, are claimed, sent, settled, returned and held."""
