"""Wrong designs."""

MUTANTS = {}
