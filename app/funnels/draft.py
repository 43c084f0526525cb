"""The draft of a pipeline's mapping: one at a time, guarded by its revision."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.db.tables import funnel_draft
from app.errors import Conflict
from app.funnels.document import FunnelDocument

ANY_REVISION = None
NO_DRAFT = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What an admin is editing. `updated_by` is a user id of the CRM."""

    revision: int
    document: FunnelDocument
    updated_at: datetime
    updated_by: str


def load_draft(conn: Connection, installation_id: int, pipeline_id: str) -> Draft | None:
    """The draft, or None."""
    row = conn.execute(select(funnel_draft).where(*_whose(installation_id, pipeline_id))).one_or_none()
    if row is None:
        return None
    return Draft(row.revision, FunnelDocument.model_validate(row.document), row.updated_at, row.updated_by)


def save_draft(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    document: FunnelDocument,
    *,
    expected: int | None,
    by: str,
    now: datetime,
) -> int:
    """Keep `document` as the draft and give its new revision.

    `expected` is the revision that the writer has seen: 0 for none, None for whatever there is.
    Raises Conflict when the draft is another one by now.
    """
    known = load_draft(conn, installation_id, pipeline_id)
    revision = known.revision if known else NO_DRAFT
    if expected is not None and expected != revision:
        raise _conflict(known)
    values = {
        "revision": revision + 1,
        "document": document.model_dump(mode="json"),
        "updated_at": now,
        "updated_by": by,
    }
    if known:
        _replace(conn, installation_id, pipeline_id, revision, values)
    else:
        _add(conn, installation_id, pipeline_id, values)
    return revision + 1


def drop_draft(conn: Connection, installation_id: int, pipeline_id: str) -> bool:
    """Forget the draft; True when there was one."""
    gone = conn.execute(delete(funnel_draft).where(*_whose(installation_id, pipeline_id)))
    return bool(gone.rowcount)


def _replace(
    conn: Connection, installation_id: int, pipeline_id: str, revision: int, values: dict[str, object]
) -> None:
    changed = conn.execute(
        update(funnel_draft)
        .where(*_whose(installation_id, pipeline_id), funnel_draft.c.revision == revision)
        .values(**values)
    )
    if changed.rowcount != 1:
        raise _conflict(None)


def _add(conn: Connection, installation_id: int, pipeline_id: str, values: dict[str, object]) -> None:
    try:
        conn.execute(
            insert(funnel_draft).values(installation_id=installation_id, pipeline_id=pipeline_id, **values)
        )
    except IntegrityError:
        raise _conflict(None) from None


def _whose(installation_id: int, pipeline_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        funnel_draft.c.installation_id == installation_id,
        funnel_draft.c.pipeline_id == pipeline_id,
    )


def _conflict(known: Draft | None) -> Conflict:
    by = [{"path": "", "code": "changed_by", "sentence": known.updated_by}] if known else []
    return Conflict("Somebody else changed this draft. Load it again.", code="draft_changed", problems=by)
