"""Ticket clock."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waited", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("pauses", sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_index("ix_ticket_log_resolved", ["log_id", "resolved_at"], unique=False)

    with op.batch_alter_table("ticket_log", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("newest_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("terms", sa.JSON(), server_default="{}", nullable=False))
