"""Reading: bootstrap, board, card, search."""

from fastapi import APIRouter
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Lead
from app.sandbox.amocrm.oauth import describe
from app.sandbox.amocrm.rest.wire import Json, account_of
from app.sandbox.amocrm.ui import shapes
from app.sandbox.amocrm.ui.session import CurrentUser
from app.sandbox.page_forms import UiError

router = APIRouter(prefix="/sandbox/api")
PAGE = 30


@router.get("/bootstrap")
async def bootstrap(request: Request, user: CurrentUser) -> Json:
    """What every page needs first."""
    account = account_of(request)
    return {
        "account": {
            "id": account.id,
            "name": account.name,
            "subdomain": account.subdomain,
            "origin": account.config.origin,
        },
        "user": _user(user.id, account),
        "users": [_user(number, account) for number in account.users],
        "pipelines": _pipelines(account),
        "loss_reasons": [{"id": item.id, "name": item.name} for item in account.loss_reasons.values()],
        "fields": [shapes.field(item, []) for item in account.fields.values() if item.entity == "leads"],
        "tags": sorted(tag.name for tag in account.tags.values() if tag.entity == "leads"),
        "integrations": [describe(item) for item in account.integrations.by_id.values()],
        "now": account.now(),
    }


def _user(number: int, account: Account) -> Json:
    user = account.users[number]
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "is_admin": user.is_admin,
        "is_active": user.is_active,
        "lang": user.lang,
    }


def _pipelines(account: Account) -> list[Json]:
    return [
        {
            "id": line.id,
            "name": line.name,
            "is_main": line.is_main,
            "statuses": [
                {
                    "id": stage.id,
                    "name": stage.name,
                    "color": stage.color,
                    "type": stage.type,
                    "sort": stage.sort,
                }
                for stage in sorted(line.statuses.values(), key=lambda stage: stage.sort)
            ],
        }
        for line in account.pipelines.values()
    ]


@router.get("/board/{pipeline_id}")
async def board(request: Request, pipeline_id: int, limit: int = PAGE) -> Json:
    """The stages of a pipeline, each with its first `limit` cards and its totals."""
    account = account_of(request)
    if pipeline_id not in account.pipelines:
        raise UiError(404, "unknown_pipeline", "Такой воронки нет.")
    by_stage: dict[int, list[Lead]] = {number: [] for number in account.pipelines[pipeline_id].statuses}
    for lead in account.leads.values():
        if lead.pipeline_id == pipeline_id and not lead.is_deleted and lead.merged_into is None:
            by_stage[lead.status_id].append(lead)
    stages = account.pipelines[pipeline_id].statuses.values()
    columns = [
        {
            "id": stage.id,
            "name": stage.name,
            "color": stage.color,
            "type": stage.type,
            **_column(account, by_stage[stage.id], 0, limit),
        }
        for stage in sorted(stages, key=lambda stage: stage.sort)
    ]
    return {"pipeline_id": pipeline_id, "stages": columns}


@router.get("/board/{pipeline_id}/{status_id}")
async def stage(
    request: Request, pipeline_id: int, status_id: int, offset: int = 0, limit: int = PAGE
) -> Json:
    """More cards of one stage."""
    account = account_of(request)
    leads = [
        lead
        for lead in account.leads.values()
        if (lead.pipeline_id, lead.status_id) == (pipeline_id, status_id)
        and not lead.is_deleted
        and lead.merged_into is None
    ]
    return _column(account, leads, offset, limit)


def _column(account: Account, leads: list[Lead], offset: int, limit: int) -> Json:
    leads = sorted(leads, key=lambda lead: (-lead.updated_at, -lead.stage_since, -lead.id))
    return {
        "total": len(leads),
        "sum": sum(lead.price for lead in leads),
        "leads": [shapes.board_lead(account, lead) for lead in leads[offset : offset + limit]],
        "offset": offset,
    }


@router.get("/leads/{lead_id}")
async def card(request: Request, lead_id: int) -> Json:
    """The lead card with its whole feed."""
    account = account_of(request)
    lead = account.leads.get(lead_id)
    if lead is None or lead.is_deleted or lead.merged_into is not None:
        raise UiError(404, "unknown_lead", "Такой сделки нет: возможно, её удалили.")
    return shapes.lead_card(account, lead)


@router.get("/search")
async def search(request: Request, query: str = "") -> Json:
    """The first leads whose name, contact or id has the text."""
    account, wanted = account_of(request), query.strip().casefold()
    found: list[Json] = []
    for lead in account.leads.values():
        people = [account.contacts[number].name for number in lead.contact_ids]
        text = " ".join([str(lead.id), lead.name, *people]).casefold()
        if wanted and wanted in text and not lead.is_deleted:
            found.append(shapes.board_lead(account, lead))
        if len(found) == 20:
            break
    return {"leads": found}
