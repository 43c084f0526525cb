"""The versions in force, parsed once and kept."""

from collections.abc import Iterable
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select

from app.db.prepared import keys_of, prepared, wanted
from app.db.tables import funnel_version
from app.domain.funnel import FunnelVersion
from app.funnels.versions import load_version

_Key = tuple[int, str, int, datetime]
_KEPT: "WeakKeyDictionary[Engine, dict[_Key, FunnelVersion]]" = WeakKeyDictionary()
_LIMIT = 512

_other = funnel_version.alias("other")
_HEADS = prepared(
    lambda: (
        select(
            funnel_version.c.installation_id,
            funnel_version.c.pipeline_id,
            funnel_version.c.number,
            funnel_version.c.published_at,
        )
        .select_from(wanted(funnel_version, funnel_version.c.installation_id, funnel_version.c.pipeline_id))
        .where(
            funnel_version.c.number
            == select(func.max(_other.c.number))
            .where(
                _other.c.installation_id == funnel_version.c.installation_id,
                _other.c.pipeline_id == funnel_version.c.pipeline_id,
            )
            .scalar_subquery()
        )
    )
)


class CurrentVersions:
    """The newest published version of each pipeline as one transaction sees it, as the judge reads it.

    A version never changes, so parsing is done once per database and version; the moment of
    publishing is part of the key because a rolled back publication leaves its number free. Which
    version is the newest is asked once in the life of this object.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._found: dict[tuple[int, str], FunnelVersion | None] = {}

    def load(self, pipelines: Iterable[tuple[int, str]]) -> None:
        """Look up several pipelines at once, each as (installation id, pipeline id)."""
        unknown = sorted(set(pipelines) - self._found.keys())
        if not unknown:
            return
        self._found.update(dict.fromkeys(unknown))
        for row in _HEADS.run(self._conn, keys=keys_of(unknown)):
            head = (row.installation_id, row.pipeline_id, int(row.number), row.published_at)
            self._found[head[:2]] = _parsed(self._conn, head)

    def of(self, installation_id: int, pipeline_id: str) -> FunnelVersion | None:
        """The version in force in that pipeline, or None."""
        self.load([(installation_id, pipeline_id)])
        return self._found[installation_id, pipeline_id]


def current_version(conn: Connection, installation_id: int, pipeline_id: str) -> FunnelVersion | None:
    """The version in force in one pipeline, or None."""
    return CurrentVersions(conn).of(installation_id, pipeline_id)


def _parsed(conn: Connection, head: _Key) -> FunnelVersion | None:
    kept = _KEPT.setdefault(conn.engine, {})
    found = kept.get(head)
    if found is None:
        published = load_version(conn, *head[:3])
        if published is None:
            return None
        if len(kept) >= _LIMIT:
            kept.clear()
        found = kept[head] = published.as_rules()
    return found
