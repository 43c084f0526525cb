"""The file over the API: out of one account, into another, as a draft; on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.installations.audit import read_audit
from app.installations.store import change_settings, get_installation, save_catalog
from tests.checklist.desk import ADMIN_ID, MANAGER_ID, Desk, open_desk
from tests.factories import NOW
from tests.funnels.account import OFFER, PIPELINE
from tests.funnels.transfer.accounts import ABROAD, abroad, home

Answer = tuple[int, dict[str, Any]]
HOME, AWAY = f"/api/v1/pipelines/{PIPELINE}/funnel", f"/api/v1/pipelines/{ABROAD}/funnel"


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A Russian account and, as the stranger, an English one."""
    async with open_desk(database_url, tmp_path) as opened:
        await opened.db.write(lambda conn: save_catalog(conn, opened.tenant, home(), NOW))
        await opened.db.write(lambda conn: save_catalog(conn, opened.stranger, abroad(), NOW))
        yield opened


async def ask(desk: Desk, method: str, path: str, body: Any = None, **more: Any) -> Answer:
    """A request of the administrator: status and JSON."""
    answer = await desk.call(method, path, more.pop("user", ADMIN_ID), json=body, **more)
    return answer.status_code, answer.json()


async def exported(desk: Desk, query: str = "") -> str:
    answer = await desk.call("GET", f"{HOME}/file{query}", ADMIN_ID)
    assert answer.status_code == 200, answer.text
    return answer.text


async def proposed(desk: Desk) -> dict[str, Any]:
    _, view = await ask(desk, "POST", f"{HOME}/propose", {})
    document: dict[str, Any] = view["draft"]["document"]
    return document


async def away(desk: Desk, path: str, **body: Any) -> Answer:
    """A request to the English account."""
    return await ask(desk, "POST", f"{AWAY}/{path}", body, tenant=desk.stranger)


async def test_a_file_is_saved_under_the_pipeline_s_name(desk: Desk) -> None:
    await proposed(desk)
    answer = await desk.call("GET", f"{HOME}/file", ADMIN_ID)
    assert answer.headers["content-type"].startswith("application/yaml")
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''%D0%9F%D1%80%D0%BE%D0%B4%D0%B0%D0%B6%D0%B8.yaml"
    )


async def test_without_a_mapping_there_is_nothing_to_export(desk: Desk) -> None:
    status, answer = await ask(desk, "GET", f"{HOME}/file")
    assert (status, answer["error"]["code"]) == (404, "funnel_missing")


async def test_a_version_is_exported_as_it_was_published(desk: Desk) -> None:
    await proposed(desk)
    await desk.call("POST", f"{HOME}/publish", ADMIN_ID, json={}, headers={"If-Match": "*"})
    await desk.call(
        "POST", f"/api/v1/pipelines/{PIPELINE}/gates/{OFFER}/mode", ADMIN_ID, json={"mode": "warn"}
    )
    assert "mode: warn" not in await exported(desk, "?version=1")
    assert "mode: warn" in await exported(desk, "?version=2")
    assert "version: 2" in await exported(desk)
    assert (await ask(desk, "GET", f"{HOME}/file?version=9"))[0] == 404


async def test_the_way_there_and_back_in_one_account_changes_nothing(desk: Desk) -> None:
    document = await proposed(desk)
    file = await exported(desk)
    status, made = await ask(desk, "POST", f"{HOME}/file", {"file": file, "draft_revision": 1})
    assert (status, made["report"], made["revision"]) == (200, [], 2)
    _, view = await ask(desk, "GET", HOME)
    assert view["draft"]["document"] == document
    assert view["published"] is None


async def test_a_file_of_another_account_is_matched_and_becomes_a_draft(desk: Desk) -> None:
    await proposed(desk)
    file = await exported(desk)
    status, seen = await away(desk, "file/match", file=file)
    assert status == 200
    assert (seen["origin"]["pipeline"], seen["origin"]["is_same_account"]) == ("Продажи", False)
    offer = next(row for row in seen["stages"] if row["name"] == "КП отправлено")
    assert (offer["target"], offer["sureness"], offer["reason"]) == ("C0:OFFER", "likely", "same_meaning")
    assert offer["uses"]
    kind = next(row for row in seen["fields"] if row["name"] == "Тип клиента")
    assert [(row["name"], row["target"]) for row in kind["choices"]] == [
        ("Срочно", "Urgent"),
        ("Выбирают", "Choosing"),
        ("Тендер", "Tender"),
    ]
    assert seen["draft"] is None
    _, view = await ask(desk, "GET", AWAY, tenant=desk.stranger)
    assert view["draft"] is None

    status, made = await away(desk, "file", file=file)
    assert status == 200
    assert [each for each in made["problems"] if each["severity"] == "error"] == []
    _, view = await ask(desk, "GET", AWAY, tenant=desk.stranger)
    assert view["published"] is None
    assert {gate["stage_id"][:3] for gate in view["draft"]["document"]["segments"][0]["gates"]} == {"C0:"}
    entries = await desk.db.read(lambda conn: read_audit(conn, desk.stranger))
    assert (entries[0].action, entries[0].subject) == ("funnel.import", ABROAD)


async def test_a_draft_is_not_overwritten_without_a_yes(desk: Desk) -> None:
    await proposed(desk)
    file = await exported(desk)
    await away(desk, "propose")
    status, answer = await away(desk, "file", file=file)
    assert (status, answer["error"]["code"]) == (409, "draft_exists")
    _, seen = await away(desk, "file/match", file=file)
    assert seen["draft"] == {"revision": 1, "updated_by_name": ""}
    assert (await away(desk, "file", file=file, draft_revision=7))[0] == 409
    status, made = await away(desk, "file", file=file, draft_revision=1)
    assert (status, made["revision"]) == (200, 2)


async def test_two_stages_are_not_brought_to_one_without_a_yes(desk: Desk) -> None:
    await proposed(desk)
    file = await exported(desk)
    chosen = {"stages": {"КП отправлено": "C0:OFFER", "Снятие возражений": "C0:OFFER"}}
    _, seen = await away(desk, "file/match", file=file, chosen=chosen)
    shared = {row["name"]: row["shares_with"] for row in seen["stages"] if row["shares_with"]}
    assert shared == {"КП отправлено": ["Снятие возражений"], "Снятие возражений": ["КП отправлено"]}
    status, answer = await away(desk, "file", file=file, chosen=chosen)
    assert (status, answer["error"]["code"]) == (422, "two_on_one")
    assert "Proposal sent" in answer["error"]["problems"][0]["sentence"]
    status, made = await away(desk, "file", file=file, chosen=chosen, merged=["C0:OFFER"])
    assert status == 200
    assert "gates_merged" in {line["code"] for line in made["report"]}


async def test_people_see_everybody_s_numbers_only_when_that_is_asked_for(desk: Desk) -> None:
    await desk.db.write(lambda conn: change_settings(conn, desk.tenant, panel_user_ids=("2",)))
    await proposed(desk)
    file = await exported(desk)

    async def seeing() -> tuple[str, ...]:
        known = await desk.db.read(lambda conn: get_installation(conn, desk.stranger))
        return known.settings.panel_user_ids

    _, made = await away(desk, "file", file=file)
    assert "person_not_asked" in {line["code"] for line in made["report"]}
    assert await seeing() == ()
    _, made = await away(desk, "file", file=file, draft_revision=1, with_people=True)
    assert "person_added" in {line["code"] for line in made["report"]}
    assert await seeing() == ("8",)


async def test_nobody_gets_access_by_a_guess_that_no_person_has_agreed_to(desk: Desk) -> None:
    await desk.db.write(lambda conn: change_settings(conn, desk.tenant, panel_user_ids=("2",)))
    await proposed(desk)
    file = (await exported(desk)).replace("Иван Петров", "Игнат Петров")

    async def seeing() -> tuple[str, ...]:
        known = await desk.db.read(lambda conn: get_installation(conn, desk.stranger))
        return known.settings.panel_user_ids

    _, seen = await away(desk, "file/match", file=file)
    assert [(row["target"], row["sureness"]) for row in seen["people"]] == [("8", "guess")]
    _, made = await away(desk, "file", file=file, with_people=True)
    assert await seeing() == ()
    told = {line["code"]: line["is_left_out"] for line in made["report"]}
    assert told["person_guess_left_out"]
    assert not {"person_added", "person_left_out"} & set(told)
    chosen = {"people": {"Игнат Петров": "8"}}
    await away(desk, "file", file=file, draft_revision=1, with_people=True, chosen=chosen)
    assert await seeing() == ("8",)


async def test_a_choice_that_does_not_exist_is_refused(desk: Desk) -> None:
    await proposed(desk)
    file = await exported(desk)
    _, answer = await away(desk, "file/match", file=file, chosen={"stages": {"КП отправлено": "nowhere"}})
    assert answer["error"]["code"] == "no_such_target"
    _, answer = await away(desk, "file/match", file=file, chosen={"stages": {"Нет такой": "C0:OFFER"}})
    assert answer["error"]["code"] == "no_such_name"
    status, _ = await away(desk, "file/match", file=file, chosen={"stagez": {}})
    assert status == 422


@pytest.mark.parametrize("path", ["file", "file/match"])
async def test_a_hostile_file_is_refused_and_nothing_is_kept(desk: Desk, path: str) -> None:
    for file in ("&a [*a]", "[" * 5000, "stepgate: funnel\nformat: 2", "a: !!python/name:os.system"):
        status, answer = await away(desk, path, file=file)
        assert (status, answer["error"]["code"]) == (422, "file_unreadable")
        assert answer["error"]["problems"][0]["sentence"]
    _, view = await ask(desk, "GET", AWAY, tenant=desk.stranger)
    assert view["draft"] is None


async def test_only_administrators_touch_files(desk: Desk) -> None:
    assert (await ask(desk, "GET", f"{HOME}/file", user=MANAGER_ID))[0] == 403
    for path in ("file", "file/match"):
        assert (await ask(desk, "POST", f"{HOME}/{path}", {"file": ""}, user=MANAGER_ID))[0] == 403


async def test_a_pipeline_of_another_account_is_not_there(desk: Desk) -> None:
    await proposed(desk)
    assert (await ask(desk, "GET", f"{HOME}/file", tenant=desk.stranger))[0] == 404
    file = await exported(desk)
    assert (await ask(desk, "POST", f"{HOME}/file", {"file": file}, tenant=desk.stranger))[0] == 404
