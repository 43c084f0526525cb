"""What the line of state says of the CRM."""

from sqlalchemy import Connection

from app.db.lane import LaneKey, claim, postpone, release, ring
from tests.checklist.desk import ADMIN_ID, DEAL, Desk
from tests.factories import LEASE, NOW


async def said(desk: Desk) -> str:
    answer = await desk.call("GET", "/api/v1/status", ADMIN_ID)
    return str(answer.json()["crm"]["sentence_code"])


async def test_a_crm_that_does_not_answer_is_not_called_connected(desk: Desk) -> None:
    def fail(conn: Connection) -> None:
        ring(conn, [LaneKey(desk.tenant, "deal", DEAL)], NOW)
        claimed = claim(conn, desk.tenant, "worker", NOW, LEASE)
        assert claimed
        postpone(conn, claimed, retry_at=NOW, error="crm_unavailable", now=NOW)

    def recover(conn: Connection) -> None:
        claimed = claim(conn, desk.tenant, "worker", NOW, LEASE)
        assert claimed
        release(conn, claimed, log_cursor="", next_at=None, now=NOW)

    assert await said(desk) == "ok"
    await desk.db.write(fail)
    assert await said(desk) == "unreachable"
    await desk.db.write(recover)
    assert await said(desk) == "ok"
