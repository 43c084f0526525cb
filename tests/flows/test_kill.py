"""kill -9 at any moment loses no acknowledged webhook and doubles no write, whichever the CRM."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from app.db.engine import Database
from app.domain.deal import MoveOrigin
from tests.flows.kill_amocrm import AmocrmAccount
from tests.flows.kill_bitrix24 import Bitrix24Portal
from tests.flows.kill_story import KillStory, MakeCrm, kill_story

POINTS = (
    "after_claim", "after_read", "in_ledger", "after_ledger", "after_mark_sent", "after_crm_write",
    "after_confirmed", "in_release", "after_release",
)  # fmt: skip
"""Each is met once; what lies between them is met by chance."""

KILLS_BY_CHANCE = 12
PROCESSES = {"sqlite": ["serve"], "postgresql": ["serve", "work"]}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("make_crm", [AmocrmAccount, Bitrix24Portal])
async def test_kill_minus_nine_loses_no_hook_and_doubles_no_write(
    make_crm: MakeCrm, store: str, database_url: str, db: Database, tmp_path: Path
) -> None:
    async with kill_story(make_crm, database_url, db, tmp_path, PROCESSES[store]) as story:
        await story.begin()
        await _live_dangerously(story)
        await story.come_to_rest()
        assert story.kills >= 2 * len(POINTS) + KILLS_BY_CHANCE
        assert len(story.acked) > 100
        assert story.acked <= await story.stored()
        await _no_write_is_doubled_or_missing(story)
        if store == "sqlite":
            found = await db.read(lambda conn: conn.execute(text("PRAGMA integrity_check")).scalar_one())
            assert found == "ok"


async def _live_dangerously(story: KillStory) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=3) as http:
        load = [asyncio.create_task(story.ring(http)) for _ in range(2)]
        load += [asyncio.create_task(story.sell()) for _ in range(4)]
        try:
            for point in POINTS:
                story.crm.storm(story.dice)
                await story.die_at(story.dice.choice(story.places), point)
            for _ in range(KILLS_BY_CHANCE):
                story.crm.storm(story.dice)
                await asyncio.sleep(story.dice.uniform(0.05, 0.7))
                await story.kill(story.dice.choice(story.places))
        finally:
            for task in load:
                task.cancel()
            await asyncio.gather(*load, return_exceptions=True)


async def _no_write_is_doubled_or_missing(story: KillStory) -> None:
    """Every deal was dragged once without evidence: it is back, told once, with one task."""
    crm = story.crm
    assert len(story.dragged) > 10
    for deal_id in story.dragged:
        seen = crm.trace(deal_id)
        told = Counter(text.partition("#ref:")[2][:8] for text in (*seen.notes, *seen.tasks))
        assert (deal_id, set(told.values())) == (deal_id, {1})
        assert (deal_id, len(seen.notes), len(seen.tasks)) == (deal_id, 1, 1)
        assert seen.notices in (None, 1), deal_id
        assert (deal_id, list(seen.moves)) == (deal_id, [crm.gated, crm.before])
        known = [move for move in await story.ledger(deal_id) if move.origin is not MoveOrigin.CREATION]
        assert [move.to_stage for move in known] == list(seen.moves)
        assert [move.origin for move in known] == [MoveOrigin.PERSON, MoveOrigin.OWN]
