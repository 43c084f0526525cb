"""Versions are immutable, numbered and per tenant; drafts are guarded by their revision."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select

from app.db.engine import Database
from app.db.tables import source_cursor
from app.domain.funnel import GateMode
from app.errors import Conflict, Invalid, NotFound
from app.funnels import editing
from app.funnels.current import current_version
from app.funnels.document import FunnelDocument
from app.funnels.draft import NO_DRAFT, drop_draft, load_draft, save_draft
from app.funnels.propose import propose
from app.funnels.publish import publish
from app.funnels.versions import list_versions, load_version
from app.installations.audit import read_audit
from app.installations.store import save_catalog
from tests.factories import NOW, add_installation
from tests.funnels.account import OFFER, PIPELINE, catalog

DOCUMENT = propose(catalog(), catalog().pipelines[0], "ru")
BARE = FunnelDocument.model_validate({"segments": [{"key": "all", "title": "Все"}]})
BY: dict[str, Any] = {"by": "1", "now": NOW}


def put_out(conn: Connection, tenant: int, document: FunnelDocument = DOCUMENT) -> int:
    return publish(conn, tenant, PIPELINE, document, stages=catalog().pipelines[0].stages, **BY)


@pytest.fixture
async def tenant(db: Database, installation_id: int) -> int:
    await db.write(lambda conn: save_catalog(conn, installation_id, catalog(), NOW))
    return installation_id


async def test_versions_are_numbered_from_one_and_the_newest_is_in_force(db: Database, tenant: int) -> None:
    assert await db.write(lambda conn: put_out(conn, tenant, BARE)) == 1
    first = await db.read(lambda conn: current_version(conn, tenant, PIPELINE))
    assert await db.write(lambda conn: put_out(conn, tenant)) == 2
    second = await db.read(lambda conn: current_version(conn, tenant, PIPELINE))
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)
    assert second == DOCUMENT.to_version(PIPELINE, 2, catalog().pipelines[0].stages, NOW)


async def test_without_a_publication_nothing_is_in_force(db: Database, tenant: int) -> None:
    assert await db.read(lambda conn: current_version(conn, tenant, PIPELINE)) is None


async def test_a_version_in_force_is_parsed_once(db: Database, tenant: int) -> None:
    await db.write(lambda conn: put_out(conn, tenant))

    def twice(conn: Connection) -> bool:
        return current_version(conn, tenant, PIPELINE) is current_version(conn, tenant, PIPELINE)

    assert await db.read(twice)


async def test_a_publication_that_was_rolled_back_leaves_nothing_behind(db: Database, tenant: int) -> None:
    def fail(conn: Connection) -> None:
        put_out(conn, tenant)
        current_version(conn, tenant, PIPELINE)
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError):
        await db.write(fail)
    later: dict[str, Any] = {
        "stages": catalog().pipelines[0].stages,
        "by": "1",
        "now": NOW + timedelta(seconds=1),
    }
    await db.write(lambda conn: publish(conn, tenant, PIPELINE, BARE, **later))
    found = await db.write(lambda conn: current_version(conn, tenant, PIPELINE))
    assert found is not None
    assert found.funnels[0].checkpoints == ()


async def test_one_tenants_versions_are_not_anothers(db: Database, tenant: int) -> None:
    other = await db.write(lambda conn: add_installation(conn, external_id="1002"))
    await db.write(lambda conn: put_out(conn, tenant))
    assert await db.read(lambda conn: current_version(conn, other, PIPELINE)) is None
    assert await db.read(lambda conn: list_versions(conn, other, PIPELINE)) == []


async def test_a_publication_asks_for_the_facts_to_be_read_again(db: Database, tenant: int) -> None:
    await db.write(lambda conn: put_out(conn, tenant))
    await db.write(lambda conn: put_out(conn, tenant))
    query = select(source_cursor.c.source).where(source_cursor.c.installation_id == tenant)
    sources = await db.read(lambda conn: conn.execute(query).scalars().all())
    assert sources == [f"rebuild:{PIPELINE}"]


async def test_a_draft_is_saved_only_by_who_has_seen_its_revision(db: Database, tenant: int) -> None:
    def save(conn: Connection, expected: int | None) -> int:
        return save_draft(conn, tenant, PIPELINE, BARE, expected=expected, **BY)

    assert await db.write(lambda conn: save(conn, NO_DRAFT)) == 1
    assert await db.write(lambda conn: save(conn, 1)) == 2
    for stale in (NO_DRAFT, 1, 3):
        with pytest.raises(Conflict):
            await db.write(partial(save, expected=stale))
    assert await db.write(lambda conn: save(conn, None)) == 3
    assert await db.write(lambda conn: drop_draft(conn, tenant, PIPELINE))
    assert not await db.write(lambda conn: drop_draft(conn, tenant, PIPELINE))


async def test_a_proposed_draft_is_published_and_gone(db: Database, tenant: int) -> None:
    wish: dict[str, Any] = {"template": None, "language": "ru", **BY}
    revision = await db.write(lambda conn: editing.propose_draft(conn, tenant, PIPELINE, **wish))
    more: dict[str, Any] = {"expected": revision, "note": "начали", "language": "ru", **BY}
    number, deals = await db.write(lambda conn: editing.publish_draft(conn, tenant, PIPELINE, **more))
    assert (number, deals) == (1, 0)
    assert await db.read(lambda conn: load_draft(conn, tenant, PIPELINE)) is None
    (head,) = await db.read(lambda conn: list_versions(conn, tenant, PIPELINE))
    assert (head.note, head.published_by) == ("начали", "1")
    (entry,) = await db.read(lambda conn: read_audit(conn, tenant))
    assert (entry.action, entry.subject, entry.detail) == ("funnel.publish", PIPELINE, {"number": 1})


async def test_a_draft_with_errors_is_not_published(db: Database, tenant: int) -> None:
    broken = DOCUMENT.model_copy(deep=True)
    broken.segments[0].checkpoints[0].title = ""
    await db.write(lambda conn: save_draft(conn, tenant, PIPELINE, broken, expected=None, **BY))
    more: dict[str, Any] = {"expected": None, "note": "", "language": "ru", **BY}
    with pytest.raises(Invalid) as refusal:
        await db.write(lambda conn: editing.publish_draft(conn, tenant, PIPELINE, **more))
    assert [each["code"] for each in refusal.value.problems] == ["empty_title"]
    assert await db.read(lambda conn: list_versions(conn, tenant, PIPELINE)) == []


async def test_changing_a_mode_is_a_version_in_which_only_the_mode_differs(db: Database, tenant: int) -> None:
    await db.write(lambda conn: put_out(conn, tenant))
    wish: dict[str, Any] = {"segment_key": None, "language": "ru", **BY}
    number = await db.write(
        lambda conn: editing.change_mode(conn, tenant, PIPELINE, OFFER, GateMode.ENFORCE, **wish)
    )
    new = await db.read(lambda conn: load_version(conn, tenant, PIPELINE, number))
    assert new is not None
    expected = DOCUMENT.model_copy(deep=True)
    next(gate for gate in expected.segments[0].gates if gate.stage_id == OFFER).mode = GateMode.ENFORCE
    assert (number, new.document) == (2, expected)
    assert new.note == "«КП отправлено»: возвращать"


async def test_the_same_mode_again_makes_no_version(db: Database, tenant: int) -> None:
    await db.write(lambda conn: put_out(conn, tenant))
    wish: dict[str, Any] = {"segment_key": None, "language": "ru", **BY}
    number = await db.write(
        lambda conn: editing.change_mode(conn, tenant, PIPELINE, OFFER, GateMode.SHADOW, **wish)
    )
    assert number == 1


async def test_a_mode_changes_in_the_draft_too(db: Database, tenant: int) -> None:
    await db.write(lambda conn: put_out(conn, tenant))
    await db.write(lambda conn: save_draft(conn, tenant, PIPELINE, DOCUMENT, expected=None, **BY))
    wish: dict[str, Any] = {"segment_key": "all", "language": "ru", **BY}
    await db.write(lambda conn: editing.change_mode(conn, tenant, PIPELINE, OFFER, GateMode.WARN, **wish))
    draft = await db.read(lambda conn: load_draft(conn, tenant, PIPELINE))
    assert draft is not None
    assert draft.revision == 2
    assert [gate.mode for gate in draft.document.segments[0].gates if gate.stage_id == OFFER] == [
        GateMode.WARN
    ]


@pytest.mark.parametrize(("stage_id", "segment_key"), [("999", None), (OFFER, "nobody")])
async def test_a_gate_that_does_not_exist_has_no_mode(
    db: Database, tenant: int, stage_id: str, segment_key: str | None
) -> None:
    await db.write(lambda conn: put_out(conn, tenant))
    wish: dict[str, Any] = {"segment_key": segment_key, "language": "ru", **BY}
    with pytest.raises(NotFound):
        await db.write(
            lambda conn: editing.change_mode(conn, tenant, PIPELINE, stage_id, GateMode.WARN, **wish)
        )


async def test_an_old_version_is_published_once_more(db: Database, tenant: int) -> None:
    await db.write(lambda conn: put_out(conn, tenant))
    await db.write(lambda conn: put_out(conn, tenant, BARE))
    wish: dict[str, Any] = {"language": "ru", **BY}
    number, _ = await db.write(lambda conn: editing.restore_version(conn, tenant, PIPELINE, 1, **wish))
    restored = await db.read(lambda conn: load_version(conn, tenant, PIPELINE, 3))
    assert number == 3
    assert restored is not None
    assert restored.document == DOCUMENT
