"""Runs revisions on the connection that it is given, or on the database of the environment."""

import asyncio
import os
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from app.db.engine import open_database
from app.db.tables import metadata
from app.db.types import Document, Identity, Instant

WORDS = {
    id(Identity): 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")',
    id(Document): 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")',
}


def render(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Column types in words that do not depend on our modules, which go on changing."""
    if kind != "type":
        return False
    if isinstance(item, Instant):
        return "sa.BigInteger()"
    if id(item) == id(Document):
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
    return WORDS.get(id(item), False)


def migrate(connection: Connection) -> None:
    """Run what was asked for, in the transaction that is open."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=connection.dialect.name == "postgresql",
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_environment() -> None:
    """For alembic's own command line."""
    database = open_database(os.environ.get("STEPGATE_DATABASE_URL", "sqlite:///var/stepgate.db"))
    try:
        await database.write(migrate)
    finally:
        await database.close()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    asyncio.run(migrate_environment())
