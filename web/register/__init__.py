"""台账页。Registers as pages and as CSV."""
