"""A deal as read from the CRM, and the moves that its stages went through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from app.domain.stage import StageRef

NO_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal's state at `read_at`. `price` is in the account's currency, whole units."""

    id: str
    title: str
    stage: StageRef
    created_at: datetime
    updated_at: datetime
    read_at: datetime
    price: int = 0
    responsible_id: str = ""
    created_by: str = ""
    closed_at: datetime | None = None
    source: str = ""
    tags: frozenset[str] = frozenset()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_FIELDS)
    contact_ids: tuple[str, ...] = ()
    loss_reason_id: str = ""


class MoveOrigin(StrEnum):
    """Where a move came from; policy and reports tell them apart."""

    PERSON = "person"
    ROBOT = "robot"
    API = "api"
    CREATION = "creation"
    OWN = "own"
    """Stepgate's own write come back as an event: never judged."""


@dataclass(frozen=True, slots=True)
class StageMove:
    """One change of stage from the CRM's own log.

    `log_id` is the CRM's id of the log entry and unique in the installation; it orders moves of
    one deal that share `occurred_at`. `from_stage` is None for a deal created into `to_stage`.
    """

    log_id: str
    deal_id: str
    from_stage: StageRef | None
    to_stage: StageRef
    actor_id: str
    origin: MoveOrigin
    occurred_at: datetime
    recorded_at: datetime
