"""A leased mail says which process leases it, so that the lease ends with the process."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    with op.batch_alter_table("notice") as notice:
        notice.add_column(sa.Column("leased_by", sa.String(length=80), nullable=True))
