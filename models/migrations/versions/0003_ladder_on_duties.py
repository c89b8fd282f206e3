"""Ladder on duties."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "site_calendar",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_site_calendar")),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("late_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("handed_at_level", sa.Integer(), server_default="0", nullable=False)
        )
