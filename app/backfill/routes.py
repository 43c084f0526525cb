"""Asking for the past to be read again."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.backfill.progress import DEFAULT_DAYS, LONGEST_DAYS, BackfillState, queue_backfill
from app.installations.auth import CurrentAdmin, CurrentServices

router = APIRouter(prefix="/api/v1", tags=["backfill"])


class BackfillRequest(BaseModel):
    """How many days back."""

    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = DEFAULT_DAYS


class BackfillQueued(BaseModel):
    """The backfill waits for a worker."""

    state: BackfillState


@router.post("/backfill", status_code=202, operation_id="queueBackfill")
async def queue(services: CurrentServices, viewer: CurrentAdmin, asked: BackfillRequest) -> BackfillQueued:
    """Have the account's past read; what is known already is not doubled."""
    now = services.clock.now()
    await services.db.write(lambda conn: queue_backfill(conn, viewer.installation_id, asked.days, now))
    return BackfillQueued(state=BackfillState.WAITING)
