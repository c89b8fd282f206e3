"""计划。The year's plan and its activities."""
