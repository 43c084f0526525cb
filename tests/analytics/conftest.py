"""A pipeline with a published mapping of three steps, and deals that go through it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.analytics.facts import refresh_deal
from app.crm.port import DealLog
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evidence import Evidence, EvidenceKind, Grade
from app.domain.stage import Stage, StageKind, StageRef
from app.funnels.document import FunnelDocument
from app.funnels.publish import publish
from app.ledger.record import record
from tests.factories import NOW

STEPS = ("asked", "answered", "paid")
STAGES = (
    Stage(StageRef("p", "new"), "New", StageKind.OPEN, 0),
    Stage(StageRef("p", "talk"), "Talk", StageKind.OPEN, 1),
    Stage(StageRef("p", "won"), "Won", StageKind.WON, 2),
    Stage(StageRef("p", "lost"), "Lost", StageKind.LOST, 3),
)


def mapping(*, segments: tuple[str, ...] = ("all",)) -> FunnelDocument:
    """Steps proven by a tag of their name; segments other than `all` are told by the source."""
    return FunnelDocument.model_validate({"segments": [_segment(name) for name in segments]})


def _segment(name: str) -> dict[str, object]:
    conditions = [] if name == "all" else [{"subject": "source", "operator": "equals", "value": name}]
    checkpoints = [
        {"key": step, "title": step.title(), "proof": {"triggers": [{"kind": "tag", "subject": step}]}}
        for step in STEPS
    ]
    gates = [
        {"stage_id": "talk", "checkpoint_keys": ["answered"]},
        {"stage_id": "won", "checkpoint_keys": ["paid"]},
    ]
    return {
        "key": name,
        "title": name.title(),
        "conditions": conditions,
        "checkpoints": checkpoints,
        "gates": gates,
    }


def publish_mapping(conn: Connection, installation_id: int, document: FunnelDocument) -> int:
    """The next version of pipeline `p`."""
    return publish(conn, installation_id, "p", document, stages=STAGES, by="1", now=NOW)


@dataclass
class History:
    """What happened to one deal, in hours after its creation."""

    deal_id: str
    acts: list[tuple[str, float]] = field(default_factory=list)
    stages: list[tuple[str, float]] = field(default_factory=list)
    source: str = ""
    responsible_id: str = "7"
    created_at: datetime = NOW - timedelta(days=10)

    def log(self) -> DealLog:
        """As a CRM would tell it."""
        moves, stage = [], StageRef("p", "new")
        for name, hours in self.stages:
            target = StageRef("p", name)
            moves.append(self._move(stage, target, hours))
            stage = target
        deal = Deal(
            self.deal_id,
            f"Deal {self.deal_id}",
            stage,
            self.created_at,
            NOW,
            NOW,
            responsible_id=self.responsible_id,
            source=self.source,
        )
        return DealLog(deal, tuple(moves), tuple(self._fact(name, hours) for name, hours in self.acts), "")

    def _at(self, hours: float) -> datetime:
        return self.created_at + timedelta(hours=hours)

    def _move(self, origin: StageRef, target: StageRef, hours: float) -> StageMove:
        log_id = f"{self.deal_id}-{target.stage_id}-{hours}"
        return StageMove(log_id, self.deal_id, origin, target, "7", MoveOrigin.PERSON, self._at(hours), NOW)

    def _fact(self, name: str, hours: float) -> Evidence:
        source_id = f"{self.deal_id}-{name}-{hours}"
        return Evidence(
            source_id, self.deal_id, EvidenceKind.TAG, Grade.C, self._at(hours), NOW, subject=name
        )


def tell(installation_id: int, *histories: History) -> Callable[[Connection], None]:
    """Record the histories and measure the deals, as the engine does."""

    def work(conn: Connection) -> None:
        for history in histories:
            record(conn, installation_id, history.log(), NOW)
            refresh_deal(conn, installation_id, history.deal_id, NOW)

    return work
