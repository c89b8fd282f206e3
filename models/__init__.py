"""记录。Models remember: tables, the engine, and the few ways to read and change rows."""
