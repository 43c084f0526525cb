"""kill -9 at any moment loses no acknowledged webhook and doubles no write."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from app.db.engine import Database
from tests.flows.kill_story import KillStory, kill_story

KILLS = 32
"""On each store; with both stores more than sixty."""


@pytest.mark.slow
@pytest.mark.timeout(420)
async def test_kill_minus_nine_loses_no_hook_and_doubles_no_write(
    store: str, database_url: str, db: Database, tmp_path: Path
) -> None:
    async with kill_story(database_url, db, tmp_path, processes=1 if store == "sqlite" else 2) as story:
        await story.begin()
        await _live_dangerously(story)
        await story.come_to_rest()
        assert story.kills >= KILLS
        assert len(story.acked) > 100
        assert story.acked <= await story.stored()
        _no_write_is_doubled_or_missing(story)
        if store == "sqlite":
            found = await db.read(lambda conn: conn.execute(text("PRAGMA integrity_check")).scalar_one())
            assert found == "ok"


async def _live_dangerously(story: KillStory) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=3) as http:
        load = [asyncio.create_task(story.ring(http)) for _ in range(2)]
        load += [asyncio.create_task(story.sell()) for _ in range(4)]
        try:
            for _ in range(KILLS):
                await asyncio.sleep(story.dice.uniform(0.05, 0.7))
                await story.kill(story.dice.choice(story.ports))
        finally:
            for task in load:
                task.cancel()
            await asyncio.gather(*load, return_exceptions=True)


def _no_write_is_doubled_or_missing(story: KillStory) -> None:
    """Every deal was dragged once without evidence: it is back, told once, with one task."""
    account = story.account
    notes = [(note.entity_id, str(note.params)) for note in account.notes.values()]
    tasks = [(task.entity_id, task.text) for task in account.tasks.values()]
    written = Counter(
        (kind, lead_id, text.partition("#ref:")[2][:8])
        for kind, texts in (("note", notes), ("task", tasks))
        for lead_id, text in texts
        if "#ref:" in text
    )
    assert not [mark for mark, times in written.items() if times > 1]
    dragged = [lead.id for lead in account.leads.values() if lead.old_status_id is not None]
    assert len(dragged) > 10
    for lead_id in dragged:
        events = account.journal.of("lead", lead_id)
        moves = sum(event.type == "lead_status_changed" for event in events)
        texts = sorted(kind for kind, each, _ in written if each == lead_id)
        assert (lead_id, moves, texts) == (lead_id, 2, ["note", "task"])
