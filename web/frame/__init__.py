"""框架。The frame of all pages: application, guards, errors, sessions and forms."""
