"""The `pdca` command (命令行): one door to everything, in the site's language.

Exit codes are stable: 0 done, 1 refused by a rule or for bad input, 2 wrong usage, 3 the
environment (database, mail, port). What a user did wrong is a line a problem on stderr, never
a stack trace; only what a command was asked for goes to stdout.
"""

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Final

import typer

from service import commands
from service.commands import ahead
from service.commands.wording import language, speak

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
ENVIRONMENT: Final = 3
INTERRUPTED: Final = 130

# The collector looks at what is new every 700 objects, and at a module being loaded it makes
# thousands that stay: looking less often saves a tenth of a command and of a turn.
YOUNG: Final = 20_000
gc.set_threshold(YOUNG)

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Quality management of IT operations: plan, do, check, act; what is owed climbs"
    " level by level until it is closed.",
)
known = [import_module(one.name) for one in iter_modules(commands.__path__, "service.commands.")]
for part in sorted((one for one in known if hasattr(one, "add_to")), key=lambda one: one.PLACE):
    part.add_to(app)
ahead.guard(app)


def _version(asked: bool) -> None:  # noqa: FBT001 - typer calls it so
    if not asked:
        return
    from service.version import of_product

    print(f"pdca {of_product()}")
    raise typer.Exit


@app.callback()
def options(
    *,
    _shown: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and leave."
        ),
    ] = False,
) -> None:
    """Take what stands before a command's name: only `--version`."""


def main() -> None:
    """Run the command that was typed and leave with its exit code."""
    os.umask(0o077)  # what a home holds, and what is taken out of it, is its owner's alone
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code."""
    command = speak(typer.main.get_command(app), arguments)
    ahead.TYPED[:] = arguments
    try:
        command(args=list(arguments), prog_name="pdca")
    except SystemExit as left:
        return _code(left)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our stdout has gone: `pdca list … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as failure:  # noqa: BLE001 - the last door: a user gets a sentence
        return _told(failure)
    return DONE


def _code(left: SystemExit) -> int:
    if left.code is None:
        return DONE
    return left.code if isinstance(left.code, int) else REFUSED


def _told(failure: Exception) -> int:
    """Say what happened in the site's language, and return what it means."""
    from service.commands.failures import sentences

    code, lines = sentences(failure, language())
    if code is None:
        _keep_trace(failure)
        code = ENVIRONMENT
    for line in lines:
        print(line, file=sys.stderr)
    return code


def _keep_trace(failure: Exception) -> None:
    """Keep the stack trace of a fault of ours where its sentence says, for whoever mends it."""
    from service.commands.failures import trace_file

    try:
        path = trace_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(failure)), encoding="utf-8")
    except OSError:
        traceback.print_exception(failure)  # nowhere to keep it: then rather loud than lost


if __name__ == "__main__":
    main()
