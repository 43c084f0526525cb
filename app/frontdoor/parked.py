"""What was set aside and waits for a person: deals that could not be worked on, and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel
from sqlalchemy import Connection, select

from app.crm.port import CrmAdapter
from app.db.lane import CRASHED, LaneKey, ParkedLane, drop_parked, parked_lanes, unpark
from app.db.tables import deal
from app.errors import NotFound
from app.installations.audit import write_audit
from app.installations.auth import CurrentAdmin, CurrentServices
from app.installations.store import get_installation

router = APIRouter(prefix="/api/v1/lanes", tags=["status"])
Entity = Literal["deal", "contact", "record", "account"]
EntityId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
MOST_SHOWN = 200
REFUSED = "crm_refused"
WORDS: Mapping[str, Mapping[str, str]] = {
    "ru": {
        REFUSED: "CRM не дала прочитать или изменить запись. Проверьте, на месте ли она, и попробуйте ещё.",
        CRASHED: "Обработка несколько раз обрывалась на полпути.",
        "": "Внутренняя ошибка Stepgate. Если повтор не помог, передайте её код в поддержку.",
    },
    "en": {
        REFUSED: "The CRM did not let us read or change this record. Check that it is there and try again.",
        CRASHED: "The work broke off halfway several times.",
        "": "An internal error of Stepgate. If trying again does not help, give its code to support.",
    },
}


class ParkedView(BaseModel):
    """A deal, a contact or the account's catalog that was set aside. `error` is a stable code.

    `title` and `url` are there for deals that are known.
    """

    entity: Entity
    entity_id: str
    title: str
    url: str | None
    error: str
    sentence: str
    since: datetime | None


class ParkedLanesView(BaseModel):
    """What waits for a person, the longest first; `lanes` are the first 200 of `total`."""

    total: int
    lanes: list[ParkedView]


@router.get("/parked", operation_id="listParkedLanes")
async def list_parked(services: CurrentServices, viewer: CurrentAdmin) -> ParkedLanesView:
    """Deals that could not be worked on: what, since when, and why."""

    def read(conn: Connection) -> ParkedLanesView:
        known = get_installation(conn, viewer.installation_id)
        adapter = services.registry.get(known.crm)
        return view_parked(conn, known.id, viewer.language, adapter, known.host)

    return await services.db.read(read)


@router.post("/{entity}/{entity_id}/retry", operation_id="retryLane", status_code=204)
async def retry(entity: Entity, entity_id: EntityId, services: CurrentServices, viewer: CurrentAdmin) -> None:
    """Work on it again at once. 404 when it does not wait any more."""
    key, now = LaneKey(viewer.installation_id, entity, entity_id), services.clock.now()
    await services.db.write(lambda conn: free_lane(conn, key, by=viewer.user_id, now=now))


@router.post("/{entity}/{entity_id}/drop", operation_id="dropLane", status_code=204)
async def drop(entity: Entity, entity_id: EntityId, services: CurrentServices, viewer: CurrentAdmin) -> None:
    """Leave it be until something new happens to it. 404 when it does not wait any more."""
    key, now = LaneKey(viewer.installation_id, entity, entity_id), services.clock.now()
    await services.db.write(lambda conn: free_lane(conn, key, by=viewer.user_id, now=now, drops=True))


def view_parked(
    conn: Connection, installation_id: int, language: str, adapter: CrmAdapter | None, host: str
) -> ParkedLanesView:
    """The account's parked lanes with titles; `adapter` gives the addresses of deals at `host`."""
    found = parked_lanes(conn, installation_id)
    shown = found[:MOST_SHOWN]
    titles = _titles(conn, installation_id, [each.key.entity_id for each in shown])
    words = WORDS.get(language, WORDS["en"])

    def view(lane: ParkedLane) -> ParkedView:
        _, entity, entity_id = lane.key
        is_deal = entity == "deal"
        return ParkedView.model_validate(
            {
                "entity": entity,
                "entity_id": entity_id,
                "title": titles.get(entity_id, "") if is_deal else "",
                "url": adapter.deal_url(host, entity_id) if adapter and is_deal else None,
                "error": lane.last_error,
                "sentence": words.get(lane.last_error, words[""]),
                "since": lane.since,
            }
        )

    return ParkedLanesView(total=len(found), lanes=[view(each) for each in shown])


def free_lane(conn: Connection, key: LaneKey, *, by: str, now: datetime, drops: bool = False) -> None:
    """Have a parked lane tried again, or let it sleep with `drops`; audited. Raises NotFound."""
    is_done = drop_parked(conn, key) if drops else unpark(conn, key, now)
    if not is_done:
        raise NotFound("This does not wait any more: somebody was faster.", code="lane_not_parked")
    subject = f"{key.entity} {key.entity_id}"
    action = "lane.drop" if drops else "lane.retry"
    write_audit(conn, key.installation_id, actor=by, action=action, now=now, subject=subject)


def _titles(conn: Connection, installation_id: int, deal_ids: list[str]) -> dict[str, str]:
    mine = (deal.c.installation_id == installation_id, deal.c.deal_id.in_(deal_ids))
    return {row.deal_id: row.title for row in conn.execute(select(deal.c.deal_id, deal.c.title).where(*mine))}
