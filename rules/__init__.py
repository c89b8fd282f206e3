"""规则判定。Rules decide: pure functions of values, and time is an argument."""
