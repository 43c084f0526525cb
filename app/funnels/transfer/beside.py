"""A file beside the account, as the guided page and the command line show it."""

from collections.abc import Iterable, Mapping

from app.domain.funnel import GateMode
from app.domain.plain_text import shown
from app.funnels.transfer.answers import (
    DraftHead,
    FieldRowView,
    MatchView,
    OriginView,
    PersonRowView,
    ReportLineView,
    RowView,
    TargetsView,
    TargetView,
)
from app.funnels.transfer.file import FileItem, FileStage, TransferFile
from app.funnels.transfer.matching import Matching
from app.funnels.transfer.report import ReportLine
from app.funnels.transfer.target import Listed, Target
from app.funnels.transfer.usage import Usage

MOST_USES = 4


def view_match(
    file: TransferFile,
    target: Target,
    matching: Matching,
    usage: Usage,
    *,
    draft: DraftHead | None,
    report: Iterable[ReportLine],
    errors: int,
) -> MatchView:
    """All that a person needs to correct the matching; names that the mapping does not use are left out."""
    rows = _Rows(matching, usage)
    gates = [gate for segment in file.segments for gate in segment.gates]
    together = doubled_stages(file, matching, usage)
    return MatchView(
        origin=_origin(file, target),
        segments=len(file.segments),
        steps=sum(len(segment.checkpoints) for segment in file.segments),
        gates=len(gates),
        strict_gates=sum(gate.mode is not GateMode.SHADOW for gate in gates),
        stages=_sharing(rows.of(Listed.STAGE, file.own_stages), together),
        other_stages=rows.of(Listed.STAGE, file.other_stages),
        fields=_fields(file, target, rows),
        people=_people(file, rows),
        sources=rows.of(Listed.SOURCE, [FileItem(name=name) for name in source_names(usage)]),
        targets=_targets(target),
        draft=draft,
        report=view_report(report),
        errors=errors,
    )


def view_report(lines: Iterable[ReportLine]) -> list[ReportLineView]:
    """The report as the API gives it: what stayed out first, the same in several places told once."""
    views: dict[str, ReportLineView] = {}
    for each in sorted(lines, key=lambda line: not line.is_left_out):
        if each.sentence in views:
            views[each.sentence].places.append(each.place)
        else:
            views[each.sentence] = ReportLineView(
                code=each.code, places=[each.place], sentence=each.sentence, is_left_out=each.is_left_out
            )
    return list(views.values())


def source_names(usage: Usage) -> list[str]:
    """Sources that the mapping names."""
    return [name for listed, name, _ in usage if listed is Listed.SOURCE]


def doubled_stages(file: TransferFile, matching: Matching, usage: Usage) -> Mapping[str, list[str]]:
    """Stages of the account, by id, to which several used stages of the file were brought, and those."""
    found: dict[str, list[str]] = {}
    for stage in file.own_stages:
        stage_id = matching.of(Listed.STAGE, stage.name).target
        if stage_id and (Listed.STAGE, stage.name, "") in usage:
            found.setdefault(stage_id, []).append(stage.name)
    return {stage_id: names for stage_id, names in found.items() if len(names) > 1}


class _Rows:
    def __init__(self, matching: Matching, usage: Usage) -> None:
        self._matching, self._usage = matching, usage

    def of(self, listed: Listed, items: Iterable[FileItem], home: str = "") -> list[RowView]:
        """Rows of those items that the mapping uses; `home` is the field of choices."""
        rows = []
        for item in items:
            name, choice = (home, item.name) if home else (item.name, "")
            uses = self._usage.get((listed, name, choice))
            if uses:
                rows.append(self._row(listed, item, name, choice, uses))
        return rows

    def _row(self, listed: Listed, item: FileItem, name: str, choice: str, uses: list[str]) -> RowView:
        found = self._matching.of(listed, name, choice)
        return RowView(
            name=item.name,
            title=shown(item.shown),
            hint=shown(item.pipeline) if isinstance(item, FileStage) else "",
            target=found.target,
            sureness=found.sureness.value,
            reason=found.reason.value,
            uses=uses[:MOST_USES],
            uses_more=max(0, len(uses) - MOST_USES),
        )


def _sharing(rows: list[RowView], together: Mapping[str, list[str]]) -> list[RowView]:
    for row in rows:
        row.shares_with = [name for name in together.get(row.target, ()) if name != row.name]
    return rows


def _fields(file: TransferFile, target: Target, rows: _Rows) -> list[FieldRowView]:
    views = []
    by_name = {each.name: each for each in file.fields}
    for row in rows.of(Listed.FIELD, file.fields):
        entry, found = by_name[row.name], target.field(row.target)
        options = [label for _, label in found.options] if found else []
        choices = rows.of(Listed.CHOICE, entry.choices, home=entry.name) if options else []
        views.append(
            FieldRowView(**{**row.model_dump(), "hint": entry.type.value}, choices=choices, options=options)
        )
    return views


def _people(file: TransferFile, rows: _Rows) -> list[PersonRowView]:
    seeing = {each.name for each in file.people if each.sees_all}
    found = rows.of(Listed.PERSON, file.people)
    return [PersonRowView(**row.model_dump(), sees_all=row.name in seeing) for row in found]


def _targets(target: Target) -> TargetsView:
    return TargetsView(
        stages=[
            TargetView(id=stage.ref.stage_id, title=stage.title, group=stage.kind.value)
            for stage in target.pipeline.stages
        ],
        other_stages=[
            TargetView(id=str(stage.ref), title=stage.title, group=target.pipeline_title(stage))
            for stage in target.other_stages
        ],
        fields=[
            TargetView(id=each.id, title=each.title, group=each.kind.value) for each in target.catalog.fields
        ],
        people=[TargetView(id=user.id, title=user.name) for user in target.people],
        sources=list(target.sources),
    )


def _origin(file: TransferFile, target: Target) -> OriginView:
    origin = file.origin
    return OriginView(
        account=shown(origin.account),
        pipeline=shown(origin.pipeline),
        version=origin.version,
        made_at=shown(origin.made_at),
        is_same_account=target.is_same,
    )
