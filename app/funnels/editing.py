"""What an admin does to a mapping; the routes and the command line call the same functions.

Each runs inside one transaction, leaves its trace in the audit and never calls the CRM.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from app.domain.evidence import EvidenceKind
from app.domain.funnel import GateMode
from app.errors import Conflict, Invalid, NotFound
from app.funnels.account import require_pipeline, tags_in_use
from app.funnels.document import FunnelDocument
from app.funnels.draft import ANY_REVISION, drop_draft, load_draft, save_draft
from app.funnels.problems import Problem, errors_among
from app.funnels.propose import propose
from app.funnels.publish import count_deals, publish
from app.funnels.validate import problems_of
from app.funnels.versions import PublishedVersion, latest_number, load_version
from app.installations.audit import write_audit

MODE_WORDS: Mapping[str, Mapping[GateMode, str]] = {
    "ru": {
        GateMode.SHADOW: "только смотреть",
        GateMode.WARN: "предупреждать",
        GateMode.ENFORCE: "возвращать",
    },
    "en": {GateMode.SHADOW: "watch only", GateMode.WARN: "warn", GateMode.ENFORCE: "move back"},
}


def keep_draft(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    document: FunnelDocument,
    *,
    expected: int | None,
    by: str,
    now: datetime,
    language: str,
) -> tuple[int, list[Problem]]:
    """Keep a draft, whatever its faults; gives its revision and the faults. Raises Conflict, NotFound."""
    catalog, pipeline = require_pipeline(conn, installation_id, pipeline_id)
    revision = save_draft(conn, installation_id, pipeline_id, document, expected=expected, by=by, now=now)
    return revision, problems_of(document, pipeline, catalog, language)


def propose_draft(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    *,
    template: str | None,
    by: str,
    now: datetime,
    language: str,
    unseen: Collection[EvidenceKind] = (),
) -> int:
    """Replace the draft by a proposal in the viewer's language and give its revision.

    `unseen` are the kinds of evidence that the account's CRM never gives.
    """
    catalog, pipeline = require_pipeline(conn, installation_id, pipeline_id)
    tags = tags_in_use(conn, installation_id, pipeline_id)
    document = propose(catalog, pipeline, language, template=template, tags=tags, unseen=unseen)
    return save_draft(conn, installation_id, pipeline_id, document, expected=ANY_REVISION, by=by, now=now)


def publish_draft(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    *,
    expected: int | None,
    by: str,
    now: datetime,
    note: str,
    language: str,
) -> tuple[int, int]:
    """Make the draft the next version; gives its number and how many deals it re-reads.

    Raises NotFound without a draft, Conflict when it is another one by now, Invalid with the
    problems when it has errors.
    """
    draft = load_draft(conn, installation_id, pipeline_id)
    if draft is None:
        raise NotFound("There is no draft to publish.", code="draft_missing")
    if expected is not None and expected != draft.revision:
        raise Conflict("Somebody else changed this draft. Load it again.", code="draft_changed")
    number = _publish_checked(
        conn, installation_id, pipeline_id, draft.document, by=by, now=now, note=note, language=language
    )
    drop_draft(conn, installation_id, pipeline_id)
    return number, count_deals(conn, installation_id, pipeline_id)


def restore_version(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    number: int,
    *,
    by: str,
    now: datetime,
    language: str,
) -> tuple[int, int]:
    """Publish an old version once more as the next one. Raises NotFound, Invalid."""
    old = require_version(conn, installation_id, pipeline_id, number)
    note = f"Version {number} again" if language == "en" else f"Снова версия {number}"
    new = _publish_checked(
        conn, installation_id, pipeline_id, old.document, by=by, now=now, note=note, language=language
    )
    return new, count_deals(conn, installation_id, pipeline_id)


def change_mode(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    stage_id: str,
    mode: GateMode,
    *,
    segment_key: str | None,
    by: str,
    now: datetime,
    language: str,
) -> int:
    """Publish a version in which only the mode of one stage's gates differs; gives its number.

    A draft gets the same mode, so that publishing it later does not undo the choice. Raises
    NotFound when the version in force has no such gate.
    """
    number = latest_number(conn, installation_id, pipeline_id)
    current = require_version(conn, installation_id, pipeline_id, number)
    document = current.document.model_copy(deep=True)
    if not set_mode(document, stage_id, mode, segment_key):
        raise NotFound("The published rules have no gate on this stage.", code="gate_unknown")
    if document == current.document:
        return number
    new = publish(
        conn,
        installation_id,
        pipeline_id,
        document,
        stages=current.stages,
        by=by,
        now=now,
        note=_mode_note(current, stage_id, mode, language),
    )
    draft = load_draft(conn, installation_id, pipeline_id)
    if draft and set_mode(draft.document, stage_id, mode, segment_key):
        save_draft(
            conn, installation_id, pipeline_id, draft.document, expected=draft.revision, by=by, now=now
        )
    detail = {"stage_id": stage_id, "mode": mode.value, "segment_key": segment_key, "number": new}
    write_audit(
        conn, installation_id, actor=by, action="gate.mode", now=now, subject=pipeline_id, detail=detail
    )
    return new


def set_mode(document: FunnelDocument, stage_id: str, mode: GateMode, segment_key: str | None) -> bool:
    """Set the mode of the gates on a stage in place; False when there is none."""
    gates = [
        gate
        for segment in document.segments
        if segment_key in (None, segment.key)
        for gate in segment.gates
        if gate.stage_id == stage_id
    ]
    for gate in gates:
        gate.mode = mode
    return bool(gates)


def _mode_note(version: PublishedVersion, stage_id: str, mode: GateMode, language: str) -> str:
    title = next((each.title for each in version.stages if each.ref.stage_id == stage_id), stage_id)
    return f"«{title}»: {MODE_WORDS.get(language, MODE_WORDS['en'])[mode]}"


def require_version(
    conn: Connection, installation_id: int, pipeline_id: str, number: int
) -> PublishedVersion:
    """The version of that number. Raises NotFound."""
    found = load_version(conn, installation_id, pipeline_id, number)
    if found is None:
        raise NotFound("There is no such version of these rules.", code="version_unknown")
    return found


def _publish_checked(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    document: FunnelDocument,
    *,
    by: str,
    now: datetime,
    note: str,
    language: str,
) -> int:
    catalog, pipeline = require_pipeline(conn, installation_id, pipeline_id)
    errors = errors_among(problems_of(document, pipeline, catalog, language))
    if errors:
        raise Invalid(
            "Сначала поправьте отмеченное, потом публикуйте."
            if language != "en"
            else "Put the marked points right first, then publish.",
            code="funnel_invalid",
            problems=[each.as_json() for each in errors],
        )
    number = publish(
        conn, installation_id, pipeline_id, document, stages=pipeline.stages, by=by, now=now, note=note
    )
    write_audit(
        conn,
        installation_id,
        actor=by,
        action="funnel.publish",
        now=now,
        subject=pipeline_id,
        detail={"number": number},
    )
    return number
