"""The command line's language (命令行语言): help, tables and refusals in the site's.

It is chosen before anything else is read, because `--help` must work without a home.
"""

import os
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

LANGUAGES: Final = ("zh", "en")
DEFAULT: Final = "zh"
PANELS: Final = {
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "OPTIONS_PANEL_TITLE": "Options",
    "COMMANDS_PANEL_TITLE": "Commands",
    "ERRORS_PANEL_TITLE": "Wrong usage",
    "DEFAULT_STRING": "[default: {}]",
    "REQUIRED_LONG_STRING": "[required]",
    "RICH_HELP": "Try [blue]'{command_path} {help_option}'[/] for help.",
}
HELP: Final = "Show this and leave."


@lru_cache(maxsize=1)
def language() -> str:
    """Return PDCA_LANGUAGE, else what the home's pdca.toml says, else Chinese."""
    chosen = os.environ.get("PDCA_LANGUAGE", "").strip().lower() or _of_home()
    return chosen if chosen in LANGUAGES else DEFAULT


def _of_home() -> str:
    file = Path(os.environ.get("PDCA_HOME") or "var") / "pdca.toml"
    try:
        return str(tomllib.loads(file.read_text("utf-8-sig")).get("language", DEFAULT))
    except (OSError, ValueError):  # whoever needs the file says what is wrong with it
        return DEFAULT


def t(sentence: str, /, **facts: Any) -> str:
    """Say a sentence in the command line's language."""
    if language() == "en":  # the catalogue is not needed: quick commands stay quick
        return sentence.format(**facts)
    from config.language import say

    return say(language(), sentence, **facts)


def speak(command: Any, arguments: Sequence[str]) -> Any:
    """Return the command tree with its help in the language, if help may be shown."""
    if language() == "en" or not _may_show_help(command, arguments):
        return command
    from typer import rich_utils

    for name, sentence in PANELS.items():
        setattr(rich_utils, name, _translated(sentence))
    _translate(command)
    return command


def _may_show_help(command: Any, arguments: Sequence[str]) -> bool:
    asked = not arguments or any(word in {"-h", "--help"} for word in arguments)
    return asked or arguments[0] not in command.commands


def _translate(command: Any) -> None:
    command.help = _translated(command.help)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = _translated(parameter.help)
    option = command.get_help_option(_Bare(command))
    if option is not None:
        option.help = _translated(HELP)
    for below in getattr(command, "commands", {}).values():
        _translate(below)


def _translated(sentence: str | None) -> str | None:
    from config.language import catalogue

    return catalogue(language()).get((None, sentence), sentence) if sentence else sentence


class _Bare:
    """As much of a context as asking for the help option needs."""

    def __init__(self, command: Any) -> None:
        self.command = command
        self.help_option_names = ["-h", "--help"]
        self.resilient_parsing = False
