"""Small wrong changes to a module, one at a time: what a careless hand would do to a rule.

A mutant is known by its module, its function and what was changed into what, not by its line:
a list of survivors outlives edits elsewhere.
"""

import ast
import enum
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
RECKONED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
LONG = 120  # characters of a statement that a name repeats
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed module: its tree, where the change is, and its name."""

    module: str
    name: str
    lines: frozenset[int]
    tree: ast.Module


def mutants(path: Path, module: str) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    enums = {
        name: [member.name for member in thing]
        for name, thing in vars(import_module(module)).items()
        if isinstance(thing, type) and issubclass(thing, enum.Enum)
    }
    seen: Counter[str] = Counter()
    for where, statement, found in _places(tree):
        for changed in _changes(found, enums):
            before = _told(statement)
            mutated, after = _swapped(tree, statement, found, changed)
            if len(before) > LONG:
                head = before.partition("=")[0].strip()[:LONG]
                before, after = f"{head} … {_told(found)}", _told(changed)
            name = f"{path.parent.name}/{path.name} {where or 'at import'}: {before} → {after}"
            seen[name] += 1
            again = f" ({seen[name]})" if seen[name] > 1 else ""
            yield Mutant(module, name + again, frozenset({statement.lineno, found.lineno}), mutated)


def _places(tree: ast.Module) -> Iterator[tuple[str, ast.stmt, ast.AST]]:
    """Yield what may be changed, with its function and its statement."""

    def walk(node: ast.AST, where: str, statement: ast.stmt | None):
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "returns", "decorator_list", "type_params", "bases"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST):
                    continue
                inner = where
                if isinstance(child, ast.FunctionDef):
                    inner = f"{where}.{child.name}".lstrip(".")
                mine = child if isinstance(child, ast.stmt) else statement
                if mine is not None and hasattr(child, "lineno"):
                    yield inner, mine, child
                yield from walk(child, inner, mine)

    yield from walk(tree, "", None)


def _changes(node: ast.AST, enums: dict[str, list[str]]) -> Iterator[ast.AST]:
    """Yield what a node may become."""
    yield from _operators(node)
    yield from _values(node, enums)
    match node:
        case ast.Raise(exc=ast.expr()):
            yield ast.Pass()
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield _copy(node, value=ast.Constant(None))
        case ast.Continue():
            yield ast.Break()


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=ops):
            for n, op in enumerate(ops):
                if type(op) in COMPARED:
                    yield _copy(node, ops=[*ops[:n], COMPARED[type(op)](), *ops[n + 1 :]])
        case ast.BoolOp(op=op):
            yield _copy(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.BinOp(op=op) if type(op) in RECKONED:
            yield _copy(node, op=RECKONED[type(op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand


def _values(node: ast.AST, enums: dict[str, list[str]]) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=bool(value)):
            yield _copy(node, value=not value)
        case ast.Constant(value=int(value)):
            yield _copy(node, value=value + 1)
        case ast.Call(func=ast.Name(id=name)) if name in CALLED:
            yield _copy(node, func=ast.Name(CALLED[name], ast.Load()))
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if attr in enums.get(name, ()):
            members = enums[name]
            if len(members) > 1:
                yield _copy(node, attr=members[(members.index(attr) + 1) % len(members)])


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _copy(node: ast.AST, **changed: object) -> ast.AST:
    made = type(node)(**{**dict(ast.iter_fields(node)), **changed})
    return ast.copy_location(made, node)


def _swapped(
    tree: ast.Module, statement: ast.stmt, found: ast.AST, changed: ast.AST
) -> tuple[ast.Module, str]:
    """Return the tree with one node changed, and its statement as it reads then."""
    found._swap_me = changed  # type: ignore[attr-defined]
    statement._tell_me = True  # type: ignore[attr-defined]
    mutated = deepcopy(tree)
    del found._swap_me, statement._tell_me  # type: ignore[attr-defined]
    mutated = _Swap().visit(mutated)
    told = next((_told(node) for node in ast.walk(mutated) if hasattr(node, "_tell_me")), "pass")
    return ast.fix_missing_locations(mutated), told


class _Swap(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST:
        swap = getattr(node, "_swap_me", None)
        if swap is None:
            return self.generic_visit(node)
        if hasattr(node, "_tell_me"):
            swap._tell_me = True
        return ast.copy_location(swap, node)


def _told(statement: ast.AST) -> str:
    """Return a statement on one line; of a compound one its head."""
    text = ast.unparse(statement)
    if hasattr(statement, "body"):
        decorators = len(getattr(statement, "decorator_list", []))
        text = text.splitlines()[decorators]
    return " ".join(text.split())
