"""Several rows in one statement, on both stores."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from app.db.engine import Database
from app.db.prepared import keys_of, prepared, wanted
from app.db.tables import deal, delivery, outbox, step_sum
from app.db.upsert import add_all, insert_new, update_all, upsert_all
from tests.factories import NOW, add_installation

KEY = ("installation_id", "deal_id")


def row(installation_id: int, deal_id: str, **values: Any) -> dict[str, Any]:
    return {
        "installation_id": installation_id,
        "deal_id": deal_id,
        "title": 'ООО «Ромашка» \\ "кавычки" 🚀\n',
        "pipeline_id": "p",
        "stage_id": "a",
        "responsible_id": "",
        "price": 2**53 + 1,
        "tags": ["да", "$.x"],
        "fields": {"17": ["ё", "null"], "18": []},
        "contact_ids": [],
        "created_at": NOW,
        "updated_at": NOW + timedelta(microseconds=1),
        "closed_at": None,
        "read_at": NOW,
        "is_deleted": True,
        **values,
    }


def read(conn: Connection) -> list[dict[str, Any]]:
    query = select(deal).order_by(deal.c.installation_id, deal.c.deal_id)
    return [dict(each._mapping) for each in conn.execute(query)]


async def test_rows_come_back_as_they_were_put_in(db: Database, installation_id: int) -> None:
    rows = [row(installation_id, "1"), row(installation_id, "2", closed_at=NOW, is_deleted=False)]
    await db.write(lambda conn: upsert_all(conn, deal, KEY, rows))
    found = await db.read(read)
    assert [{name: each[name] for name in rows[0]} for each in found] == rows
    assert [each["segment_key"] for each in found] == ["", ""]


async def test_what_is_known_stays_and_what_is_new_is_told(db: Database, installation_id: int) -> None:
    def work(conn: Connection) -> set[tuple[Any, ...]]:
        insert_new(conn, deal, [row(installation_id, "1")])
        twice = [row(installation_id, "2")] * 2
        again = [row(installation_id, "1", title="other"), *twice]
        return insert_new(conn, deal, again, returning=KEY)

    assert await db.write(work) == {(installation_id, "2")}
    assert {each["title"] for each in await db.read(read)} == {row(1, "1")["title"]}


async def test_an_update_changes_what_is_named_and_makes_no_rows(db: Database, installation_id: int) -> None:
    def work(conn: Connection) -> None:
        upsert_all(conn, deal, KEY, [row(installation_id, "1"), row(installation_id, "2")])
        names = [{"installation_id": installation_id, "deal_id": each, "segment_key": "s"} for each in "23"]
        update_all(conn, deal, KEY, names)

    await db.write(work)
    assert [(each["deal_id"], each["segment_key"]) for each in await db.read(read)] == [("1", ""), ("2", "s")]


async def test_numbers_are_added_to_what_is_there(db: Database, installation_id: int) -> None:
    numbers = [column.name for column in step_sum.c if not column.primary_key]
    key = [column.name for column in step_sum.c if column.primary_key]
    first = {name: 0 if step_sum.c[name].type.python_type is int else "x" for name in key}
    first |= {"installation_id": installation_id}
    plain = dict.fromkeys(numbers, 2)

    def work(conn: Connection) -> list[tuple[Any, ...]]:
        add_all(conn, step_sum, key, [first | plain])
        add_all(conn, step_sum, key, [first | plain | {numbers[0]: -5}])
        return [tuple(each) for each in conn.execute(select(*(step_sum.c[name] for name in numbers)))]

    assert await db.write(work) == [(-3, *[4] * (len(numbers) - 1))]


async def test_nothing_is_asked_of_the_store_for_no_rows(db: Database) -> None:
    def work(conn: Connection) -> set[tuple[Any, ...]]:
        upsert_all(conn, deal, KEY, [])
        update_all(conn, deal, KEY, [])
        add_all(conn, step_sum, KEY, [])
        return insert_new(conn, outbox, [])

    assert await db.write(work) == set()


async def test_bytes_are_refused(db: Database) -> None:
    with pytest.raises(ValueError, match="delivery"):
        await db.write(lambda conn: insert_new(conn, delivery, [{"id": 1, "sealed_body": b"x"}]))


async def test_only_wanted_rows_are_read_and_tenants_do_not_mix(db: Database, installation_id: int) -> None:
    query = prepared(
        lambda: select(deal.c.installation_id, deal.c.deal_id).select_from(
            wanted(deal, deal.c.installation_id, deal.c.deal_id)
        )
    )

    def work(conn: Connection) -> set[tuple[Any, ...]]:
        other = add_installation(conn, external_id="2002")
        for tenant in (installation_id, other):
            upsert_all(conn, deal, KEY, [row(tenant, each) for each in ("1", "2", "3")])
        found = query.run(conn, keys=keys_of([(installation_id, "1"), (other, "2"), (other, "'; --")]))
        return {(each.installation_id == other, each.deal_id) for each in found}

    assert await db.write(work) == {(False, "1"), (True, "2")}
