"""A CRM in memory: deals, an append-only log that may lag, notes, tasks, and people who act."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.clock import Clock
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.stage import Catalog, Pipeline, Stage, StageKind, StageRef, User

SERVICE_USER = "900"
MANAGER = "501"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the CRM's log: a move or a fact, and when the log begins to show it."""

    move: StageMove | None
    fact: Evidence | None
    at: datetime
    visible_at: datetime
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A note, tag or task that somebody made through the API."""

    id: str
    deal_id: str
    kind: str
    text: str
    at: datetime
    visible_at: datetime


def make_stage(pipeline_id: str, stage_id: str, position: int, kind: StageKind = StageKind.OPEN) -> Stage:
    """A stage titled after its id."""
    return Stage(StageRef(pipeline_id, stage_id), f"Stage {stage_id}", kind, position)


def make_catalog(*pipeline_ids: str) -> Catalog:
    """Pipelines of an intake stage, four open stages (`a` to `d`), a won and a lost one."""
    pipelines = []
    for index, pipeline_id in enumerate(pipeline_ids):
        stages = [make_stage(pipeline_id, "new", 0, StageKind.ENTRY)]
        stages += [make_stage(pipeline_id, name, at) for at, name in enumerate("abcd", 1)]
        stages += [
            make_stage(pipeline_id, "won", 8, StageKind.WON),
            make_stage(pipeline_id, "lost", 9, StageKind.LOST),
        ]
        pipelines.append(Pipeline(pipeline_id, f"Pipeline {pipeline_id}", tuple(stages), index, index == 0))
    users = (User(MANAGER, "Manager"), User(SERVICE_USER, "Service", is_admin=True))
    return Catalog(tuple(pipelines), users)


@dataclass
class FakeCrm:
    """One account. `lag` tells how long an entry made now stays invisible; `tell` rings the doorbell."""

    clock: Clock
    catalog: Catalog = field(default_factory=lambda: make_catalog("p", "q"))
    lag: Callable[[], timedelta] = timedelta
    tell: Callable[[str], None] = lambda _: None
    tells_authors: bool = True
    deals: dict[str, Deal] = field(default_factory=dict)
    log: dict[str, list[Entry]] = field(default_factory=dict)
    written: list[Written] = field(default_factory=list)
    _last_id: int = 0

    def create_deal(self, deal_id: str, stage: StageRef, *, contact_ids: tuple[str, ...] = ()) -> Deal:
        """A deal that is made straight in `stage`."""
        now = self.clock.now()
        made = Deal(
            id=deal_id,
            title=f"Deal {deal_id}",
            stage=stage,
            created_at=now,
            updated_at=now,
            read_at=now,
            responsible_id=MANAGER,
            created_by=MANAGER,
            contact_ids=contact_ids,
        )
        self.deals[deal_id] = made
        self._log_move(deal_id, None, stage, MANAGER, MoveOrigin.CREATION)
        return made

    def move(
        self,
        deal_id: str,
        to: StageRef,
        by: str = MANAGER,
        origin: MoveOrigin = MoveOrigin.PERSON,
        *,
        is_ours: bool = False,
    ) -> None:
        """Put the deal into another stage; nothing happens when it stands there already."""
        deal = self.deals.get(deal_id)
        if deal is None or deal.stage == to:
            return
        self.deals[deal_id] = replace(deal, stage=to, updated_at=self.clock.now())
        self._log_move(deal_id, deal.stage, to, by, origin, is_ours=is_ours)

    def happen(
        self,
        deal_id: str,
        kind: EvidenceKind = EvidenceKind.CALL,
        direction: Direction | None = Direction.INCOMING,
        *,
        seconds: int = 120,
        grade: Grade = Grade.B,
        text: str = "",
        subject: str = "",
    ) -> Evidence | None:
        """Something that may prove a client's step."""
        if deal_id not in self.deals:
            return None
        now = self.clock.now()
        fact = Evidence(
            source_id=f"fact:{self.next_id()}",
            deal_id=deal_id,
            kind=kind,
            grade=grade,
            occurred_at=now,
            recorded_at=now,
            direction=direction,
            seconds=seconds,
            text=text,
            subject=subject,
        )
        self._append(deal_id, None, fact)
        return fact

    def delete(self, deal_id: str) -> None:
        """The deal is gone; its log is kept, but nobody can ask for it."""
        self.deals.pop(deal_id, None)
        self.tell(deal_id)

    def write(self, deal_id: str, kind: str, text: str) -> str:
        """A note, tag or task on the deal; returns its id."""
        now = self.clock.now()
        made = Written(self.next_id(), deal_id, kind, text, now, now + self.lag())
        if kind != "tag" or all(
            (each.deal_id, each.kind, each.text) != (deal_id, kind, text) for each in self.written
        ):
            self.written.append(made)
        self.tell(deal_id)
        return made.id

    def untag(self, deal_id: str, text: str) -> str:
        """The tag goes from the deal; returns an id of the change."""
        gone = (deal_id, "tag", text)
        self.written = [each for each in self.written if (each.deal_id, each.kind, each.text) != gone]
        self.tell(deal_id)
        return self.next_id()

    def found(self, deal_id: str, kind: str) -> list[Written]:
        """What a search for the deal's notes, tags or tasks shows now."""
        now = self.clock.now()
        return [
            each
            for each in self.written
            if (each.deal_id, each.kind) == (deal_id, kind) and each.visible_at <= now
        ]

    def seen(self, deal_id: str) -> list[Entry]:
        """What the log shows of the deal now, oldest first."""
        now = self.clock.now()
        return [entry for entry in self.log.get(deal_id, []) if entry.visible_at <= now]

    def moves(self, deal_id: str) -> list[StageMove]:
        """All moves of the deal as they truly happened."""
        return [entry.move for entry in self.log.get(deal_id, []) if entry.move]

    def texts(self, deal_id: str, kind: str) -> list[str]:
        """Texts of the deal's notes, tags or tasks."""
        return [each.text for each in self.written if each.deal_id == deal_id and each.kind == kind]

    def next_id(self) -> str:
        """The next id of the account; all of the same length, so that they sort."""
        self._last_id += 1
        return f"{self._last_id:06d}"

    def _log_move(
        self,
        deal_id: str,
        came_from: StageRef | None,
        to: StageRef,
        by: str,
        origin: MoveOrigin,
        *,
        is_ours: bool = False,
    ) -> None:
        now = self.clock.now()
        actor = by if self.tells_authors else ""
        move = StageMove(self.next_id(), deal_id, came_from, to, actor, origin, now, now)
        self._append(deal_id, move, None, is_ours=is_ours)

    def _append(
        self, deal_id: str, move: StageMove | None, fact: Evidence | None, *, is_ours: bool = False
    ) -> None:
        now, entries = self.clock.now(), self.log.setdefault(deal_id, [])
        visible_at = now + self.lag()
        if entries:
            visible_at = max(visible_at, entries[-1].visible_at)
        entries.append(Entry(move, fact, now, visible_at, is_ours))
        self.tell(deal_id)
