"""改进。Improvements that one cycle proposes to the next."""
