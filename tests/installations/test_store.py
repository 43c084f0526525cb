"""Installations and their catalog come back as they were stored."""

import pytest

from app.crm.port import Grant
from app.db.engine import Database
from app.domain.stage import (
    Catalog,
    DealField,
    FieldKind,
    LossReason,
    Pipeline,
    Stage,
    StageKind,
    StageRef,
    User,
)
from app.errors import NotFound
from app.installations.audit import read_audit, write_audit
from app.installations.hook_keys import (
    ensure_hook_key,
    find_by_hook_key,
    hook_key_of,
    rotate_hook_key,
)
from app.installations.store import (
    InstallationState,
    change_settings,
    find_installation,
    get_installation,
    load_catalog,
    save_catalog,
    save_grant,
    set_state,
)
from app.installations.vault import Vault
from tests.factories import NOW, TestClock
from tests.installations.portal import Portal

CATALOG = Catalog(
    pipelines=(
        Pipeline(
            "7",
            "Продажи",
            (
                Stage(StageRef("7", "70"), "Неразобранное", StageKind.ENTRY, 0, "#c1c1c1"),
                Stage(StageRef("7", "143"), "Закрыто", StageKind.LOST, 9, "#d5d8db"),
            ),
            position=2,
            is_main=True,
            is_archived=True,
        ),
    ),
    users=(User("11", "Анна", is_admin=True, is_active=False, group_id="3"),),
    fields=(DealField("5", "Тип клиента", FieldKind.CHOICE, (("51", "Новый"), ("52", "Повторный"))),),
    loss_reasons=(LossReason("9", "Дорого"),),
    read_at=NOW,
)


async def test_a_catalog_comes_back_whole(db: Database, installation_id: int) -> None:
    assert await db.read(lambda conn: load_catalog(conn, installation_id)) is None
    await db.write(lambda conn: save_catalog(conn, installation_id, CATALOG, NOW))
    assert await db.read(lambda conn: load_catalog(conn, installation_id)) == CATALOG


async def test_a_second_consent_of_the_same_account_revives_its_installation(
    db: Database, portal: Portal
) -> None:
    grant = await portal.grant({"referer": portal.host, "code": "code-1"})
    first, is_new = await db.write(lambda conn: save_grant(conn, "fake", grant, NOW))
    assert is_new
    await db.write(lambda conn: set_state(conn, first.id, InstallationState.DISABLED, "gone", NOW))
    moved = Grant(grant.external_id, "other.crm.test", "Новое имя", "12", grant.tokens)
    second, is_new = await db.write(lambda conn: save_grant(conn, "fake", moved, NOW))
    assert (second.id, is_new) == (first.id, False)
    assert (second.host, second.state, second.removed_at) == (
        "other.crm.test",
        InstallationState.ACTIVE,
        None,
    )


async def test_the_same_account_number_in_another_crm_is_another_account(
    db: Database, installation_id: int
) -> None:
    assert await db.read(lambda conn: find_installation(conn, "other", "1001")) is None
    found = await db.read(lambda conn: find_installation(conn, "fake", "1001"))
    assert found is not None
    assert found.id == installation_id


async def test_settings_change_one_by_one(db: Database, installation_id: int) -> None:
    await db.write(lambda conn: change_settings(conn, installation_id, writes_off=True))
    known = await db.read(lambda conn: get_installation(conn, installation_id))
    assert (known.settings.writes_off, known.settings.language) == (True, "ru")


async def test_an_unknown_installation_is_refused(db: Database) -> None:
    with pytest.raises(NotFound):
        await db.read(lambda conn: get_installation(conn, 404))


async def test_a_hook_key_finds_its_installation_and_nobody_else(
    db: Database, installation_id: int, vault: Vault
) -> None:
    key = await db.write(lambda conn: ensure_hook_key(conn, vault, installation_id, NOW))
    assert await db.write(lambda conn: ensure_hook_key(conn, vault, installation_id, NOW)) == key
    found = await db.read(lambda conn: find_by_hook_key(conn, vault, "fake", key, NOW))
    assert found is not None
    assert found.id == installation_id
    for crm, wrong in (("other", key), ("fake", key[:-1]), ("fake", key.swapcase())):
        nobody = await db.read(
            lambda conn, crm=crm, wrong=wrong: find_by_hook_key(conn, vault, crm, wrong, NOW)  # type: ignore[misc]
        )
        assert nobody is None


async def test_an_old_hook_key_is_good_for_a_day_after_the_change(
    db: Database, installation_id: int, vault: Vault, clock: TestClock
) -> None:
    old = await db.write(lambda conn: ensure_hook_key(conn, vault, installation_id, NOW))
    fresh = await db.write(lambda conn: rotate_hook_key(conn, vault, installation_id, NOW))
    assert fresh != old
    assert await db.read(lambda conn: hook_key_of(conn, vault, installation_id)) == fresh
    for hours, is_good in ((23, True), (25, False)):
        clock.advance(hours * 3600 - clock.monotonic())
        found = await db.read(lambda conn: find_by_hook_key(conn, vault, "fake", old, clock.now()))
        assert (found is not None) is is_good


async def test_the_audit_counts_without_gaps_newest_first(db: Database, installation_id: int) -> None:
    for action in ("installed", "removed"):
        await db.write(
            lambda conn, action=action: write_audit(  # type: ignore[misc]
                conn, installation_id, actor="11", action=action, now=NOW, detail={"way": "token"}
            )
        )
    entries = await db.read(lambda conn: read_audit(conn, installation_id))
    assert [(entry.seq, entry.action) for entry in entries] == [(2, "removed"), (1, "installed")]
    assert entries[0].detail == {"way": "token"}
