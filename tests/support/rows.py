"""Everything that a database holds, as one word: the same as before, or not."""

import hashlib

import sqlalchemy as sa

from models.engine import reading


def everything() -> str:
    """Return a hash of every row of every table, whatever the models know of it."""
    told = hashlib.sha256()
    with reading() as session:
        for name in sorted(sa.inspect(session.connection()).get_table_names()):
            for row in session.execute(sa.text(f'SELECT * FROM "{name}"')):
                told.update(repr((name, *row)).encode())
    return told.hexdigest()
