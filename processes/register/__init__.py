"""台账。Registers: what there is, filtered and page by page."""
