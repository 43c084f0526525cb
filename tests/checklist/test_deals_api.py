"""Who may see and say what about a deal, and how the page hears of news."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.crm.errors import NotFound, Unavailable
from app.db.engine import Database
from app.db.lane import ready_installations
from app.domain.evidence import EvidenceKind
from app.installations.audit import read_audit
from app.ledger.read import evidence_of
from tests.checklist.desk import ADMIN_ID, DEAL, MANAGER_ID, Desk
from tests.factories import NOW
from tests.funnels.account import OFFER

CARD = f"/api/v1/deals/{DEAL}/checklist"
SAID = {
    "checkpoint_key": "proposal",
    "quote": "посмотрел,  берём сорок мест",
    "happened_on": NOW.date().isoformat(),
    "channel": "meeting",
}


async def prepared(desk: Desk) -> None:
    await desk.publish()
    await desk.known_client()


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_manager_sees_what_the_crm_lets_him_see(desk: Desk) -> None:
    await prepared(desk)
    desk.guard.hidden.add((MANAGER_ID, DEAL))
    assert code(await desk.call("GET", CARD)) == (404, "deal_unknown")
    assert (await desk.call("GET", CARD, "3")).status_code == 200
    assert (await desk.call("GET", CARD, ADMIN_ID)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "checklist", None),
        ("GET", "history", None),
        ("POST", "vouch", SAID),
        ("POST", "contest", {"log_id": "m1", "text": "он открыл"}),
        ("POST", "answer", {"checkpoint_key": "proposal", "answer": None}),
    ],
)
async def test_every_door_to_a_hidden_deal_is_closed(
    desk: Desk, method: str, path: str, body: dict[str, Any] | None
) -> None:
    await prepared(desk)
    desk.guard.hidden.add((MANAGER_ID, DEAL))
    answer = await desk.call(method, f"/api/v1/deals/{DEAL}/{path}", json=body)
    assert code(answer) == (404, "deal_unknown")


async def test_another_tenants_deal_looks_like_none_at_all(desk: Desk) -> None:
    await prepared(desk)
    answer = await desk.call("GET", CARD, ADMIN_ID, tenant=desk.stranger)
    nothing = await desk.call("GET", "/api/v1/deals/999/checklist", ADMIN_ID)
    assert code(answer) == code(nothing) == (404, "deal_unknown")
    assert answer.json()["error"]["sentence"] == nothing.json()["error"]["sentence"]


async def test_without_a_session_nothing_is_told(desk: Desk) -> None:
    answer = await desk.app.http.get(CARD)
    assert code(answer) == (401, "session_missing")


async def test_the_crm_is_asked_once_in_a_quarter_of_an_hour(desk: Desk) -> None:
    await prepared(desk)
    for _ in range(3):
        await desk.card()
    assert desk.guard.asked == 1
    desk.clock.advance(timedelta(minutes=16).total_seconds())
    await desk.card()
    assert desk.guard.asked == 2


async def test_a_new_right_is_seen_within_a_minute(desk: Desk) -> None:
    await prepared(desk)
    desk.guard.hidden.add((MANAGER_ID, DEAL))
    await desk.call("GET", CARD)
    desk.guard.hidden.clear()
    desk.clock.advance(61)
    assert (await desk.call("GET", CARD)).status_code == 200


async def test_while_the_crm_is_silent_its_last_answer_holds(desk: Desk) -> None:
    await prepared(desk)
    await desk.card()
    desk.guard.fault = Unavailable()
    desk.clock.advance(3600)
    assert (await desk.call("GET", CARD)).status_code == 200
    assert code(await desk.call("GET", CARD, "3")) == (503, "crm_unavailable")


async def test_while_the_crm_is_silent_a_manager_still_opens_his_own_deals(desk: Desk) -> None:
    await prepared(desk)
    desk.guard.fault = Unavailable()
    assert (await desk.call("GET", CARD)).json()["deal"]["id"] == DEAL
    assert code(await desk.call("GET", CARD, "3")) == (503, "crm_unavailable")


async def test_a_deal_that_the_crm_does_not_know_is_not_found(desk: Desk) -> None:
    desk.guard.fault = NotFound()
    assert code(await desk.call("GET", CARD)) == (404, "deal_unknown")


async def test_opening_an_unread_deal_has_it_read(desk: Desk) -> None:
    await desk.call("GET", "/api/v1/deals/777/checklist")
    assert await desk.db.read(lambda conn: ready_installations(conn, desk.clock.now())) == [desk.tenant]


async def test_a_deal_that_nobody_may_see_is_never_read(desk: Desk) -> None:
    desk.guard.hidden.update({(ADMIN_ID, "777"), (MANAGER_ID, "777")})
    for user in (ADMIN_ID, MANAGER_ID):
        await desk.call("GET", "/api/v1/deals/777/checklist", user)
    assert await desk.db.read(lambda conn: ready_installations(conn, desk.clock.now())) == []


@pytest.mark.parametrize("deal_id", ["1%20OR%201", "a" * 65, "..%2f1", "１２"])
async def test_an_id_that_cannot_be_is_refused(desk: Desk, deal_id: str) -> None:
    answer = await desk.call("GET", f"/api/v1/deals/{deal_id}/checklist")
    assert answer.status_code in (404, 422)


async def test_the_page_waits_for_news_and_gives_up_after_twenty_seconds(desk: Desk) -> None:
    await prepared(desk)
    card = await desk.card()
    before = desk.clock.monotonic()
    answer = await desk.call("GET", CARD, params={"after": card["revision"]})
    assert (answer.status_code, answer.content) == (304, b"")
    assert 20 <= desk.clock.monotonic() - before < 21


async def test_news_end_the_wait(desk: Desk) -> None:
    await prepared(desk)
    card = await desk.card()
    await desk.tell(desk.fact(EvidenceKind.CALL, "late", 120))
    before = desk.clock.monotonic()
    answer = await desk.call("GET", CARD, params={"after": card["revision"]})
    assert answer.json()["next_key"] == "terms"
    assert desk.clock.monotonic() == before


@pytest.mark.parametrize("news", ["fact", "stop", "mode", "vouch", "answer", "contest"])
async def test_whatever_the_card_shows_changes_its_revision(desk: Desk, news: str) -> None:
    await prepared(desk)
    if news == "contest":
        await desk.tell(desk.drag("m1"), stage_id=OFFER)
    before = (await desk.card())["revision"]
    match news:
        case "fact":
            await desk.tell(desk.fact(EvidenceKind.MAIL, "reply"))
        case "stop":
            await desk.tell(desk.drag("m1"), stage_id=OFFER)
        case "mode":
            await desk.publish()
        case "vouch":
            await desk.call("POST", f"/api/v1/deals/{DEAL}/vouch", json=SAID)
        case "answer":
            wish = {"checkpoint_key": "invoice", "answer": "will_not_happen", "reason": "платит картой"}
            await desk.call("POST", f"/api/v1/deals/{DEAL}/answer", json=wish)
        case _:
            body = {"log_id": "m1", "text": "клиент открыл при мне"}
            await desk.call("POST", f"/api/v1/deals/{DEAL}/contest", json=body)
    assert (await desk.card())["revision"] != before


async def test_reading_the_same_again_keeps_the_revision(desk: Desk) -> None:
    await prepared(desk)
    before = (await desk.card())["revision"]
    await desk.tell(updated_at=NOW)
    assert (await desk.card())["revision"] == before


async def test_a_vouched_step_is_met_with_grade_d_and_its_quote(desk: Desk) -> None:
    await prepared(desk)
    answer = await desk.call("POST", f"/api/v1/deals/{DEAL}/vouch", json=SAID)
    assert answer.status_code == 201
    item = next(each for each in (await desk.card())["items"] if each["key"] == "proposal")
    (fact,) = item["facts"]
    assert (item["state"], item["grade"]) == ("met", "D")
    assert (fact["text"], fact["channel"], fact["author"]) == (
        "посмотрел, берём сорок мест",
        "meeting",
        "Иван Петров",
    )


async def test_the_same_words_twice_are_one_fact(desk: Desk) -> None:
    await prepared(desk)
    answers = [await desk.call("POST", f"/api/v1/deals/{DEAL}/vouch", json=SAID) for _ in range(2)]
    assert len({answer.json()["source_id"] for answer in answers}) == 1
    facts = await facts_of(desk.db, desk.tenant)
    assert facts.count("manual") == 1


async def facts_of(db: Database, tenant: int) -> list[str]:
    return [fact.kind.value for fact in await db.read(lambda conn: evidence_of(conn, tenant, DEAL))]


async def test_vouching_is_written_down_and_wakes_the_judge(desk: Desk) -> None:
    await prepared(desk)
    await desk.call("POST", f"/api/v1/deals/{DEAL}/vouch", json=SAID)
    (entry,) = await desk.db.read(lambda conn: read_audit(conn, desk.tenant))
    assert (entry.actor, entry.action, entry.subject) == (MANAGER_ID, "evidence.vouch", DEAL)
    assert await desk.db.read(lambda conn: ready_installations(conn, desk.clock.now())) == [desk.tenant]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"quote": "да"}, (422, "quote_length")),
        ({"quote": "  да  " * 3}, (201, "")),
        ({"quote": "я" * 501}, (422, "quote_length")),
        ({"quote": "ноль\x00ноль"}, (422, "quote_unprintable")),
        ({"quote": "....."}, (422, "quote_without_words")),
        ({"quote": "12.11 – 5 000"}, (422, "quote_without_words")),
        ({"happened_on": (NOW + timedelta(days=1)).date().isoformat()}, (422, "day_in_future")),
        ({"happened_on": "2019-01-01"}, (422, "day_too_old")),
        ({"happened_on": "завтра"}, None),
        ({"channel": "dream"}, None),
        ({"checkpoint_key": "nothing"}, (404, "checkpoint_unknown")),
        ({"deal_id": "1"}, None),
    ],
)
async def test_a_word_that_cannot_be_is_refused(
    desk: Desk, change: dict[str, str], expected: tuple[int, str] | None
) -> None:
    await prepared(desk)
    answer = await desk.call("POST", f"/api/v1/deals/{DEAL}/vouch", json={**SAID, **change})
    if expected is None:
        assert answer.status_code == 422
    elif expected[0] == 201:
        assert answer.status_code == 201
    else:
        assert code(answer) == expected


async def test_a_stop_is_contested_once_and_shown_so(desk: Desk) -> None:
    await prepared(desk)
    await desk.tell(desk.drag("m1"), stage_id=OFFER)
    path, body = f"/api/v1/deals/{DEAL}/contest", {"log_id": "m1", "text": "клиент открыл при мне"}
    first = await desk.call("POST", path, json=body)
    desk.clock.advance(60)
    second = await desk.call("POST", path, json={**body, "text": "ещё раз"})
    assert first.json() == second.json()
    assert (await desk.card())["stop"]["is_contested"] is True
    actions = [entry.action for entry in await desk.db.read(lambda conn: read_audit(conn, desk.tenant))]
    assert actions == ["stop.contest"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"log_id": "m9", "text": "клиент открыл"}, (404, "stop_unknown")),
        ({"log_id": "m1", "text": " "}, (422, "text_length")),
        ({"log_id": "m1", "text": "ё" * 501}, (422, "text_length")),
        ({"log_id": "m1", "text": "?!.."}, (422, "text_without_words")),
    ],
)
async def test_an_objection_to_nothing_is_refused(
    desk: Desk, body: dict[str, str], expected: tuple[int, str]
) -> None:
    await prepared(desk)
    await desk.tell(desk.drag("m1"), stage_id=OFFER)
    assert code(await desk.call("POST", f"/api/v1/deals/{DEAL}/contest", json=body)) == expected


async def test_a_step_that_will_not_happen_is_waived_until_that_is_taken_back(desk: Desk) -> None:
    await prepared(desk)
    path = f"/api/v1/deals/{DEAL}/answer"

    async def said(answer: str | None) -> tuple[int, str]:
        body = {"checkpoint_key": "proposal", "answer": answer, "reason": "покупает без КП"}
        status = (await desk.call("POST", path, json=body)).status_code
        item = next(each for each in (await desk.card())["items"] if each["key"] == "proposal")
        return status, item["state"]

    assert await said("will_not_happen") == (204, "waived")
    assert await said(None) == (204, "unmet")
    assert await said("reopened") == (204, "unmet")


async def test_vouching_closes_a_reopened_step_again(desk: Desk) -> None:
    await prepared(desk)
    body = {"checkpoint_key": "proposal", "answer": "reopened", "reason": "попросил другое КП"}
    await desk.call("POST", f"/api/v1/deals/{DEAL}/answer", json=body)
    await desk.call("POST", f"/api/v1/deals/{DEAL}/vouch", json=SAID)
    item = next(each for each in (await desk.card())["items"] if each["key"] == "proposal")
    assert item["state"] == "met"


async def test_an_answer_without_a_reason_is_refused(desk: Desk) -> None:
    await prepared(desk)
    body = {"checkpoint_key": "proposal", "answer": "will_not_happen"}
    assert code(await desk.call("POST", f"/api/v1/deals/{DEAL}/answer", json=body)) == (422, "reason_length")


async def test_many_pages_wait_at_once(desk: Desk) -> None:
    await prepared(desk)
    revision = (await desk.card())["revision"]
    waits = [desk.call("GET", CARD, params={"after": revision}) for _ in range(20)]
    answers = await asyncio.gather(*waits)
    assert {answer.status_code for answer in answers} == {304}
