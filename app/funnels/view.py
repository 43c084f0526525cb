"""All that the editor shows of a pipeline, read in one transaction."""

from sqlalchemy import Connection

from app.domain.playbook import playbook
from app.domain.stage import Catalog, Pipeline
from app.domain.translate import translate_stage
from app.errors import NotFound
from app.funnels.account import count_by_segment, count_by_stage, require_pipeline
from app.funnels.answers import (
    DraftView,
    FunnelView,
    PublishedView,
    StageMeaningView,
    VersionsView,
    view_problems,
    view_version,
)
from app.funnels.broken import broken_rules
from app.funnels.document import FunnelDocument
from app.funnels.draft import Draft, load_draft
from app.funnels.editing import require_version
from app.funnels.templates import TEMPLATES
from app.funnels.validate import problems_of
from app.funnels.versions import PublishedVersion, latest_number, list_versions, load_version


def read_funnel(conn: Connection, installation_id: int, pipeline_id: str, language: str) -> FunnelView:
    """The mapping of a pipeline. `problems` are the draft's, or the published one's without a draft."""
    catalog, pipeline = require_pipeline(conn, installation_id, pipeline_id)
    number = latest_number(conn, installation_id, pipeline_id)
    published = load_version(conn, installation_id, pipeline_id, number)
    draft = load_draft(conn, installation_id, pipeline_id)
    shown = draft.document if draft else published.document if published else None
    return FunnelView(
        pipeline_id=pipeline_id,
        published=_view_published(published, catalog) if published else None,
        draft=_view_draft(draft, catalog) if draft else None,
        problems=view_problems(problems_of(shown, pipeline, catalog, language) if shown else []),
        broken=view_problems(broken_rules(published, catalog, language) if published else []),
        stage_counts=count_by_stage(conn, installation_id, pipeline_id),
        segment_counts=count_by_segment(conn, installation_id, pipeline_id),
        stage_meanings=_meanings(pipeline, language),
        templates=list(TEMPLATES),
    )


def read_versions(conn: Connection, installation_id: int, pipeline_id: str) -> VersionsView:
    """All versions, newest first. Raises NotFound."""
    catalog, _ = require_pipeline(conn, installation_id, pipeline_id)
    heads = list_versions(conn, installation_id, pipeline_id)
    return VersionsView(versions=[view_version(each, catalog.user_name(each.published_by)) for each in heads])


def read_version(conn: Connection, installation_id: int, pipeline_id: str, number: int) -> PublishedView:
    """One version with its document. Raises NotFound."""
    catalog, _ = require_pipeline(conn, installation_id, pipeline_id)
    return _view_published(require_version(conn, installation_id, pipeline_id, number), catalog)


def read_pair(
    conn: Connection, installation_id: int, pipeline_id: str, before: int, after: int | None
) -> tuple[FunnelDocument, FunnelDocument]:
    """Two versions' documents, or a version's and the draft's without `after`. Raises NotFound."""
    old = require_version(conn, installation_id, pipeline_id, before).document
    if after is not None:
        return old, require_version(conn, installation_id, pipeline_id, after).document
    draft = load_draft(conn, installation_id, pipeline_id)
    if draft is None:
        raise NotFound("There is no draft to compare with.", code="draft_missing")
    return old, draft.document


def _view_published(published: PublishedVersion, catalog: Catalog) -> PublishedView:
    head = view_version(published, catalog.user_name(published.published_by))
    return PublishedView(**head.model_dump(), document=published.document)


def _view_draft(draft: Draft, catalog: Catalog) -> DraftView:
    return DraftView(
        revision=draft.revision,
        updated_at=draft.updated_at,
        updated_by=draft.updated_by,
        updated_by_name=catalog.user_name(draft.updated_by),
        document=draft.document,
    )


def _meanings(pipeline: Pipeline, language: str) -> dict[str, StageMeaningView]:
    book = playbook(language)
    found = {stage.ref.stage_id: translate_stage(stage) for stage in pipeline.stages}
    return {
        stage_id: StageMeaningView(
            meaning=each.meaning.value,
            steps=list(each.steps),
            titles=[book.wording(step).title for step in each.steps],
        )
        for stage_id, each in found.items()
    }
