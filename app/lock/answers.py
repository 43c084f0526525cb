"""What the lock's API takes and gives."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.domain.funnel import GateMode
from app.domain.lock import LockCode, LockState
from app.funnels.document import Strict

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_:.|-]{1,64}$")]
TrialState = Literal["making", "waiting", "trying", "done"]


class LockStageRef(BaseModel):
    """A stage by its id and name."""

    stage_id: str
    title: str


class LockRow(BaseModel):
    """A line of the role matrix: from `stage_id` a seller must not be let into any of `closed`."""

    stage_id: str
    title: str
    closed: list[LockStageRef]


class LockPlan(BaseModel):
    """Whether the account's plan has roles at all; null where the CRM does not tell."""

    is_enough: bool | None
    title: str


class LockPassage(BaseModel):
    """A deal that came through a way that should be closed; `by` is a name."""

    deal_id: str
    title: str
    url: str
    by: str
    at: datetime


class LockedStageView(BaseModel):
    """A gated stage and what is known of its lock.

    `closed_to` are the stages from which a seller must not enter it. `leak` is the last passage by a
    person: of a seller where the state is `leaks`, of an administrator where it is `defeated`.
    """

    stage_id: str
    title: str
    mode: GateMode
    closed_to: list[LockStageRef]
    state: LockState
    code: LockCode
    text: str
    checked_at: datetime | None
    checked_by: str
    leak: LockPassage | None


class LockResult(BaseModel):
    """What became of one way when the seller tried it."""

    from_stage_id: str
    from_stage_title: str
    to_stage_id: str
    to_stage_title: str
    state: LockState
    code: LockCode
    text: str


class LockTrialView(BaseModel):
    """A trial. `outcome` is there once it is done; `code` and `text` say why it ended so."""

    trial_id: str
    pipeline_id: str
    stage_id: str
    stage_title: str
    user_id: str
    user_name: str
    deal_id: str
    deal_url: str
    state: TrialState
    outcome: LockState | None
    code: LockCode
    text: str
    started_at: datetime
    results: list[LockResult]


class LockView(BaseModel):
    """The lock of one pipeline. `roles_url` is where the CRM keeps its roles, empty where there is no lock.

    `matrix` is what to set for the sellers' role: it covers the gates that move deals back.
    """

    is_supported: bool
    roles_url: str
    plan: LockPlan
    matrix: list[LockRow]
    stages: list[LockedStageView]
    trial: LockTrialView | None


class TrialRequest(Strict):
    """Which gate is to be tried, and by which seller."""

    pipeline_id: Id
    stage_id: Id
    user_id: Id


class LockTrialNote(BaseModel):
    """What the card of a trial deal shows. `is_yours`: the viewer is the one who is asked to try."""

    trial_id: str
    stage_title: str
    state: TrialState
    outcome: LockState | None
    code: LockCode
    text: str
    is_yours: bool
