"""The file's API: administrators only, the tenant from the session alone."""

import asyncio
import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.funnels.answers import view_problems
from app.funnels.routes import PipelineId
from app.funnels.transfer.actions import export_file, keep_import, load_draft_head, load_target
from app.funnels.transfer.answers import ImportedView, ImportRequest, MatchRequest, MatchView
from app.funnels.transfer.beside import view_report
from app.funnels.transfer.bring import Brought, bring
from app.funnels.transfer.read import read_file
from app.funnels.transfer.write import text_of
from app.installations.auth import CurrentAdmin, CurrentServices
from app.installations.services import Services
from app.installations.sessions import SessionViewer
from app.installations.store import get_installation

router = APIRouter(prefix="/api/v1/pipelines/{pipeline_id}/funnel", tags=["funnels"])
YAML = "application/yaml"
_UNFIT = re.compile(r"[^\w.-]+")


@router.get(
    "/file",
    operation_id="exportFunnel",
    response_class=Response,
    responses={
        200: {"description": "The mapping as YAML.", "content": {YAML: {"schema": {"type": "string"}}}}
    },
)
async def export(
    pipeline_id: PipelineId,
    services: CurrentServices,
    viewer: CurrentAdmin,
    version: Annotated[int | None, Query(ge=1, description="A version; the draft when left out.")] = None,
) -> Response:
    """The mapping as a file: the draft, else what is in force, or the version that is asked for."""
    now = services.clock.now()
    file = await services.db.read(
        lambda conn: export_file(conn, viewer.installation_id, pipeline_id, number=version, now=now)
    )
    text = await asyncio.to_thread(text_of, file, viewer.language)
    name = quote(file_name(file.origin.pipeline, file.origin.version))
    return Response(
        text, media_type=YAML, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


@router.post("/file/match", operation_id="matchFunnelFile")
async def match(
    pipeline_id: PipelineId, request: MatchRequest, services: CurrentServices, viewer: CurrentAdmin
) -> MatchView:
    """A file beside this account: what its names mean here, and what an import would leave out.

    Nothing is kept. 422 when the file cannot be read; each problem names its line.
    """
    brought = await _brought(pipeline_id, request, services, viewer)
    draft = await services.db.read(lambda conn: load_draft_head(conn, viewer.installation_id, pipeline_id))
    return brought.view(draft)


@router.post("/file", operation_id="importFunnelFile")
async def import_(
    pipeline_id: PipelineId, request: ImportRequest, services: CurrentServices, viewer: CurrentAdmin
) -> ImportedView:
    """Keep a file's mapping as the draft; nothing of it is in force before it is published.

    409 when there is a draft that nobody has agreed to replace.
    """
    brought = await _brought(pipeline_id, request, services, viewer)
    revision = await services.db.write(
        lambda conn: keep_import(
            conn,
            viewer.installation_id,
            brought,
            request,
            by=viewer.user_id,
            now=services.clock.now(),
        )
    )
    return ImportedView(
        revision=revision,
        report=view_report(brought.report.lines),
        problems=view_problems(brought.problems),
    )


async def _brought(
    pipeline_id: str, request: MatchRequest, services: Services, viewer: SessionViewer
) -> Brought:
    """Reading and matching take their time: in a thread of their own they keep nobody waiting."""
    file = await asyncio.to_thread(read_file, request.file, viewer.language)
    known = await services.db.read(lambda conn: get_installation(conn, viewer.installation_id))
    unseen = services.adapter(known.crm).unseen
    target = await services.db.read(
        lambda conn: load_target(conn, viewer.installation_id, pipeline_id, file, unseen=unseen)
    )
    return await asyncio.to_thread(bring, file, target, request, viewer.language)


def file_name(pipeline: str, version: int | None) -> str:
    """A name to save the file under: `Продажи-v3.yaml`."""
    stem = _UNFIT.sub("-", pipeline).strip("-.")[:60] or "funnel"
    return f"{stem}-v{version}.yaml" if version else f"{stem}.yaml"
