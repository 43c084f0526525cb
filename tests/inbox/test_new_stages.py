"""A stage that was just made in the CRM: the first deal in it has the catalog read, once."""

from dataclasses import dataclass, field, replace

import pytest

from app.db.engine import Database
from app.domain.stage import Stage, StageKind, StageRef
from app.inbox.new_stages import LAG, REST
from app.inbox.process import Processor
from app.installations.store import load_catalog, save_catalog
from tests.rig import A, B, Rig, make_rig

MADE = StageRef("p", "made")


@dataclass
class Reading:
    """The rig with an engine that reads catalogs; counts how often."""

    rig: Rig
    times: int = 0
    is_shown: bool = True
    processor: Processor = field(init=False)

    def __post_init__(self) -> None:
        rig = self.rig
        self.processor = rig.processor = Processor(
            rig.db, rig.processor.open_client, rig.clock, refresh_catalog=self.refresh, luck=lambda: 0.5
        )

    async def refresh(self, installation_id: int) -> None:
        """Keep what the CRM shows."""
        self.times += 1
        first, *others = self.rig.crm.catalog.pipelines
        made = (Stage(MADE, "Made", StageKind.OPEN, 99),) if self.is_shown else ()
        found = replace(self.rig.crm.catalog, pipelines=(replace(first, stages=first.stages + made), *others))
        now = self.rig.clock.now()
        await self.rig.db.write(lambda conn: save_catalog(conn, installation_id, found, now))

    async def knows(self) -> bool:
        """Whether the account's catalog names the new stage."""
        found = await self.rig.db.read(lambda conn: load_catalog(conn, self.rig.installation_id))
        return found is not None and found.stage(MADE) is not None


@pytest.fixture
async def reading(db: Database) -> Reading:
    """A deal in a known stage; the catalog was read an hour ago."""
    rig = await make_rig(db)
    now = rig.clock.now()
    await rig.db.write(lambda conn: save_catalog(conn, rig.installation_id, rig.crm.catalog, now))
    rig.crm.create_deal("1", A)
    rig.clock.advance(3600)
    return Reading(rig)


async def test_the_first_deal_in_a_new_stage_makes_it_known_at_once(reading: Reading) -> None:
    reading.rig.crm.move("1", MADE)
    await reading.rig.run("1")
    assert (reading.times, await reading.knows()) == (1, True)
    reading.rig.crm.move("1", A)
    await reading.rig.run("1")
    reading.rig.crm.move("1", MADE)
    await reading.rig.run("1")
    assert reading.times == 1


async def test_known_stages_cost_nothing(reading: Reading) -> None:
    reading.rig.crm.move("1", B)
    await reading.rig.run("1")
    assert reading.times == 0


async def test_a_stage_that_the_crm_does_not_show_is_not_asked_for_without_end(reading: Reading) -> None:
    reading.is_shown = False
    reading.rig.crm.move("1", MADE)
    await reading.rig.run("1")
    for _ in range(5):
        reading.rig.clock.advance(LAG.total_seconds() + 60)
        await reading.rig.run("1")
    assert reading.times == 2


async def test_a_stage_made_just_after_a_reading_is_known_a_minute_later(reading: Reading) -> None:
    reading.is_shown = False
    await reading.refresh(reading.rig.installation_id)
    reading.is_shown = True
    reading.rig.clock.advance(10)
    reading.rig.crm.move("1", MADE)
    await reading.rig.run("1")
    assert not await reading.knows()
    reading.rig.clock.advance(REST.total_seconds())
    await reading.rig.run()
    assert (reading.times, await reading.knows()) == (2, True)


async def test_who_dies_before_the_ledger_is_kept_still_has_it_read(reading: Reading) -> None:
    def die(point: str) -> None:
        if point == "in_release":
            raise RuntimeError(point)

    rig = reading.rig
    rig.processor = rig.make_processor(die)
    rig.crm.move("1", MADE)
    await rig.run("1")
    rig.processor = reading.processor
    rig.clock.advance(3600)
    await rig.run("1")
    assert await reading.knows()
