"""组织。Organisation: units, people and projects taken over from files."""
