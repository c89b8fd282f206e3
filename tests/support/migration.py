"""Write the next migration script from the models: `python -m tests.support.migration NAME`.

`--check` writes nothing and says whether a script is missing.

The next numbered script gets what the models have and a database at the newest shape has not. A
script that was released is never written again: a home has been through it.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext

from models import migrate
from models.engine import bind, database

VERSIONS = migrate.SCRIPTS / "versions"


def plain(kind, thing, _context):
    """Render a column's type as SQLAlchemy's own: a script must not change with our models."""
    if kind != "type":
        return False
    if isinstance(thing, sa.types.TypeDecorator):
        thing = thing.impl_instance
    if isinstance(thing, sa.DateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(thing, sa.String) and not isinstance(thing, sa.Text):  # our enums, too
        return f"sa.String(length={thing.length})"
    return False


def body():
    """Return what the models have that the bound database has not, as the lines of a function."""
    with database().reader.connect() as connection:
        context = MigrationContext.configure(connection, opts=migrate.options())
        code = render_python_code(
            produce_migrations(context, migrate.metadata()).upgrade_ops,
            render_as_batch=True,  # SQLite alters a table by making it anew
            render_item=plain,
            migration_context=context,
        )
    return "\n".join(line for line in code.splitlines() if "# ###" not in line)


def write_next(name):
    with tempfile.TemporaryDirectory() as home:
        bind(f"sqlite:///{home}/at-head.sqlite")
        migrate.upgrade()
        before = migrate.head()
        number = f"{int(before) + 1:04}"
        path = VERSIONS / f"{number}_{name}.py"
        path.write_text(
            f'"""{name.replace("_", " ").capitalize()}."""\n\n'
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            f'revision = "{number}"\ndown_revision = "{before}"\n\n\n'
            f"def upgrade() -> None:\n{body()}\n"
        )
    return path


def differences():
    with tempfile.TemporaryDirectory() as home:
        bind(f"sqlite:///{home}/at-head.sqlite")
        migrate.upgrade()
        return migrate.check()


def main():
    if sys.argv[1:] == ["--check"]:
        found = differences()
        sys.exit("\n".join(["models and migrations differ:", *found]) if found else 0)
    if len(sys.argv) != 2 or not sys.argv[1].isidentifier():
        sys.exit(
            "say what it is for, as one word: python -m tests.support.migration audit_programme"
        )
    path = write_next(sys.argv[1])
    ruff = Path(sys.executable).with_name("ruff")
    subprocess.run([ruff, "format", "-q", path], check=True)
    print(path)


if __name__ == "__main__":
    main()
