"""A manager says that a stop is wrong; the administrator reads it, answers, and the manager sees that."""

from typing import Any

import pytest

from app.installations.audit import read_audit
from tests.checklist.desk import ADMIN_ID, DEAL, MANAGER_ID, Desk
from tests.funnels.account import OFFER

OBJECTIONS = "/api/v1/objections"
CLOSE = f"{OBJECTIONS}/m1/close"
SAID = {"log_id": "m1", "text": "клиент открыл при мне"}


async def objected(desk: Desk) -> None:
    await desk.publish()
    await desk.known_client()
    await desk.tell(desk.drag("m1"), stage_id=OFFER)
    answer = await desk.call("POST", f"/api/v1/deals/{DEAL}/contest", json=SAID)
    assert answer.status_code == 200, answer.text


async def listed(desk: Desk, state: str = "open", **more: Any) -> dict[str, Any]:
    answer = await desk.call("GET", f"{OBJECTIONS}?state={state}", ADMIN_ID, **more)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_administrator_reads_what_was_undone_and_what_the_manager_says(desk: Desk) -> None:
    await objected(desk)
    (row,) = (await listed(desk))["objections"]
    assert row == {
        "id": "m1",
        "deal_id": DEAL,
        "deal_title": "ООО «Василёк»",
        "deal_url": f"https://first.crm.test/deal/{DEAL}",
        "log_id": "m1",
        "from_stage_title": "Классификация",
        "to_stage_title": "КП отправлено",
        "missing": ["Клиент получил и открыл КП"],
        "text": "клиент открыл при мне",
        "by": "Иван Петров",
        "at": row["at"],
        "state": "open",
        "note": "",
        "closed_by": "",
        "closed_at": None,
    }
    assert (await listed(desk))["open_count"] == 1


async def test_an_answer_moves_it_to_the_closed_ones_and_into_the_managers_card(desk: Desk) -> None:
    await objected(desk)
    before = (await desk.card())["revision"]
    assert (await desk.card())["stop"]["objection"] == {
        "state": "open",
        "text": "клиент открыл при мне",
        "note": "",
        "closed_by": "",
    }
    answer = await desk.call("POST", CLOSE, ADMIN_ID, json={"note": "  Приложите   письмо "})
    assert (answer.status_code, answer.json()["state"]) == (200, "closed")
    assert await listed(desk) == {"objections": [], "open_count": 0}
    (row,) = (await listed(desk, "closed"))["objections"]
    assert (row["note"], row["closed_by"]) == ("Приложите письмо", "Мария Ильина")
    card = await desk.card()
    assert (card["stop"]["objection"]["state"], card["stop"]["objection"]["note"]) == (
        "closed",
        "Приложите письмо",
    )
    assert card["revision"] != before
    actions = [entry.action for entry in await desk.db.read(lambda conn: read_audit(conn, desk.tenant))]
    assert sorted(actions) == ["objection.close", "stop.contest"]


async def test_a_closed_objection_opens_again_when_the_manager_has_more_to_say(desk: Desk) -> None:
    await objected(desk)
    await desk.call("POST", CLOSE, ADMIN_ID, json={"note": "не вижу письма"})
    desk.clock.advance(60)
    again = {**SAID, "text": "письмо во вложении"}
    await desk.call("POST", f"/api/v1/deals/{DEAL}/contest", json=again)
    (row,) = (await listed(desk))["objections"]
    assert (row["text"], row["note"], row["closed_at"]) == ("письмо во вложении", "", None)


@pytest.mark.parametrize(("method", "path"), [("GET", OBJECTIONS), ("POST", CLOSE)])
async def test_only_an_administrator_reads_and_answers(desk: Desk, method: str, path: str) -> None:
    await objected(desk)
    answer = await desk.call(method, path, MANAGER_ID, json={"note": "сам разберусь"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "admin_only")


async def test_another_accounts_objections_are_neither_seen_nor_answered(desk: Desk) -> None:
    await objected(desk)
    assert (await listed(desk, tenant=desk.stranger))["objections"] == []
    answer = await desk.call("POST", CLOSE, ADMIN_ID, tenant=desk.stranger, json={"note": "закрыто"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "objection_unknown")


@pytest.mark.parametrize(
    ("path", "note", "status", "code"),
    [
        (f"{OBJECTIONS}/m9/close", "такого нет", 404, "objection_unknown"),
        (CLOSE, " ", 422, "text_length"),
        (CLOSE, "ё" * 501, 422, "text_length"),
        (CLOSE, "...", 422, "text_without_words"),
    ],
)
async def test_an_answer_without_words_or_to_nothing_is_refused(
    desk: Desk, path: str, note: str, status: int, code: str
) -> None:
    await objected(desk)
    answer = await desk.call("POST", path, ADMIN_ID, json={"note": note})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
