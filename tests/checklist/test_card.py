"""The card tells what the client has done, what he owes, and why a move was undone."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from app.crm.errors import Unavailable
from app.crm.port import DealLog
from app.db.tables import installation, lane
from app.domain.deal import MoveOrigin
from app.domain.evidence import EvidenceKind
from app.domain.funnel import GateMode
from app.ledger.record import record
from tests.checklist.desk import ADMIN_ID, DEAL, Desk
from tests.factories import NOW
from tests.funnels.account import BUDGET, NEEDS, OFFER, PIPELINE, REQUIREMENTS, catalog


async def test_the_card_counts_the_clients_steps_and_names_the_next(desk: Desk) -> None:
    await desk.publish()
    await desk.known_client()
    card = await desk.card()
    states = {item["key"]: item["state"] for item in card["items"]}
    assert (card["met"], card["total"], card["next_key"]) == (4, 8, "proposal")
    assert states["requirements"] == "met"
    assert states["proposal"] == "unmet"
    assert card["deal"] == {
        "id": DEAL,
        "title": "ООО «Василёк»",
        "pipeline_id": PIPELINE,
        "stage_id": "4",
        "stage_title": "Классификация",
    }
    assert card["segment"] == {"key": "all", "title": "Все сделки"}
    assert (card["stop"], card["waiting"], card["stale"], card["backfill"]) == (None, None, False, None)


async def test_a_step_shows_its_proof_and_what_would_prove_it(desk: Desk) -> None:
    await desk.publish()
    await desk.known_client()
    items = {item["key"]: item for item in (await desk.card())["items"]}
    (fact,) = items["answered"]["facts"]
    assert (fact["kind"], fact["seconds"], items["answered"]["grade"]) == ("call", 240, "B")
    assert items["proposal"]["opens"] == {
        "stage_id": OFFER,
        "stage_title": "КП отправлено",
        "mode": "enforce",
    }
    assert "письмо от клиента" in [need["words"] for need in items["proposal"]["needs"]]
    assert items["proposal"]["hint"]
    assert items["proposal"]["objections"]


async def test_a_step_says_after_which_other_its_proof_counts(desk: Desk) -> None:
    await desk.publish()
    await desk.known_client()
    items = (await desk.card())["items"]
    titles = {item["key"]: item["title"] for item in items}
    chained = [item for item in items if item["after"]]
    assert {item["after"]["title"] for item in chained} == {titles[item["after"]["key"]] for item in chained}
    in_russian = chained[0]["after"]["title"]
    assert chained[0]["conditions"] == [f"только после шага «{in_russian}»"]
    assert (chained[0]["before"], chained[0]["within_hours"]) == ([], None)
    assert (items[0]["after"], items[0]["conditions"]) == (None, [])
    in_english = {item["key"]: item for item in (await desk.card(lang="en"))["items"]}[chained[0]["key"]]
    assert in_english["conditions"] == [f"only after “{in_russian}”"]


async def test_a_forbidden_move_is_told_with_the_missing_step(desk: Desk) -> None:
    await desk.publish()
    await desk.known_client()
    await desk.tell(desk.drag("m1"), stage_id=OFFER)
    stop = (await desk.card())["stop"]
    assert (stop["action"], stop["state"], stop["is_contested"]) == ("move_back", "pending", False)
    assert (stop["from_stage_title"], stop["to_stage_title"]) == ("Классификация", "КП отправлено")
    assert stop["moved_by"] == "Иван Петров"
    assert stop["missing"] == [
        {
            "key": "proposal",
            "title": "Клиент получил и открыл КП",
            "request": "Открыть коммерческое предложение",
        }
    ]


async def test_the_stop_leaves_the_card_when_the_client_has_acted(desk: Desk) -> None:
    await desk.publish()
    await desk.known_client()
    await desk.tell(desk.drag("m1"), stage_id=OFFER)
    desk.clock.advance(60)
    await desk.tell(desk.fact(EvidenceKind.CALL, "late", 120))
    card = await desk.card()
    assert card["stop"] is None
    assert card["next_key"] == "terms"


async def test_a_shadow_gate_shows_no_stop(desk: Desk) -> None:
    await desk.publish(GateMode.SHADOW)
    await desk.known_client()
    await desk.tell(desk.drag("m1"), stage_id=OFFER)
    assert (await desk.card())["stop"] is None


async def test_a_move_that_waits_for_late_evidence_says_until_when(desk: Desk) -> None:
    await desk.publish()
    await desk.tell()
    await desk.tell(desk.drag("m1", to="3", start="2"), stage_id="3")
    waiting = (await desk.card())["waiting"]
    assert waiting["to_stage_title"] == "Первичные переговоры"
    assert {each["key"] for each in waiting["missing"]} == {"answered", "told_task"}


async def test_without_a_published_mapping_the_card_is_empty_and_not_an_error(desk: Desk) -> None:
    await desk.tell()
    card = await desk.card()
    assert (card["version"], card["segment"], card["items"]) == (None, None, [])


async def test_a_rule_over_a_field_that_is_gone_is_unknown_and_blames_nobody(desk: Desk) -> None:
    await desk.publish(catalog=catalog(REQUIREMENTS, BUDGET))
    await desk.tell()
    items = {item["key"]: item for item in (await desk.card())["items"]}
    assert (items["requirements"]["state"], items["requirements"]["reason"]) == ("unknown", "rule_broken")


@pytest.mark.parametrize("state", ["reauth_required", "paused"])
async def test_a_cut_connection_leaves_the_last_state_with_its_age(desk: Desk, state: str) -> None:
    await desk.publish()
    await desk.tell()
    await desk.db.write(lambda conn: conn.execute(update(installation).values(state=state)))
    desk.guard.fault = Unavailable()
    card = await desk.card(ADMIN_ID)
    assert (card["stale"], card["stale_reason"]) == (True, state)
    assert card["as_of"].startswith(NOW.strftime("%Y-%m-%dT%H"))


async def test_a_deal_whose_reading_fails_is_stale(desk: Desk) -> None:
    await desk.publish()
    await desk.tell()
    assert (await desk.call("POST", f"/api/v1/deals/{DEAL}/vouch", json=VOUCH)).status_code == 201
    await desk.db.write(lambda conn: conn.execute(update(lane).values(tries=3)))
    assert (await desk.card())["stale_reason"] == "crm_unavailable"


VOUCH = {
    "checkpoint_key": "proposal",
    "quote": "посмотрел, берём сорок мест",
    "happened_on": NOW.date().isoformat(),
    "channel": "meeting",
}


async def test_outside_text_cannot_hide_or_run_on(desk: Desk) -> None:
    await desk.publish()
    await desk.tell(title="a\u202eb\r\n\u200b" + "x" * 2000)
    title = (await desk.card())["deal"]["title"]
    assert title.startswith("ab x")
    assert len(title) == 512


async def test_the_history_tells_moves_facts_decisions_and_writes(desk: Desk) -> None:
    await desk.publish()
    await desk.known_client()
    await desk.tell(desk.drag("m1"), stage_id=OFFER)
    answer = await desk.call("GET", f"/api/v1/deals/{DEAL}/history")
    entries = answer.json()["entries"]
    kinds = [entry["kind"] for entry in entries]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "move": 1,
        "evidence": 3,
        "verdict": 1,
        "write": 3,
    }
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)
    verdict = next(entry for entry in entries if entry["kind"] == "verdict")
    assert (verdict["outcome"], verdict["missing"][0]["key"]) == ("blocked", "proposal")


async def test_the_history_does_not_put_our_own_move_down_to_whoever_connected_us(desk: Desk) -> None:
    await desk.publish()
    by_a_person = desk.drag("m1")
    await desk.tell(by_a_person, stage_id=OFFER)
    desk.clock.advance(60)
    await desk.tell(replace(desk.drag("m2", NEEDS, OFFER), origin=MoveOrigin.OWN))
    entries = (await desk.call("GET", f"/api/v1/deals/{DEAL}/history")).json()["entries"]
    moves = [(each["origin"], each["moved_by"]) for each in entries if each["kind"] == "move"]
    assert moves == [("own", "Stepgate"), ("person", "Иван Петров")]


async def test_a_mapping_in_the_viewers_language_is_a_matter_of_the_mapping_words_of_the_viewer(
    desk: Desk,
) -> None:
    await desk.publish()
    await desk.tell()
    items = (await desk.card(lang="en"))["items"]
    needs = next(item for item in items if item["key"] == "proposal")["needs"]
    assert "an e-mail from the client" in [need["words"] for need in needs]


async def test_a_deal_that_is_gone_from_the_crm_has_no_card(desk: Desk) -> None:
    await desk.publish()
    await desk.tell()
    log = DealLog(None, (), (), "")
    await desk.db.write(lambda conn: record(conn, desk.tenant, log, desk.clock.now(), DEAL))
    answer = await desk.call("GET", f"/api/v1/deals/{DEAL}/checklist")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "deal_unknown")
