"""检查。Project quality checks: planned, carried out, reported."""
