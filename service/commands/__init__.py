"""命令。What can be typed: a command reads words, asks a process, says what came of it."""
