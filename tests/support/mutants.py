"""Do the rules' tests notice a wrong rule? `python -m tests.support.mutants [module …]`.

Each mutant of `rules/` is run against the tests in `tests/rules` that reach its line, each in a
fresh process forked from one that holds only libraries. A mutant that no test notices has to be
named in `tests/rules/survivors.txt` with the reason why it may live; one that is named there and
is noticed, or is no mutant any more, has to go from it.
"""

import argparse
import ast
import contextlib
import gc
import importlib.abc
import importlib.util
import io
import os
import signal
import sys
import tempfile
import time
from collections import defaultdict
from functools import cache
from pathlib import Path

import coverage
import hypothesis
import pytest
from _pytest.config import default_plugins

from tests.support.mutating import Mutant, mutants

ROOT = Path(__file__).parents[2]
RULES, TESTS = ROOT / "rules", ROOT / "tests" / "rules"
SURVIVORS = TESTS / "survivors.txt"
LIBRARIES = ("pydantic", "jinja2", "babel", "babel.messages.pofile", "dateutil.rrule", "holidays")
PATIENCE = 10  # seconds of work until a mutant is one that never ends, and so is noticed
QUIET = (
    "-q", "-x", "-c", os.devnull, "--rootdir", str(ROOT), "--import-mode=importlib",
    "-p", "no:cacheprovider", "--noconftest", "--assert=plain",
    "-p", "no:unraisableexception",
)  # fmt: skip
UNNOTICED = 0
NOTICED = {1, 2}  # pytest: a test failed, or could not be read with the mutant in place
BROKEN = 3
TABLE, PROPERTY = "0", "1"  # tables are asked first: they take less time

Reached = dict[str, dict[int, set[str]]]  # by module and line: the tests that run it


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the mutant in the place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name, _path=None, _target=None):
        if name != self.mutant.module:
            return None
        return importlib.util.spec_from_loader(name, self)

    def exec_module(self, module):
        exec(compile(self.mutant.tree, self.mutant.module, "exec"), vars(module))


def _pytest(*words: str, plugins=()) -> int:
    hypothesis.settings.register_profile(
        "mutants",
        max_examples=30,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),  # nobody reads the example
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutants")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return int(pytest.main([*QUIET, *words], plugins=list(plugins)))


def _fork(work) -> int:
    """Do the work in a process of its own; return the process's number."""
    number = os.fork()
    if number:
        return number
    code = BROKEN
    try:
        gc.disable()
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        code = work()
    finally:
        os._exit(code)


def _code(status: int) -> int:
    return os.waitstatus_to_exitcode(status)


class _Contexts:
    """Tells the measurement which test runs."""

    def __init__(self, cover: coverage.Coverage) -> None:
        self.cover = cover

    def pytest_runtest_setup(self, item) -> None:
        rank = PROPERTY if hasattr(item.obj, "hypothesis") else TABLE
        self.cover.switch_context(f"{rank} {ROOT}/{item.nodeid.partition('[')[0]}")


def reached() -> Reached:
    """Run the tests once; return which of them run which line."""
    with tempfile.NamedTemporaryFile() as file:

        def measure() -> int:
            signal.setitimer(signal.ITIMER_PROF, 0)
            cover = coverage.Coverage(file.name, source=[str(RULES)], config_file=False)
            cover.start()
            done = _pytest(str(TESTS), plugins=[_Contexts(cover)])
            cover.stop()
            cover.save()
            return done

        if _code(os.waitpid(_fork(measure), 0)[1]):
            sys.exit("the tests in tests/rules fail without any mutant: mend them first")
        data = coverage.CoverageData(file.name)
        data.read()
        found: Reached = defaultdict(dict)
        for path in data.measured_files():
            found[Path(path).stem] = {
                line: {context for context in contexts if context}
                for line, contexts in data.contexts_by_lineno(path).items()
            }
        return found


def _tests_for(mutant: Mutant, known: Reached) -> list[str]:
    """Return the tests that run a mutant's line; all that may meet it, for what runs at import."""
    name = mutant.module.partition(".")[2]
    own = set().union(*(known[name].get(line, set()) for line in mutant.lines))
    if own:
        return [test.partition(" ")[2] for test in sorted(own)]
    met = sorted(set().union(*known[name].values()))
    return [*map(str, _files_of(name)), *(test.partition(" ")[2] for test in met)]


@cache
def _files_of(name: str) -> list[Path]:
    """Return the test files that import a module of the rules."""
    found = []
    for path in sorted(TESTS.glob("test_*.py")):
        imports = [
            n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.ImportFrom)
        ]
        if any(
            node.module == f"rules.{name}"
            or (node.module == "rules" and name in {alias.name for alias in node.names})
            for node in imports
        ):
            found.append(path)
    return found


def _unnoticed(chosen: list[Mutant], known: Reached, jobs: int) -> list[Mutant]:
    """Return the mutants that no test notices."""
    left, running, living = list(reversed(chosen)), {}, []
    while left or running:
        while left and len(running) < jobs:
            mutant = left.pop()
            tests = _tests_for(mutant, known)
            if tests:
                running[_fork(_judging(mutant, tests))] = mutant
            else:
                living.append(mutant)
        if running:
            number, status = os.wait()
            mutant, code = running.pop(number), _code(status)
            if code == UNNOTICED:
                living.append(mutant)
            elif code > 0 and code not in NOTICED:
                sys.exit(f"pytest could not run the tests of {mutant.name}: it ended with {code}")
    return living


def _judging(mutant: Mutant, tests: list[str]):
    def work() -> int:
        sys.meta_path.insert(0, _Mutated(mutant))
        return _pytest(*tests)

    return work


def listed() -> dict[str, str]:
    """Return the survivors that may live, each with its reason."""
    found, reason = {}, ""
    for line in SURVIVORS.read_text("utf-8").splitlines() if SURVIVORS.exists() else []:
        if line.startswith("#"):
            reason = line[1:].strip()
        elif line.strip():
            found[line.strip()] = reason
    return found


def main() -> None:
    words = argparse.ArgumentParser(description="Do the rules' tests notice a wrong rule?")
    words.add_argument("module", nargs="*", help="only these: plan audit_findings")
    words.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = words.parse_args()
    begun = time.monotonic()
    sys.dont_write_bytecode = True
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in (*LIBRARIES, *(f"_pytest.{plugin}" for plugin in default_plugins)):
        importlib.import_module(name)
    gc.freeze()
    names = asked.module or sorted(p.stem for p in RULES.glob("*.py") if p.stem != "__init__")
    made = _made(names)
    known = reached()
    living: list[Mutant] = []
    for name, chosen in made.items():
        since = time.monotonic()
        control = Mutant(f"rules.{name}", "control", frozenset(), ast.parse(_source(name)))
        if len(_unnoticed([control], known, 1)) != 1:
            sys.exit(f"the tests of {name} fail on the module as it is")
        found = _unnoticed(chosen, known, asked.jobs)
        living += found
        told = f"{name:18} {len(chosen):5} mutants {len(found):4} unnoticed"
        print(f"{told} {time.monotonic() - since:6.0f} s", flush=True)
    wrong = _differences(living, names)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    count = sum(len(chosen) for chosen in made.values())
    told = f"{count} mutants, {count - len(living)} noticed, {len(living)} not"
    print(f"{told}: {time.monotonic() - begun:.0f} s")
    sys.exit(1 if wrong else 0)


def _differences(living: list[Mutant], names: list[str]) -> list[str]:
    """Say in what the survivors are not those that are named with a reason."""
    known = listed()
    mine = {name for name in known if any(name.startswith(f"rules/{n}.py ") for n in names)}
    found = {mutant.name for mutant in living}
    return [
        *(f"unnoticed: {mutant.name}" for mutant in living if mutant.name not in known),
        *(f"take it from the list, it is noticed or gone: {name}" for name in sorted(mine - found)),
        *(f"has no reason: {name}" for name in sorted(mine) if not known[name]),
    ]


def _source(name: str) -> str:
    return (RULES / f"{name}.py").read_text("utf-8")


def _made(names: list[str]) -> dict[str, list[Mutant]]:
    """Return the mutants by module, made in this process, which then forgets the rules again."""
    made = {name: list(mutants(RULES / f"{name}.py", f"rules.{name}")) for name in names}
    for name in [name for name in sys.modules if name.partition(".")[0] == "rules"]:
        del sys.modules[name]
    return made


if __name__ == "__main__":
    main()
