"""服务。Service keeps it running: the command line, the supervised tree, the clock, the inbox."""
