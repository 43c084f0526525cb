"""Export and import inside one transaction each; the routes and the command line call the same functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.domain.evidence import EvidenceKind
from app.errors import NotFound
from app.funnels.account import require_pipeline, sources_in_use
from app.funnels.document import FunnelDocument
from app.funnels.draft import Draft, load_draft, save_draft
from app.funnels.editing import require_version
from app.funnels.problems import Problem, errors_among
from app.funnels.transfer.answers import Chosen, DraftHead, ImportRequest, MatchRequest, MatchView
from app.funnels.transfer.beside import doubled_stages, view_match
from app.funnels.transfer.carry import Carrier
from app.funnels.transfer.export import file_of
from app.funnels.transfer.file import Origin, TransferFile
from app.funnels.transfer.guesses import tell_guesses
from app.funnels.transfer.matching import Key, Matching, NoSuchTarget, match
from app.funnels.transfer.people import add_people, tell_people
from app.funnels.transfer.refusals import draft_exists, no_such_target, refuse
from app.funnels.transfer.report import Report, ReportLine
from app.funnels.transfer.target import Listed, Target
from app.funnels.transfer.usage import Usage, usage_of
from app.funnels.validate import problems_of
from app.funnels.versions import PublishedVersion, latest_number, load_version
from app.installations.audit import write_audit
from app.installations.store import get_installation

Unseen = frozenset[EvidenceKind]


@dataclass(frozen=True, slots=True)
class Imported:
    """A draft as it was kept."""

    revision: int
    report: list[ReportLine]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class _Carried:
    """A file brought into the account, not kept yet."""

    target: Target
    usage: Usage
    matching: Matching
    document: FunnelDocument
    report: Report
    user_ids: list[str]


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


def compare_file(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    file: TransferFile,
    request: MatchRequest,
    *,
    unseen: Unseen,
    language: str,
) -> MatchView:
    """The file beside the account, with the report of an import as it stands. Raises NotFound, Invalid."""
    carried = _carry(conn, installation_id, pipeline_id, file, request, unseen, language)
    target = carried.target
    draft = load_draft(conn, installation_id, pipeline_id)
    name = target.catalog.user_name(draft.updated_by) if draft else ""
    errors = errors_among(problems_of(carried.document, target.pipeline, target.catalog, language))
    return view_match(
        file,
        target,
        carried.matching,
        carried.usage,
        draft=DraftHead(revision=draft.revision, updated_by_name=name) if draft else None,
        report=carried.report.lines,
        errors=len(errors),
    )


def import_file(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    file: TransferFile,
    request: ImportRequest,
    *,
    unseen: Unseen,
    by: str,
    now: datetime,
    language: str,
) -> Imported:
    """Keep the file's mapping as the draft. Raises NotFound, Invalid, Conflict; nothing is kept then."""
    carried = _carry(conn, installation_id, pipeline_id, file, request, unseen, language)
    target = carried.target
    for stage_id, names in doubled_stages(file, carried.matching, carried.usage).items():
        if stage_id not in request.merged:
            title = next(each.title for each in target.pipeline.stages if each.ref.stage_id == stage_id)
            raise refuse("two_on_one", language, name=title, names=", ".join(names))
    if request.draft_revision == 0 and load_draft(conn, installation_id, pipeline_id):
        raise draft_exists(language)
    document = carried.document
    expected = request.draft_revision
    revision = save_draft(conn, installation_id, pipeline_id, document, expected=expected, by=by, now=now)
    if carried.user_ids:
        add_people(conn, installation_id, carried.user_ids, by=by, now=now)
    left_out = sum(line.is_left_out for line in carried.report.lines)
    detail = {"from": file.origin.account, "pipeline": file.origin.pipeline, "left_out": left_out}
    write_audit(
        conn, installation_id, actor=by, action="funnel.import", now=now, subject=pipeline_id, detail=detail
    )
    problems = problems_of(document, target.pipeline, target.catalog, language)
    return Imported(revision, carried.report.lines, problems)


def _source(
    conn: Connection, installation_id: int, pipeline_id: str, number: int | None
) -> tuple[PublishedVersion | None, Draft | None]:
    """What is exported: that version alone, or the draft and the version in force under it."""
    if number is not None:
        return require_version(conn, installation_id, pipeline_id, number), None
    latest = latest_number(conn, installation_id, pipeline_id)
    published = load_version(conn, installation_id, pipeline_id, latest)
    return published, load_draft(conn, installation_id, pipeline_id)


def _carry(
    conn: Connection,
    installation_id: int,
    pipeline_id: str,
    file: TransferFile,
    request: MatchRequest,
    unseen: Unseen,
    language: str,
) -> _Carried:
    catalog, pipeline = require_pipeline(conn, installation_id, pipeline_id)
    known = get_installation(conn, installation_id)
    is_same = (file.origin.crm, file.origin.account_id) == (known.crm, known.external_id)
    sources = sources_in_use(conn, installation_id, pipeline_id)
    target = Target(catalog, pipeline, is_same=is_same, sources=sources, unseen=unseen)
    usage = usage_of(file, language)
    report = Report(language)
    try:
        matching = match(file, target, usage, _chosen(file, request.chosen, usage, language))
    except NoSuchTarget as error:
        raise no_such_target(error, language) from None
    keeps_modes = request.keep_modes or is_same
    document = Carrier(file, target, matching, report, keeps_modes).document()
    user_ids = tell_people(file, target, matching, report, is_asked=request.with_people)
    tell_guesses(target, matching, usage, report)
    return _Carried(target, usage, matching, document, report, user_ids)


def _chosen(file: TransferFile, chosen: Chosen, usage: Usage, language: str) -> dict[Key, str]:
    """What a person chose, by key. Raises Invalid for a name that the file does not have."""
    known: set[Key] = {*((listed, name, choice) for listed, name, choice in usage)}
    known |= {(Listed.STAGE, each.name, "") for each in file.stages}
    known |= {(Listed.FIELD, each.name, "") for each in file.fields}
    known |= {(Listed.CHOICE, each.name, choice.name) for each in file.fields for choice in each.choices}
    known |= {(Listed.PERSON, each.name, "") for each in file.people}
    found = dict(_named(chosen))
    for key in found.keys() - known:
        raise refuse("no_such_name", language, name=key[2] or key[1])
    return found


def _named(chosen: Chosen) -> Iterator[tuple[Key, str]]:
    lists = (
        (Listed.STAGE, chosen.stages),
        (Listed.FIELD, chosen.fields),
        (Listed.PERSON, chosen.people),
        (Listed.SOURCE, chosen.sources),
    )
    for listed, targets in lists:
        yield from (((listed, name, ""), target) for name, target in targets.items())
    for field, targets in chosen.choices.items():
        yield from (((Listed.CHOICE, field, name), target) for name, target in targets.items())
