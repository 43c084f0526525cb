"""Whose deals the panel counts for a viewer."""

from enum import StrEnum

from sqlalchemy import Connection

from app.errors import Forbidden
from app.installations.sessions import SessionViewer
from app.installations.store import get_installation


class Sees(StrEnum):
    """Whose numbers a viewer gets."""

    OWN = "own"
    EVERYONE = "everyone"


def sight_of(conn: Connection, viewer: SessionViewer) -> Sees:
    """An administrator sees everyone; who else does, the account's settings say."""
    settings = get_installation(conn, viewer.installation_id).settings
    return Sees.EVERYONE if viewer.is_admin or settings.shows_all_to(viewer.user_id) else Sees.OWN


def counted_for(sees: Sees, viewer: SessionViewer, responsible_id: str) -> str:
    """The manager whose deals are counted, empty for all. Raises Forbidden for another one's."""
    if sees is Sees.EVERYONE:
        return responsible_id
    if responsible_id not in ("", viewer.user_id):
        raise Forbidden("You see the numbers of your own deals only.", code="not_your_numbers")
    return viewer.user_id
