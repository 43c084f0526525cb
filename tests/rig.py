"""The engine on a real database and the CRM in memory, driven by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.db.engine import Database
from app.db.lane import LaneKey, ring
from app.domain.stage import StageRef
from app.funnels.document import FunnelDocument
from app.inbox.process import Processor
from app.outbox.rows import OutboxRow, rows_of
from app.verdicts.store import StoredVerdict, verdicts_of
from tests.crm.fake.client import FakeClient, Fault
from tests.crm.fake.world import SERVICE_USER, FakeCrm
from tests.factories import TestClock, add_installation
from tests.mapping import checkpoint, gate, mapping, publish_mapping

NEW, A, B, C, D = (StageRef("p", name) for name in ("new", "a", "b", "c", "d"))
WON, LOST = StageRef("p", "won"), StageRef("p", "lost")
ELSEWHERE = StageRef("q", "a")


def usual_mapping(mode: str = "enforce", grace_minutes: int = 0) -> FunnelDocument:
    """Stage b demands a call, stage c an incoming message."""
    message = {"kind": "message", "direction": "incoming"}
    return mapping(
        [checkpoint("called"), checkpoint("wrote", message)],
        [
            gate("b", "called", mode=mode, grace_minutes=grace_minutes),
            gate("c", "wrote", mode=mode, grace_minutes=grace_minutes),
        ],
    )


@dataclass
class Rig:
    """One installation whose CRM is in memory. `faults` are met by the next calls, in order."""

    db: Database
    clock: TestClock
    crm: FakeCrm
    client: FakeClient
    installation_id: int
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    processor: Processor = field(init=False)
    rings: bool = True

    def __post_init__(self) -> None:
        self.client.fault = self._fault
        self.processor = self.make_processor()

    def make_processor(self, at: Callable[[str], None] = lambda _: None) -> Processor:
        """Another engine on the same database."""
        return Processor(self.db, self._open, self.clock, at=at, luck=lambda: 0.5)

    async def publish(self, document: FunnelDocument) -> int:
        """Publish a mapping for pipeline p, a second ago."""
        self.clock.advance(2)
        number = await self.db.write(
            lambda conn: publish_mapping(
                conn, self.installation_id, self.crm.catalog, document, self.clock.now()
            )
        )
        self.clock.advance(2)
        return number

    async def ring(self, *deal_ids: str) -> None:
        """A doorbell for each."""
        keys = [LaneKey(self.installation_id, "deal", deal_id) for deal_id in deal_ids]
        await self.db.write(lambda conn: ring(conn, keys, self.clock.now()))

    async def run(self, *deal_ids: str) -> int:
        """Ring, and work until nothing is ready; returns how many lanes were worked on."""
        await self.ring(*deal_ids)
        worked = 0
        while await self.processor.run_once("test"):
            worked += 1
            assert worked < 200, "the engine turns in circles"
        return worked

    async def run_for(self, seconds: float, step: float = 5) -> None:
        """Let time pass and work on what becomes ready."""
        for _ in range(int(seconds / step)):
            self.clock.advance(step)
            await self.run()

    async def verdicts(self, deal_id: str) -> list[StoredVerdict]:
        """The deal's verdicts in the log's order."""
        stored = await self.db.read(lambda conn: verdicts_of(conn, self.installation_id, deal_id))
        return list(stored.values())

    async def writes(self, deal_id: str) -> list[OutboxRow]:
        """The deal's intended writes."""
        return await self.db.read(lambda conn: rows_of(conn, self.installation_id, deal_id))

    def stage(self, deal_id: str) -> str:
        """Where the deal stands in the CRM."""
        return self.crm.deals[deal_id].stage.stage_id

    async def _open(self, installation_id: int) -> FakeClient:
        assert installation_id == self.installation_id
        return self.client

    def _fault(self, operation: str) -> Fault | None:
        if self.faults and self.faults[0][0] == operation:
            return self.faults.pop(0)[1]
        return None


async def make_rig(db: Database, document: FunnelDocument | None = None) -> Rig:
    """A rig with the usual mapping published, or with `document`."""
    clock = TestClock()
    crm = FakeCrm(clock)
    installation_id = await db.write(lambda conn: add_installation(conn, service_user_id=SERVICE_USER))
    rig = Rig(db, clock, crm, FakeClient(crm), installation_id)
    await rig.publish(document or usual_mapping())
    return rig
