"""The administrator's list of objections to stops."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from sqlalchemy import Connection

from app.checklist.answers import ObjectionAnswer, ObjectionRow, ObjectionsView
from app.checklist.names import Names
from app.checklist.objections import read_objections, show_objection
from app.evidence.contest import close_objection, count_open_objections
from app.installations.auth import CurrentAdmin, CurrentServices
from app.installations.store import get_installation, load_catalog

router = APIRouter(prefix="/api/v1/objections", tags=["objections"])
ObjectionId = Annotated[str, Path(min_length=1, max_length=80)]


@router.get("", operation_id="listObjections")
async def get_objections(
    services: CurrentServices, viewer: CurrentAdmin, state: Literal["open", "closed"] = "open"
) -> ObjectionsView:
    """What managers said of stops that they think wrong, newest first."""
    tenant = viewer.installation_id

    def read(conn: Connection) -> ObjectionsView:
        known = get_installation(conn, tenant)
        url = services.adapter(known.crm).deal_url
        rows = read_objections(
            conn, tenant, viewer.language, lambda deal_id: url(known.host, deal_id), is_open=state == "open"
        )
        return ObjectionsView(objections=rows, open_count=count_open_objections(conn, tenant))

    return await services.db.read(read)


@router.post("/{objection_id}/close", operation_id="closeObjection")
async def post_close(
    objection_id: ObjectionId, wish: ObjectionAnswer, services: CurrentServices, viewer: CurrentAdmin
) -> ObjectionRow:
    """Answer an objection; the manager reads the note in the card of the deal."""
    tenant, now = viewer.installation_id, services.clock.now()

    def close(conn: Connection) -> ObjectionRow:
        closed = close_objection(conn, tenant, objection_id, wish.note, by=viewer.user_id, now=now)
        known = get_installation(conn, tenant)
        url = services.adapter(known.crm).deal_url
        names = Names(load_catalog(conn, tenant), viewer.language)
        return show_objection(conn, tenant, closed, names, lambda deal_id: url(known.host, deal_id))

    return await services.db.write(close)
