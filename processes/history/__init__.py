"""履历。History: what happened to a thing, and who was told what and when."""
