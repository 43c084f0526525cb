"""A tenant with rows in every table that holds rows of tenants."""

from typing import Any

from sqlalchemy import JSON, Column, Connection, Table, func, insert, select

from app.db.tables import metadata
from app.db.types import Instant
from tests.factories import NOW


def fill_tables(conn: Connection, *tenants: int) -> None:
    """At least one row of each tenant in every table."""
    for tenant in tenants:
        for name, count in count_rows(conn, tenant).items():
            if not count:
                _fill(conn, metadata.tables[name], tenant)


def _something(column: Column[Any], tenant: int) -> Any:
    if isinstance(column.type, Instant):
        return NOW
    if isinstance(column.type, JSON):
        return {}
    return {str: "x", bytes: bytes([tenant]) * 4, bool: False}.get(column.type.python_type, 7)


def _fill(conn: Connection, table: Table, tenant: int) -> None:
    """A row of that tenant in that table, with something in every column that wants it."""
    given = {"installation_id": tenant, "deal_id": "1", "entity": "deal"}
    row = {}
    for column in table.columns:
        if column.name in given:
            row[column.name] = given[column.name]
        elif not (column.nullable or column.server_default or column.name == "id"):
            row[column.name] = _something(column, tenant)
    conn.execute(insert(table).values(row))


def count_rows(conn: Connection, tenant: int) -> dict[str, int]:
    """How many rows each table has of that tenant."""
    return {
        table.name: int(
            conn.scalar(select(func.count()).select_from(table).where(table.c.installation_id == tenant)) or 0
        )
        for table in metadata.sorted_tables
        if "installation_id" in table.columns
    }
