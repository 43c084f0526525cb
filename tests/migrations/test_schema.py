from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from app.db.engine import Database, open_database
from app.db.schema import MIGRATIONS, current_revision, downgrade, head_revision, is_at_head, upgrade
from app.db.tables import metadata
from tests.factories import add_installation


def _differences(conn: Connection) -> list[object]:
    # SQLite gives defaults back as the text of the statement, which does not compare.
    has_defaults = conn.dialect.name == "postgresql"
    options = {"compare_type": True, "compare_server_default": has_defaults}
    context = MigrationContext.configure(conn, opts=options)
    return list(compare_metadata(context, metadata))


def _tables(conn: Connection) -> set[str]:
    return set(inspect(conn).get_table_names()) - {"alembic_version"}


def _partial_indexes(conn: Connection) -> set[str]:
    found = inspect(conn).get_indexes("lane")
    return {str(index["name"]) for index in found if index["dialect_options"]}


async def test_the_revisions_lead_to_exactly_the_tables_that_the_program_declares(empty_url: str) -> None:
    await upgrade(empty_url)
    db = open_database(empty_url)
    assert await db.read(_differences) == []
    assert await db.read(_tables) == set(metadata.tables)
    assert await db.read(is_at_head)
    await db.close()


async def test_partial_indexes_of_lanes_exist_in_both_ways_of_making_the_schema(
    db: Database, empty_url: str
) -> None:
    await upgrade(empty_url)
    migrated = open_database(empty_url)
    assert await db.read(_partial_indexes) == await migrated.read(_partial_indexes)
    assert len(await migrated.read(_partial_indexes)) == 3
    await migrated.close()


async def test_every_revision_goes_up_and_down_and_up_again(empty_url: str) -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    steps = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    before = "base"
    for step in steps:
        await upgrade(empty_url, step)
        await downgrade(empty_url, before)
        await upgrade(empty_url, step)
        before = step
    await downgrade(empty_url, "base")
    db = open_database(empty_url)
    assert await db.read(_tables) == set()
    assert await db.read(current_revision) is None
    await db.close()


async def test_migrating_again_changes_nothing_and_keeps_the_rows(empty_url: str) -> None:
    await upgrade(empty_url)
    db = open_database(empty_url)
    kept = await db.write(add_installation)
    await db.close()
    await upgrade(empty_url)
    db = open_database(empty_url)
    assert await db.read(
        lambda conn: conn.exec_driver_sql("SELECT id FROM installation").scalars().all()
    ) == [kept]
    await db.close()


async def test_a_failing_migration_leaves_nothing_behind(empty_url: str) -> None:
    with pytest.raises(Exception, match="Can't locate revision"):
        await upgrade(empty_url, "9999")
    db = open_database(empty_url)
    assert await db.read(_tables) == set()
    await db.close()


def test_there_is_one_head_and_it_is_a_file_of_this_tree() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1
    assert list(Path(MIGRATIONS / "versions").glob(f"{head_revision()}_*.py"))
