"""计划页。The annual plan, its activities and the cycle as pages."""
