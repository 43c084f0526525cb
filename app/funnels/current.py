"""The version in force, parsed once and kept."""

from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from app.db.tables import funnel_version
from app.domain.funnel import FunnelVersion
from app.funnels.versions import load_version

_Key = tuple[int, str, int, datetime]
_KEPT: "WeakKeyDictionary[Engine, dict[_Key, FunnelVersion]]" = WeakKeyDictionary()
_LIMIT = 512


def current_version(conn: Connection, installation_id: int, pipeline_id: str) -> FunnelVersion | None:
    """The newest published version of that pipeline as the judge reads it, or None.

    A version never changes, so parsing is done once per database and version; the moment of
    publishing is part of the key because a rolled back publication leaves its number free.
    """
    columns = funnel_version.c
    head = conn.execute(
        select(columns.number, columns.published_at)
        .where(columns.installation_id == installation_id, columns.pipeline_id == pipeline_id)
        .order_by(columns.number.desc())
        .limit(1)
    ).one_or_none()
    if head is None:
        return None
    kept = _KEPT.setdefault(conn.engine, {})
    key = (installation_id, pipeline_id, int(head.number), head.published_at)
    found = kept.get(key)
    if found is None:
        published = load_version(conn, installation_id, pipeline_id, int(head.number))
        if published is None:
            return None
        if len(kept) >= _LIMIT:
            kept.clear()
        found = kept[key] = published.as_rules()
    return found
