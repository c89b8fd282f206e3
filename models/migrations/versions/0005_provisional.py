"""Answers by link that their person has not confirmed, and by what a person has answered."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "acquaintance",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_acquaintance_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "mark", name=op.f("pk_acquaintance")),
    )
    op.create_table(
        "provisional",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("doubt", sa.String(length=32), nullable=False),
        sa.Column("standing", sa.String(length=32), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("browser", sa.String(length=64), nullable=True),
        sa.Column("network", sa.String(length=64), nullable=True),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_provisional_answer_id_answer")
        ),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_provisional_duty_id_duty")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_provisional_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provisional")),
    )
    with op.batch_alter_table("provisional", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provisional_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_provisional_duty_id"), ["duty_id"], unique=False)
        batch_op.create_index(
            "ix_provisional_open",
            ["duty_id"],
            unique=False,
            sqlite_where=sa.text("standing = 'open'"),
            postgresql_where=sa.text("standing = 'open'"),
        )
