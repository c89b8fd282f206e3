"""Every help text and table head of the command line has its Chinese."""

import typer

from config.language import catalogue
from service.commands import looking, telling, wording
from service.main import app


def helps(command):
    yield command.help
    for parameter in command.params:
        yield getattr(parameter, "help", None)
    for below in getattr(command, "commands", {}).values():
        yield from helps(below)


def test_every_help_text_has_its_chinese():
    found = {*helps(typer.main.get_command(app)), *wording.PANELS.values(), wording.HELP}
    missing = [text for text in found if text and (None, text) not in catalogue("zh")]
    assert not missing


def test_every_table_head_has_its_chinese():
    heads = {head for columns in looking.HEADS.values() for _, head in columns}
    heads |= {head for _, head in telling.ROUND}
    heads |= {*telling.OWED, *telling.TOLD, *telling.ANSWERED, *telling.TRAIL}
    missing = [head for head in heads if (None, head) not in catalogue("zh")]
    assert not missing
