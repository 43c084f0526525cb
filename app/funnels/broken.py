"""What changed in the CRM since a mapping was published, and which of its rules that breaks."""

from app.domain.stage import Catalog, Pipeline
from app.funnels.problems import Problem, Reporter
from app.funnels.validate import problems_of
from app.funnels.versions import PublishedVersion

_GONE = frozenset({"unknown_stage", "unknown_field"})


def broken_rules(published: PublishedVersion, catalog: Catalog, language: str) -> list[Problem]:
    """Rules of the version in force that name what is gone (errors), and news of its stages (warnings).

    A gate that rests on something gone only warns until the mapping is published anew; see
    `domain.breakage` for the judge's side of it.
    """
    pipeline = catalog.pipeline(published.pipeline_id)
    report = Reporter(language, [])
    if pipeline is None:
        report.error("", "pipeline_gone")
        return report.found
    gone = [
        each for each in problems_of(published.document, pipeline, catalog, language) if each.code in _GONE
    ]
    report.found.extend(gone)
    _news_of_stages(published, pipeline, report)
    return report.found


def _news_of_stages(published: PublishedVersion, pipeline: Pipeline, report: Reporter) -> None:
    before = {stage.ref: stage for stage in published.stages}
    now = {stage.ref: stage for stage in pipeline.stages}
    for ref, stage in now.items():
        path = f"stages.{ref.stage_id}"
        if ref not in before:
            report.warn(path, "stage_added", stage=stage.title)
        elif before[ref].title != stage.title:
            report.warn(path, "stage_renamed", before=before[ref].title, stage=stage.title)
    if [ref for ref in before if ref in now] != [ref for ref in now if ref in before]:
        report.warn("stages", "stages_reordered")
