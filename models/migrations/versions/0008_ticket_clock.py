"""Ticket clock."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "late_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measurement_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=True),
        sa.Column("numerator", sa.String(length=64), nullable=True),
        sa.Column("denominator", sa.String(length=64), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_late_value_duty_id_duty")),
        sa.ForeignKeyConstraint(
            ["measurement_id"],
            ["measurement.id"],
            name=op.f("fk_late_value_measurement_id_measurement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_value")),
        sa.UniqueConstraint("measurement_id", name=op.f("uq_late_value_measurement_id")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waited", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("pauses", sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_index("ix_ticket_log_resolved", ["log_id", "resolved_at"], unique=False)

    with op.batch_alter_table("ticket_log", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("newest_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("terms", sa.JSON(), server_default="{}", nullable=False))
    with op.batch_alter_table("ticket_log", schema=None) as batch_op:
        batch_op.alter_column("terms", server_default=None)  # it was for the rows that were there
