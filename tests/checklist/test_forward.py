"""The button that moves a deal on: when the card offers it, what a press does, and what a refusal says."""

from typing import Any

import pytest
from sqlalchemy import Connection, update

from app.db.lane import ready_installations
from app.db.tables import outbox
from app.domain.evidence import EvidenceKind
from app.domain.funnel import GateMode
from app.domain.lock import LockCode, LockState, gated_stages
from app.domain.stage import StageRef
from app.domain.writeback import SURPRISE_LIMIT
from app.funnels.current import current_version
from app.installations.audit import read_audit
from app.installations.store import InstallationState, change_settings, set_state
from app.lock.store import KnownLock, save_lock
from app.outbox.rows import WriteState, rows_of
from tests.checklist.desk import ADMIN_ID, DEAL, MANAGER_ID, Desk
from tests.funnels.account import NEEDS, OFFER, PIPELINE, catalog

FORWARD = f"/api/v1/deals/{DEAL}/forward"


async def ready(desk: Desk) -> dict[str, Any]:
    """A deal whose client has done all that the stage of the sent proposal demands."""
    await desk.publish()
    await desk.known_client()
    card = await desk.card()
    owed = [item["key"] for item in card["items"] if item["opens"] and item["opens"]["stage_id"] == OFFER]
    for key in owed:
        said = {"checkpoint_key": key, "quote": "да, годится", "channel": "meeting"}
        day = desk.clock.now().date().isoformat()
        await desk.call("POST", f"/api/v1/deals/{DEAL}/vouch", json={**said, "happened_on": day})
    return await desk.card()


async def press(desk: Desk, stage_id: str = OFFER, **more: Any) -> tuple[int, Any]:
    answer = await desk.call("POST", FORWARD, json={"stage_id": stage_id}, **more)
    return answer.status_code, answer.json()


async def finish(desk: Desk, state: WriteState, error: str = "", **payload: str) -> None:
    """What the worker did with the press."""
    values = {"state": state.value, "last_error": error, "payload": payload, "done_at": desk.clock.now()}
    await desk.db.write(lambda conn: conn.execute(update(outbox).values(values)))


async def test_the_card_offers_the_next_gated_stage_once_all_is_there(desk: Desk) -> None:
    await desk.publish()
    await desk.known_client()
    before = await desk.card()
    after = await ready(desk)
    assert before["forward"] is None or before["forward"]["stage_id"] == OFFER
    assert after["forward"] == {
        "stage_id": OFFER,
        "stage_title": after["forward"]["stage_title"],
        "state": "ready",
        "text": "",
    }
    assert after["forward"]["stage_title"]
    assert before["revision"] != after["revision"]


async def test_nothing_is_offered_while_the_client_owes_something(desk: Desk) -> None:
    await desk.publish()
    await desk.tell()
    assert (await desk.card())["forward"] is None
    status, body = await press(desk)
    assert (status, body["error"]["code"]) == (409, "not_satisfied")
    assert body["error"]["problems"]
    assert body["error"]["problems"][0]["sentence"] in body["error"]["sentence"]


async def test_a_press_is_stored_audited_and_rings_the_deal(desk: Desk) -> None:
    await ready(desk)
    status, body = await press(desk)
    assert (status, body["state"]) == (202, "moving")
    assert (await desk.card())["forward"]["state"] == "moving"
    rows = await desk.db.read(lambda conn: rows_of(conn, desk.tenant, DEAL))
    assert [(row.kind, row.expected, row.target) for row in rows] == [
        ("move_forward", StageRef(PIPELINE, NEEDS), StageRef(PIPELINE, OFFER))
    ]
    entry = (await desk.db.read(lambda conn: read_audit(conn, desk.tenant)))[0]
    assert (entry.actor, entry.action, entry.subject) == (MANAGER_ID, "deal.forward", DEAL)
    assert await desk.db.read(lambda conn: ready_installations(conn, desk.clock.now())) == [desk.tenant]


async def test_a_second_press_while_moving_changes_nothing(desk: Desk) -> None:
    await ready(desk)
    first, second = await press(desk), await press(desk)
    assert first == second
    assert len(await desk.db.read(lambda conn: rows_of(conn, desk.tenant, DEAL))) == 1


@pytest.mark.parametrize(
    ("error", "payload", "says"),
    [
        ("field_required", {"field": "Бюджет"}, "«Бюджет»"),
        ("field_required", {}, "обязательное поле"),
        ("no_right", {}, "прав"),
        ("refused", {}, "не приняла"),
        ("too_late", {}, "ещё раз"),
    ],
)
async def test_a_refusal_is_told_in_words_and_the_button_may_be_pressed_again(
    desk: Desk, error: str, payload: dict[str, str], says: str
) -> None:
    await ready(desk)
    await press(desk)
    await finish(desk, WriteState.DEAD, error, **payload)
    told = (await desk.card())["forward"]
    assert told["state"] == "refused"
    assert says in told["text"]
    english = (await desk.card(lang="en"))["forward"]["text"]
    assert english.isascii() or "Бюджет" in english
    assert (await press(desk))[0] == 202
    assert (await desk.card())["forward"]["state"] == "moving"


async def test_the_card_says_moving_until_the_deal_has_been_read_again(desk: Desk) -> None:
    await ready(desk)
    await press(desk)
    desk.clock.advance(2)
    sent_at = desk.clock.now()
    await desk.db.write(lambda conn: conn.execute(update(outbox).values(sent_at=sent_at)))
    await finish(desk, WriteState.CONFIRMED)
    assert (await desk.card())["forward"]["state"] == "moving"
    assert (await press(desk))[0] == 202
    assert len(await desk.db.read(lambda conn: rows_of(conn, desk.tenant, DEAL))) == 1
    await desk.tell(stage_id=OFFER)
    told = (await desk.card())["forward"]
    assert told is None or told["stage_id"] != OFFER
    await desk.tell()
    assert (await desk.card())["forward"]["state"] == "ready"


async def test_a_refusal_is_forgotten_when_the_deal_has_moved(desk: Desk) -> None:
    await ready(desk)
    await press(desk)
    await finish(desk, WriteState.DEAD, "refused")
    await desk.tell(desk.drag("m1"), stage_id=OFFER)
    told = (await desk.card())["forward"]
    assert told is None or (told["state"], told["stage_id"] != OFFER) == ("ready", True)


async def test_a_deal_that_stands_elsewhere_is_not_moved(desk: Desk) -> None:
    await ready(desk)
    await desk.tell(desk.drag("m1"), stage_id=OFFER)
    status, body = await press(desk)
    assert (status, body["error"]["code"]) == (409, "deal_elsewhere")


@pytest.mark.parametrize("stage_id", ["no-such-stage", NEEDS])
async def test_only_the_stage_that_the_card_names_can_be_asked_for(desk: Desk, stage_id: str) -> None:
    await ready(desk)
    assert (await press(desk, stage_id))[0] == 409
    assert await desk.db.read(lambda conn: rows_of(conn, desk.tenant, DEAL)) == []


async def test_the_kill_switch_is_told_and_holds(desk: Desk) -> None:
    await ready(desk)
    await desk.db.write(lambda conn: change_settings(conn, desk.tenant, writes_off=True))
    told = (await desk.card())["forward"]
    assert told["state"] == "refused"
    assert "выключил" in told["text"]
    status, body = await press(desk)
    assert (status, body["error"]["code"]) == (409, "writes_off")


async def test_an_account_that_is_not_connected_moves_nothing(desk: Desk) -> None:
    await ready(desk)
    await desk.db.write(lambda conn: set_state(conn, desk.tenant, InstallationState.REAUTH_REQUIRED))
    assert (await desk.card(ADMIN_ID))["forward"]["state"] == "refused"
    status, body = await press(desk, user=ADMIN_ID)
    assert (status, body["error"]["code"]) == (409, "not_connected")


async def test_a_press_that_nobody_can_carry_out_any_more_does_not_turn_for_ever(desk: Desk) -> None:
    await ready(desk)
    await press(desk)
    await desk.db.write(lambda conn: set_state(conn, desk.tenant, InstallationState.REAUTH_REQUIRED))
    told = (await desk.card(ADMIN_ID))["forward"]
    assert (told["state"], "подключить" in told["text"]) == ("refused", True)


async def test_a_press_that_nobody_has_carried_out_in_time_may_be_made_again(desk: Desk) -> None:
    """Its deal's lane may be set aside until a person looks at it."""
    await ready(desk)
    await press(desk)
    desk.clock.advance(SURPRISE_LIMIT.total_seconds() + 1)
    told = (await desk.card())["forward"]
    assert (told["state"], "долго не отвечала" in told["text"]) == ("refused", True)
    assert (await press(desk))[0] == 202
    assert (await desk.card())["forward"]["state"] == "moving"


async def test_a_hidden_deal_cannot_be_moved(desk: Desk) -> None:
    await ready(desk)
    desk.guard.hidden.add((MANAGER_ID, DEAL))
    desk.clock.advance(3600)
    assert (await press(desk))[0] == 404


async def test_another_tenant_cannot_move_it(desk: Desk) -> None:
    await ready(desk)
    assert (await press(desk, user=ADMIN_ID, tenant=desk.stranger))[0] == 404


async def test_the_history_tells_of_the_move(desk: Desk) -> None:
    await ready(desk)
    await press(desk)
    await finish(desk, WriteState.DEAD, "no_right")
    history = (await desk.call("GET", f"/api/v1/deals/{DEAL}/history")).json()["entries"]
    writes = [each for each in history if each["kind"] == "write"]
    assert [(each["action"], each["state"], each["reason"]) for each in writes] == [
        ("move_forward", "dead", "no_right")
    ]


async def test_a_lock_alone_opens_no_way_for_a_client_who_owes_a_step(desk: Desk) -> None:
    await desk.publish(GateMode.ENFORCE)
    await desk.tell(desk.fact(EvidenceKind.FORM, "form"))
    version = await desk.db.read(lambda conn: current_version(conn, desk.tenant, PIPELINE))
    assert version is not None
    gated = {each.stage.ref.stage_id: each for each in gated_stages(version, catalog())}[OFFER]

    def lock(conn: Connection) -> None:
        known = KnownLock(
            gated.stage.ref, gated.signature, LockState.HOLDS, LockCode.NONE, desk.clock.now(), "2"
        )
        save_lock(conn, desk.tenant, known)

    await desk.db.write(lock)
    assert (await desk.card())["forward"] is None
    status, body = await press(desk)
    assert (status, body["error"]["code"]) == (409, "not_satisfied")
