"""工作目录。The home: opened, examined, and what it has seen."""
