"""时钟。The clock: wakes the flows when something is due."""
