"""演示。The sample company and its year."""
