"""The mapping's API: administrators only, the tenant from the session alone."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from sqlalchemy import Connection

from app.errors import BadRequest
from app.funnels import editing, view
from app.funnels.answers import (
    ChangesView,
    DraftSaved,
    FunnelView,
    ModeRequest,
    NewVersion,
    ProposeRequest,
    Published,
    PublishedView,
    PublishRequest,
    VersionsView,
    view_changes,
    view_problems,
)
from app.funnels.diff import changes_between
from app.funnels.document import FunnelDocument
from app.funnels.draft import ANY_REVISION, NO_DRAFT, drop_draft
from app.installations.auth import CurrentAdmin, CurrentServices
from app.installations.store import get_installation

router = APIRouter(prefix="/api/v1/pipelines/{pipeline_id}", tags=["funnels"])
PipelineId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,24}$")]
StageId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
Revision = Annotated[
    str | None, Header(alias="If-Match", description="The draft's revision; `*` when there is none yet.")
]


@router.get("/funnel", operation_id="getFunnel")
async def get_funnel(pipeline_id: PipelineId, services: CurrentServices, viewer: CurrentAdmin) -> FunnelView:
    """The mapping in force, the draft, what is wrong with them and how many deals stand where."""
    return await services.db.read(
        lambda conn: view.read_funnel(conn, viewer.installation_id, pipeline_id, viewer.language)
    )


@router.put("/funnel/draft", operation_id="putFunnelDraft")
async def put_draft(
    pipeline_id: PipelineId,
    document: FunnelDocument,
    services: CurrentServices,
    viewer: CurrentAdmin,
    if_match: Revision = None,
) -> DraftSaved:
    """Keep a draft, finished or not. 409 when somebody else has changed it meanwhile."""
    expected = _revision(if_match, star=NO_DRAFT)
    revision, problems = await services.db.write(
        lambda conn: editing.keep_draft(
            conn,
            viewer.installation_id,
            pipeline_id,
            document,
            expected=expected,
            by=viewer.user_id,
            now=services.clock.now(),
            language=viewer.language,
        )
    )
    return DraftSaved(revision=revision, problems=view_problems(problems))


@router.delete("/funnel/draft", operation_id="deleteFunnelDraft", status_code=204)
async def delete_draft(pipeline_id: PipelineId, services: CurrentServices, viewer: CurrentAdmin) -> None:
    """Forget the draft; what is published stays."""
    await services.db.write(lambda conn: drop_draft(conn, viewer.installation_id, pipeline_id))


@router.post("/funnel/propose", operation_id="proposeFunnel")
async def propose(
    pipeline_id: PipelineId, wish: ProposeRequest, services: CurrentServices, viewer: CurrentAdmin
) -> FunnelView:
    """Replace the draft by a proposal read from the stage names, or by a template."""

    def work(conn: Connection) -> int:
        known = get_installation(conn, viewer.installation_id)
        return editing.propose_draft(
            conn,
            known.id,
            pipeline_id,
            template=wish.template,
            by=viewer.user_id,
            now=services.clock.now(),
            language=viewer.language,
            unseen=services.adapter(known.crm).unseen,
        )

    await services.db.write(work)
    return await get_funnel(pipeline_id, services, viewer)


@router.post("/funnel/publish", operation_id="publishFunnel")
async def publish(
    pipeline_id: PipelineId,
    wish: PublishRequest,
    services: CurrentServices,
    viewer: CurrentAdmin,
    if_match: Revision = None,
) -> Published:
    """Make the draft the next version. 422 with the problems when it has errors."""
    expected = _revision(if_match, star=ANY_REVISION)
    number, deals = await services.db.write(
        lambda conn: editing.publish_draft(
            conn,
            viewer.installation_id,
            pipeline_id,
            expected=expected,
            by=viewer.user_id,
            now=services.clock.now(),
            note=wish.note,
            language=viewer.language,
        )
    )
    return Published(number=number, deals_reread=deals)


@router.get("/funnel/versions", operation_id="listFunnelVersions")
async def list_versions(
    pipeline_id: PipelineId, services: CurrentServices, viewer: CurrentAdmin
) -> VersionsView:
    """All versions, newest first: who published what and when."""
    return await services.db.read(lambda conn: view.read_versions(conn, viewer.installation_id, pipeline_id))


@router.get("/funnel/versions/{number}", operation_id="getFunnelVersion")
async def get_version(
    pipeline_id: PipelineId, number: Number, services: CurrentServices, viewer: CurrentAdmin
) -> PublishedView:
    """One version with its document."""
    return await services.db.read(
        lambda conn: view.read_version(conn, viewer.installation_id, pipeline_id, number)
    )


@router.post("/funnel/versions/{number}/restore", operation_id="restoreFunnelVersion")
async def restore(
    pipeline_id: PipelineId, number: Number, services: CurrentServices, viewer: CurrentAdmin
) -> Published:
    """Publish an old version once more as the next one."""
    new, deals = await services.db.write(
        lambda conn: editing.restore_version(
            conn,
            viewer.installation_id,
            pipeline_id,
            number,
            by=viewer.user_id,
            now=services.clock.now(),
            language=viewer.language,
        )
    )
    return Published(number=new, deals_reread=deals)


@router.get("/funnel/changes", operation_id="compareFunnels")
async def compare(
    pipeline_id: PipelineId,
    services: CurrentServices,
    viewer: CurrentAdmin,
    before: Annotated[int, Query(ge=1)],
    after: Annotated[int | None, Query(ge=1, description="A version; the draft when left out.")] = None,
) -> ChangesView:
    """What differs between two versions, or between a version and the draft."""
    old, new = await services.db.read(
        lambda conn: view.read_pair(conn, viewer.installation_id, pipeline_id, before, after)
    )
    return view_changes(changes_between(old, new))


@router.post("/gates/{stage_id}/mode", operation_id="setGateMode")
async def set_gate_mode(
    pipeline_id: PipelineId,
    stage_id: StageId,
    wish: ModeRequest,
    services: CurrentServices,
    viewer: CurrentAdmin,
) -> NewVersion:
    """Make a gate milder or stricter at once: a new version in which nothing else differs."""
    number = await services.db.write(
        lambda conn: editing.change_mode(
            conn,
            viewer.installation_id,
            pipeline_id,
            stage_id,
            wish.mode,
            segment_key=wish.segment_key,
            by=viewer.user_id,
            now=services.clock.now(),
            language=viewer.language,
        )
    )
    return NewVersion(number=number)


def _revision(header: str | None, *, star: int | None) -> int | None:
    text = (header or "").strip().removeprefix("W/").strip('"')
    if text == "*":
        return star
    if not text.isascii() or not text.isdigit():
        raise BadRequest(
            "Say in If-Match which revision of the draft you have seen.", code="if_match_missing"
        )
    return int(text)
