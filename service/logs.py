"""Logs of the service (日志): one line an event, on stderr, so that stdout stays for answers."""

import sys

import structlog


def set_up() -> None:
    """Write every log of this process to stderr, in colour only for a terminal."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
