"""What came from a register kept elsewhere is marked as brought in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for table in ("nonconformity", "quality_check", "audit"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("brought_in", sa.JSON(none_as_null=True), nullable=True))
