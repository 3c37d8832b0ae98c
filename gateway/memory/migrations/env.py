"""Alembic's entry: migrate the connection that `gateway.memory.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel

from gateway.memory import tables


def render(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(thing, tables.Moment):
        return "sa.BigInteger()"
    if kind == "type" and type(thing).__name__ == "AutoString":
        return "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=render,
    transaction_per_migration=False,
)
context.run_migrations()
