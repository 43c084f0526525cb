"""One seed: people, hooks, a network, workers that crash and sleep, over the real engine."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Connection, func, insert, select

from app.checklist.forward import forward_view, press_forward
from app.checklist.names import Names
from app.db.lane import LaneKey, ring, sweep, unpark
from app.db.orphans import free_orphans
from app.db.tables import delivery, lane
from app.domain.deal import MoveOrigin, StageMove
from app.domain.evidence import Direction, EvidenceKind
from app.domain.stage import StageRef
from app.inbox.process import Processor
from app.installations.store import InstallationState, get_installation, load_catalog, set_state
from app.ledger.read import deal_of
from tests.crm.fake.client import FakeClient, Fault
from tests.crm.fake.world import MANAGER, SERVICE_USER, FakeCrm
from tests.factories import add_installation
from tests.mapping import checkpoint, gate, mapping, publish_mapping
from tests.sim.inline_database import InlineDatabase
from tests.sim.rounds import Rounds, Work
from tests.sim.virtual_time import SimulatedCrash, Task, VirtualTime
from tests.sim.weather import Weather

CHAOS = 900.0
"""Seconds in which everything may go wrong."""

LONGEST_REST = 7200.0
LAST_POLLS = (70.0, 700.0)
"""Seconds into the calm: after the leases of the dead have ended, and after every grace."""

REFUSALS = (Fault.REJECTED, Fault.FIELD_REQUIRED, Fault.NO_RIGHT)
"""Final, so nothing comes of the write; how such a write ends is tested by itself."""

SETTLE = timedelta(seconds=10)
LEASE = timedelta(seconds=60)
POLL = 180.0
NOTHING_DUE = 600.0
OVERDUE = 15.0
FIRST_DUE = "SELECT min(max(head_at, coalesce(lease_until, 0))) FROM lane WHERE head_at IS NOT NULL"
STAGES = [StageRef("p", name) for name in ("a", "b", "c", "d", "won", "lost")] + [
    StageRef("q", name) for name in ("a", "b", "c")
]


@asynccontextmanager
async def unhurried(_: float) -> AsyncIterator[None]:
    """No deadline: a request of the simulation takes a second at most."""
    yield


@dataclass
class Simulation:
    """Everything of one seed. `trace` hears what happens, in order. With `presses` managers also press
    the card's button where the card shows it."""

    seed: int
    db: InlineDatabase
    trace: Callable[[str], None] = lambda _: None
    settle: timedelta = SETTLE
    checks_stage: bool = True
    make_processor: type[Processor] = Processor
    presses: bool = False
    acked: int = 0
    lost_wake_ups: int = 0
    reads: dict[str, list[datetime]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        self.weather = Weather.of(self.dice)
        self.time = VirtualTime()
        self.is_calm = False
        self.tasks = self.dice.choice((1, 2, 3))
        self.workers: dict[str, Task] = {}
        self.resting: set[str] = set()
        self.crashes = 0
        self.crm = FakeCrm(
            self.time, lag=self._lag, tell=self._tell, tells_authors=self.weather.tells_authors
        )
        self.user = MANAGER if self.weather.shares_user else SERVICE_USER
        self.db.clear()
        self.installation_id = self.db.now(lambda conn: add_installation(conn, service_user_id=self.user))
        self.bystander_id = self.db.now(lambda conn: add_installation(conn, external_id="2002"))
        self._publish()
        self.db.after_commit = self._stand_still

    @property
    def knows_authors(self) -> bool:
        """Whether the log alone tells our writes from people's."""
        weather = self.weather
        return weather.tells_authors and weather.signs and not weather.shares_user

    def run(self) -> None:
        """Chaos, then calm until nothing is left to do."""
        self._people()
        if self.presses:
            self._buttons()
        for number in (1, 2):
            self._start_worker(f"w{number}", 0)
        self.time.call_in(POLL, self._poll)
        self.time.run_until(CHAOS)
        self.is_calm = True
        self.trace("-- calm --")
        self._wake_account()
        self.time.call_in(LEASE.total_seconds() + 1, self._unpark)
        for moment in LAST_POLLS:
            self.time.call_in(moment, self._poll)
        self.time.run_until(CHAOS + LAST_POLLS[-1] + 5)
        while self.time.monotonic() < CHAOS + LONGEST_REST and not self._rests():
            self.time.run_until(self.time.monotonic() + 60)
        self.time.close()

    def _publish(self) -> None:
        weather = self.weather
        message = {"kind": "message", "direction": "incoming"}
        document = mapping(
            [checkpoint("called"), checkpoint("wrote", message)],
            [
                gate("b", "called", mode=weather.modes[0], grace_minutes=weather.grace_minutes),
                gate("c", "wrote", mode=weather.modes[1]),
            ],
        )
        for pipeline_id in ("p", "q"):
            self.db.now(
                lambda conn, pipeline_id=pipeline_id: publish_mapping(  # type: ignore[misc]  # default in lambda
                    conn, self.installation_id, self.crm.catalog, document, self.time.now(), pipeline_id
                )
            )

    def _people(self) -> None:
        for number in range(self.dice.randint(1, 3)):
            deal_id = str(number + 1)
            contact = (f"c{number}",)
            start = self.dice.choice((STAGES[0], STAGES[0], STAGES[1], STAGES[6]))
            self.time.call_in(
                2 + number,
                lambda deal_id=deal_id, start=start, contact=contact: self._create(  # type: ignore[misc]
                    deal_id, start, contact
                ),
            )
            for _ in range(self.dice.randint(2, 7)):
                self.time.call_in(
                    self.dice.uniform(5, CHAOS - 5),
                    lambda deal_id=deal_id: self._act(deal_id),  # type: ignore[misc]
                )

    def _buttons(self) -> None:
        """Presses have dice of their own: the rest of the history stays what it is without them."""
        dice = Random(f"presses {self.seed}")
        for _ in range(dice.randint(2, 12)):
            deal_id = str(dice.randint(1, 3))
            self.time.call_in(
                dice.uniform(5, CHAOS - 5),
                lambda deal_id=deal_id: self._press(deal_id),  # type: ignore[misc]  # default in lambda
            )

    def _press(self, deal_id: str) -> None:
        def press(conn: Connection) -> None:
            known = get_installation(conn, self.installation_id)
            deal, now = deal_of(conn, known.id, deal_id), self.time.now()
            names = Names(load_catalog(conn, known.id), "en")
            shown = forward_view(conn, known, deal, names, now) if deal else None
            if shown and shown.state != "moving" and known.is_active:
                self.trace(f"{deal_id}: asked to be moved on into {shown.stage_id}")
                press_forward(conn, known, deal_id, shown.stage_id, by=MANAGER, language="en", now=now)

        self.db.now(press)

    def _somewhere(self) -> StageRef:
        """People like to drag deals forward, into the stages that have gates."""
        return self.dice.choice(STAGES if self.dice.random() < 0.5 else STAGES[1:4])

    def _create(self, deal_id: str, start: StageRef, contact: tuple[str, ...]) -> None:
        self.trace(f"{deal_id}: created in {start}")
        self.crm.create_deal(deal_id, start, contact_ids=contact)

    def _act(self, deal_id: str) -> None:
        if deal_id not in self.crm.deals:
            return
        match self.dice.random():
            case luck if luck < 0.6:
                self._drag(deal_id, self._somewhere())
            case luck if luck < 0.72:
                self._drag(deal_id, self._somewhere())
                self._drag(deal_id, self._somewhere())
            case luck if luck < 0.8:
                self.crm.happen(deal_id)
                self.trace(f"{deal_id}: called")
            case luck if luck < 0.88:
                self.crm.happen(deal_id, EvidenceKind.MESSAGE, Direction.INCOMING)
                self.trace(f"{deal_id}: wrote")
            case luck if luck < 0.97:
                self._undo_own_move(deal_id)
            case _:
                self.trace(f"{deal_id}: deleted")
                self.crm.delete(deal_id)

    def _drag(self, deal_id: str, to: StageRef) -> None:
        self.trace(f"{deal_id}: {self.crm.deals[deal_id].stage} -> {to} by a manager")
        self.crm.move(deal_id, to, MANAGER, self.dice.choice((MoveOrigin.PERSON, MoveOrigin.ROBOT)))

    def _undo_own_move(self, deal_id: str) -> None:
        """A manager does exactly what our move back would do."""
        came_from = self.crm.moves(deal_id)[-1].from_stage
        if came_from:
            self._drag(deal_id, came_from)

    def _lag(self) -> timedelta:
        return timedelta(seconds=self.dice.uniform(0, self.weather.longest_lag))

    def _tell(self, deal_id: str) -> None:
        """The CRM rings: the hook may be lost, doubled or late, and comes in any order."""
        if not self.is_calm and self.dice.random() < self.weather.hooks_lost:
            return
        for _ in range(1 + (self.dice.random() < self.weather.hooks_doubled)):
            delay = self.dice.uniform(0, self.weather.hook_delay)
            self.time.call_in(delay, lambda: self._receive(deal_id))

    def _receive(self, deal_id: str) -> None:
        """The door: delivery and ring in one transaction, then the acknowledgement."""
        now = self.time.now()

        def work(conn: Connection) -> None:
            conn.execute(
                insert(delivery).values(
                    installation_id=self.installation_id,
                    received_at=now,
                    sealed_body=deal_id.encode(),
                    body_hash=b"0" * 32,
                    state="accepted",
                )
            )
            ring(conn, [LaneKey(self.installation_id, "deal", deal_id)], now)

        self.db.now(work)
        self.acked += 1
        self._wake_workers()

    def _poll(self) -> None:
        """The reconciliation: every deal of the log is looked at again."""
        self._count_lost_wake_ups()
        keys = [LaneKey(self.installation_id, "deal", deal_id) for deal_id in self.crm.log]
        self.db.now(lambda conn: ring(conn, keys, self.time.now()))
        for _ in self.workers:
            self._wake_workers()
        if self.time.monotonic() + POLL < CHAOS:
            self.time.call_in(POLL, self._poll)

    def _rests(self) -> bool:
        return self.db.now(lambda conn: conn.exec_driver_sql(FIRST_DUE).scalar()) is None

    def _count_lost_wake_ups(self) -> None:
        asleep = select(func.count()).where(lane.c.head_at.is_(None), lane.c.want_seq > lane.c.done_seq)
        self.lost_wake_ups += self.db.now(lambda conn: conn.execute(asleep).scalar_one())

    def _start_worker(self, name: str, after: float) -> None:
        """A process: its tasks share transactions, and die together."""
        processor = self.make_processor(
            self.db,
            self._open,
            self.time,
            at=self._at,
            settle=self.settle,
            lease=LEASE,
            luck=self.dice.random,
            within=unhurried,
            gathering=self._gathering,
        )
        for number in range(self.tasks):
            task = f"{name}.{number}"
            self.workers[task] = self.time.start(task, self._work(task, processor), self._crashed, after)

    def _gathering(self, work: Work, most: int) -> Rounds:
        return Rounds(self.time, work, most)

    async def _work(self, name: str, processor: Processor) -> None:
        while True:
            if await processor.run_once(name):
                self._wake_workers()
                continue
            self.resting.add(name)
            await self.time.sleep(self._idle())
            self.resting.discard(name)

    def _idle(self) -> float:
        """Until the first lane is due, as a polling worker would find it."""
        due: int | None = self.db.now(lambda conn: conn.exec_driver_sql(FIRST_DUE).scalar())
        if due is None:
            return NOTHING_DUE
        seconds = due / 1_000_000 - self.time.now().timestamp()
        # What is overdue and was not claimed just now belongs to a paused account, or is held.
        return min(NOTHING_DUE, seconds + 0.01) if seconds > 0 else OVERDUE

    def _wake_workers(self) -> None:
        """A few of those that rest; whoever is busy will look again by himself."""
        for _ in range(self.tasks):
            if not self.resting:
                return
            name = self.dice.choice(sorted(self.resting))
            self.resting.discard(name)
            self.time.wake(self.workers[name], self.dice.uniform(0.01, 0.2))

    def _crashed(self, task: str) -> None:
        name = task.partition(".")[0]
        self.trace(f"{name}: killed")
        self.crashes += 1
        for each in [each for each in self.workers if each.partition(".")[0] == name]:
            sibling = self.workers.pop(each)
            self.resting.discard(each)
            if each != task:
                self.time.stop(sibling)
        begins = self.dice.uniform(0.5, 4)
        self.time.call_in(begins, self._take_over)
        self._start_worker(f"{name}'", begins)

    def _take_over(self) -> None:
        """What a life does first. It takes the other process for dead too, which must do no harm."""
        if self.db.now(lambda conn: free_orphans(conn, self.time.now())):
            self.trace("lanes of the dead freed")

    def _at(self, point: str) -> None:
        if self._strikes(self.weather.crashes):
            self.trace(f"crash at {point}")
            raise SimulatedCrash

    async def _depart(self) -> None:
        """A request on its way: the process may die, but a request does not wait for minutes."""
        await self.time.sleep(self.dice.uniform(0.02, 0.6))
        self._die_at("departure")

    async def _travel(self) -> None:
        """The way through the network; the process may stand still or die on it."""
        await self.time.sleep(self.dice.uniform(0.02, 0.6))
        await self._stand_still()
        self._die_at("journey")

    async def _stand_still(self) -> None:
        if self._strikes(self.weather.sleeps):
            self.trace("a worker stands still, maybe past its lease")
            await self.time.sleep(self.dice.uniform(20, 200))

    def _die_at(self, point: str) -> None:
        if self._strikes(self.weather.crashes / 3):
            self.trace(f"crash on the {point}")
            raise SimulatedCrash

    def _fault(self, operation: str) -> Fault | None:
        if not self._strikes(self.weather.faults):
            return None
        fault = self.dice.choice([each for each in Fault if each not in REFUSALS])
        if fault is Fault.AUTH_EXPIRED:
            if self.dice.random() < 0.7:
                return None
            self.time.call_in(self.dice.uniform(5, 60), self._wake_account)
        self.trace(f"fault: {operation} {fault}")
        return fault

    def _strikes(self, chance: float) -> bool:
        return not self.is_calm and self.dice.random() < chance

    def _wake_account(self) -> None:
        """An admin connects again."""
        state = InstallationState.ACTIVE
        self.db.now(lambda conn: set_state(conn, self.installation_id, state))

    def _unpark(self) -> None:
        """An operator looks at what was set aside."""
        self.db.now(lambda conn: sweep(conn, self.time.now()))
        for deal_id in self.crm.log:
            key = LaneKey(self.installation_id, "deal", deal_id)
            self.db.now(lambda conn, key=key: unpark(conn, key, self.time.now()))  # type: ignore[misc]

    async def _open(self, installation_id: int) -> FakeClient:
        assert installation_id == self.installation_id, "a stranger's lane"
        return FakeClient(
            self.crm,
            self._fault,
            self._travel,
            self._depart,
            self._hear,
            overlap=timedelta(seconds=1),
            user_id=self.user,
            signs=self.weather.signs,
            checks_stage=self.checks_stage,
        )

    def _hear(self, what: str, deal_id: str) -> None:
        if what == "read":
            self.reads.setdefault(deal_id, []).append(self.time.now())
        else:
            self.trace(f"{deal_id}: {what} by Stepgate")

    def true_moves(self) -> list[StageMove]:
        """All moves of deals that the CRM still has."""
        return [move for deal_id in self.crm.deals for move in self.crm.moves(deal_id)]
