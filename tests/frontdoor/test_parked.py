"""What was set aside is shown to the administrator with its reason, and freed by him alone."""

import pytest
from sqlalchemy import Connection

from app.db.lane import LaneKey, claim, park, parked_lanes, ready_installations, ring
from app.installations.audit import read_audit
from tests.checklist.desk import ADMIN_ID, DEAL, MANAGER_ID, Desk
from tests.factories import LEASE, NOW

PARKED = "/api/v1/lanes/parked"


async def set_aside(
    desk: Desk, entity_id: str = DEAL, error: str = "crm_refused", entity: str = "deal"
) -> None:
    """A lane of the first tenant that no worker could finish."""

    def work(conn: Connection) -> None:
        ring(conn, [LaneKey(desk.tenant, entity, entity_id)], NOW)
        claimed = claim(conn, desk.tenant, "worker", NOW, LEASE)
        assert claimed
        park(conn, claimed, error=error, now=NOW)

    await desk.db.write(work)


async def test_an_administrator_sees_what_waits_since_when_and_why(desk: Desk) -> None:
    await desk.known_client()
    await set_aside(desk)
    await set_aside(desk, "900", "KeyError", "contact")
    found = (await desk.call("GET", PARKED, ADMIN_ID)).json()
    assert found["total"] == 2
    deal, contact = sorted(found["lanes"], key=lambda each: str(each["entity"]), reverse=True)
    assert (deal["entity"], deal["entity_id"], deal["title"]) == ("deal", DEAL, "ООО «Василёк»")
    assert deal["url"] == f"https://first.crm.test/deal/{DEAL}"
    assert (deal["error"], deal["since"][:10]) == ("crm_refused", f"{NOW:%F}")
    assert "CRM не дала" in deal["sentence"]
    assert (contact["title"], contact["url"]) == ("", None)
    assert "поддержку" in contact["sentence"]
    in_english = (await desk.call("GET", PARKED, ADMIN_ID, lang="en")).json()["lanes"]
    assert any("The CRM did not let us" in each["sentence"] for each in in_english)


async def test_a_retry_gives_the_deal_back_to_the_workers(desk: Desk) -> None:
    await set_aside(desk)
    answer = await desk.call("POST", f"/api/v1/lanes/deal/{DEAL}/retry", ADMIN_ID)
    assert answer.status_code == 204
    ready = await desk.db.read(lambda conn: ready_installations(conn, desk.clock.now()))
    assert ready == [desk.tenant]
    [entry] = await desk.db.read(lambda conn: read_audit(conn, desk.tenant, 1))
    assert (entry.actor, entry.action, entry.subject) == (ADMIN_ID, "lane.retry", f"deal {DEAL}")
    again = await desk.call("POST", f"/api/v1/lanes/deal/{DEAL}/retry", ADMIN_ID)
    assert (again.status_code, again.json()["error"]["code"]) == (404, "lane_not_parked")


async def test_what_is_dropped_sleeps(desk: Desk) -> None:
    await set_aside(desk)
    answer = await desk.call("POST", f"/api/v1/lanes/deal/{DEAL}/drop", ADMIN_ID)
    assert answer.status_code == 204
    assert (await desk.call("GET", PARKED, ADMIN_ID)).json() == {"total": 0, "lanes": []}
    assert await desk.db.read(lambda conn: ready_installations(conn, desk.clock.now())) == []


@pytest.mark.parametrize("deed", ["retry", "drop"])
async def test_nobody_frees_what_is_another_accounts(desk: Desk, deed: str) -> None:
    await set_aside(desk)
    stranger = await desk.call("POST", f"/api/v1/lanes/deal/{DEAL}/{deed}", ADMIN_ID, tenant=desk.stranger)
    assert stranger.status_code == 404
    assert (await desk.call("GET", PARKED, ADMIN_ID, tenant=desk.stranger)).json()["total"] == 0
    assert len(await desk.db.read(lambda conn: parked_lanes(conn, desk.tenant))) == 1


async def test_a_manager_may_neither_see_nor_free(desk: Desk) -> None:
    assert (await desk.call("GET", PARKED, MANAGER_ID)).status_code == 403
    assert (await desk.call("POST", f"/api/v1/lanes/deal/{DEAL}/retry", MANAGER_ID)).status_code == 403
