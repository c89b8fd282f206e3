"""常驻。The supervised tree of processes, from its start to its end."""
