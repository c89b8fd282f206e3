"""PostgreSQL renews the organisation's mark once a transaction, and not with each statement.

An import of 50,000 people updated one row 100,000 times in one transaction, and each update had
to pass by all the earlier versions of that row: 85 s of which most went there.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

# `pdca.stamped` is the transaction that has renewed it; a savepoint that is taken back takes both
# back. Whoever reads the mark in between has it renewed once more (`models/stamps.py`).
ONCE = """
CREATE OR REPLACE FUNCTION organisation_stamps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('pdca.stamped', true) IS DISTINCT FROM txid_current()::text THEN
        UPDATE stamp SET mark = gen_random_uuid()::text WHERE name = 'organisation';
        PERFORM set_config('pdca.stamped', txid_current()::text, true);
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(ONCE)
