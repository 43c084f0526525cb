"""What an export and an import read and write, in one transaction each; `bring.py` works between."""

from datetime import datetime

from sqlalchemy import Connection

from app.domain.evidence import EvidenceKind
from app.errors import NotFound
from app.funnels.account import require_pipeline, sources_in_use
from app.funnels.document import FunnelDocument
from app.funnels.draft import Draft, load_draft, save_draft
from app.funnels.editing import require_version
from app.funnels.transfer.answers import DraftHead, ImportRequest
from app.funnels.transfer.bring import Brought
from app.funnels.transfer.export import file_of
from app.funnels.transfer.file import Origin, TransferFile
from app.funnels.transfer.people import add_people
from app.funnels.transfer.refusals import draft_exists
from app.funnels.transfer.target import Target
from app.funnels.versions import PublishedVersion, latest_number, load_version
from app.installations.audit import write_audit
from app.installations.store import get_installation

Unseen = frozenset[EvidenceKind]


def export_file(
    conn: Connection, installation_id: int, pipeline_id: str, *, number: int | None, now: datetime
) -> TransferFile:
    """The file of a published version, or without `number` of the draft, else of what is in force.

    Raises NotFound when there is nothing to export.
    """
    catalog, pipeline = require_pipeline(conn, installation_id, pipeline_id)
    published, draft = _source(conn, installation_id, pipeline_id, number)
    if draft is None and published is None:
        raise NotFound("There is nothing to export yet: this pipeline has no mapping.", code="funnel_missing")
    known = get_installation(conn, installation_id)
    origin = Origin(
        account=known.title,
        crm=known.crm,
        account_id=known.external_id,
        pipeline=pipeline.title,
        pipeline_id=pipeline.id,
        version=published.number if published and not draft else None,
        made_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    shown = draft or published
    return file_of(
        shown.document if shown else FunnelDocument(),
        catalog,
        pipeline,
        origin,
        before=published.stages if published else (),
        seeing_all=known.settings.panel_user_ids,
    )


def load_target(
    conn: Connection, installation_id: int, pipeline_id: str, file: TransferFile, *, unseen: Unseen
) -> Target:
    """The account that a file is brought into. `unseen` are the kinds that its CRM lacks. Raises NotFound."""
    catalog, pipeline = require_pipeline(conn, installation_id, pipeline_id)
    known = get_installation(conn, installation_id)
    is_same = (file.origin.crm, file.origin.account_id) == (known.crm, known.external_id)
    sources = sources_in_use(conn, installation_id, pipeline_id)
    return Target(catalog, pipeline, is_same=is_same, sources=sources, unseen=unseen)


def load_draft_head(conn: Connection, installation_id: int, pipeline_id: str) -> DraftHead | None:
    """The draft that an import would replace, or None."""
    draft = load_draft(conn, installation_id, pipeline_id)
    if draft is None:
        return None
    catalog, _ = require_pipeline(conn, installation_id, pipeline_id)
    return DraftHead(revision=draft.revision, updated_by_name=catalog.user_name(draft.updated_by))


def keep_import(
    conn: Connection,
    installation_id: int,
    brought: Brought,
    request: ImportRequest,
    *,
    by: str,
    now: datetime,
) -> int:
    """Keep what was brought over as the draft and give its revision.

    Raises Invalid when two stages came to one without a yes, Conflict when there is a draft that nobody
    has agreed to replace, or another one by now; nothing is kept then.
    """
    pipeline_id, language = brought.target.pipeline.id, brought.report.language
    brought.require_agreed(request.merged)
    if request.draft_revision == 0 and load_draft(conn, installation_id, pipeline_id):
        raise draft_exists(language)
    expected = request.draft_revision
    document = brought.document
    revision = save_draft(conn, installation_id, pipeline_id, document, expected=expected, by=by, now=now)
    if brought.user_ids:
        add_people(conn, installation_id, brought.user_ids, by=by, now=now)
    origin, lines = brought.file.origin, brought.report.lines
    left_out = sum(line.is_left_out for line in lines)
    detail = {"from": origin.account, "pipeline": origin.pipeline, "left_out": left_out}
    write_audit(
        conn, installation_id, actor=by, action="funnel.import", now=now, subject=pipeline_id, detail=detail
    )
    return revision


def _source(
    conn: Connection, installation_id: int, pipeline_id: str, number: int | None
) -> tuple[PublishedVersion | None, Draft | None]:
    """What is exported: that version alone, or the draft and the version in force under it."""
    if number is not None:
        return require_version(conn, installation_id, pipeline_id, number), None
    latest = latest_number(conn, installation_id, pipeline_id)
    published = load_version(conn, installation_id, pipeline_id, latest)
    return published, load_draft(conn, installation_id, pipeline_id)
