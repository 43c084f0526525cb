"""What every CRM behind the port must keep to. `test_contract.py` runs it over each one.

A new adapter gives a `Side` and gets the whole suite.
"""

from datetime import datetime, timedelta
from typing import Protocol

import pytest

from app.crm.errors import CrmError, NotFound
from app.crm.port import CrmClient, DealLog, StageMismatch
from app.domain.deal import MoveOrigin
from app.domain.evidence import Direction, EvidenceKind, Grade
from app.domain.stage import StageKind, StageRef
from app.domain.writeback import AddNote, AddTag, AddTask, Command, MoveBack, MoveForward, RemoveTag

MARK = "#ref:1f3a9c07"


class Side(Protocol):
    """A CRM with people in it. Stages 1, 2, 3 are open ones of one pipeline, in order."""

    @property
    def client(self) -> CrmClient:
        """A client of the account."""

    def now(self) -> datetime:
        """The account's moment."""

    def wait(self, seconds: float = 60) -> None:
        """Let time pass."""

    def ref(self, stage: int) -> StageRef:
        """Stage 1, 2 or 3."""

    def create(self, stage: int) -> str:
        """A manager makes a deal; its id."""

    def move(self, deal_id: str, stage: int) -> None:
        """A manager moves it."""

    def client_calls(self, deal_id: str, seconds: int) -> None:
        """The deal's client calls, and is talked with."""

    def delete(self, deal_id: str) -> None:
        """A manager deletes it."""

    def lose_next_answer(self) -> None:
        """The next write is carried out and its answer lost."""

    def break_down(self) -> None:
        """No call gets an answer any more."""


async def read_history(client: CrmClient, since: datetime) -> list[DealLog]:
    """All pages of the past."""
    logs: list[DealLog] = []
    cursor = ""
    while True:
        page = await client.history(since, cursor)
        logs.extend(page.items)
        cursor = page.cursor
        if not cursor:
            return logs


def writes(side: Side, deal_id: str) -> list[Command]:
    """One command of each kind that leaves a mark."""
    due = side.now() + timedelta(days=1)
    return [
        AddNote(deal_id, f"A note\n{MARK}"),
        AddTask(deal_id, f"A task\n{MARK}", "", due),
        AddTag(deal_id, "stopped"),
    ]


class Contract:
    """The suite; a subclass gives the fixture `side`."""

    async def test_giving_up_the_connections_twice_does_no_harm(self, side: Side) -> None:
        await side.client.get_catalog()
        await side.client.close()
        await side.client.close()

    async def test_the_catalog_has_pipelines_with_stages_of_every_needed_kind(self, side: Side) -> None:
        catalog = await side.client.get_catalog()
        pipeline = catalog.pipeline(side.ref(1).pipeline_id)
        assert pipeline is not None
        kinds = [stage.kind for stage in pipeline.stages]
        assert {StageKind.OPEN, StageKind.WON, StageKind.LOST} <= set(kinds)
        assert [catalog.stage(side.ref(number)) is not None for number in (1, 2, 3)] == [True] * 3
        positions = [stage.position for stage in pipeline.stages]
        assert positions == sorted(positions)
        assert catalog.users
        assert catalog.read_at == side.now()

    async def test_a_deal_is_read_as_it_stands(self, side: Side) -> None:
        deal_id = side.create(1)
        side.wait()
        side.move(deal_id, 2)
        deal = await side.client.get_deal(deal_id)
        assert (deal.id, deal.stage, deal.read_at) == (deal_id, side.ref(2), side.now())

    async def test_a_deal_that_is_gone_is_not_found(self, side: Side) -> None:
        deal_id = side.create(1)
        side.delete(deal_id)
        with pytest.raises(NotFound):
            await side.client.get_deal(deal_id)
        assert (await side.client.deal_log(deal_id, "")).deal is None

    async def test_the_log_of_a_deal_begins_with_its_creation_and_is_oldest_first(self, side: Side) -> None:
        deal_id = side.create(1)
        for stage in (2, 3, 1):
            side.wait()
            side.move(deal_id, stage)
        log = await side.client.deal_log(deal_id, "")
        assert log.deal is not None
        assert [move.to_stage for move in log.moves] == [side.ref(number) for number in (1, 2, 3, 1)]
        assert [move.from_stage for move in log.moves] == [None, *(side.ref(number) for number in (1, 2, 3))]
        assert [move.occurred_at for move in log.moves] == sorted(move.occurred_at for move in log.moves)
        assert log.moves[0].origin is MoveOrigin.CREATION
        assert len({move.log_id for move in log.moves}) == 4

    async def test_reading_from_a_cursor_misses_nothing_and_repeats_under_the_same_ids(
        self, side: Side
    ) -> None:
        deal_id = side.create(1)
        first = await side.client.deal_log(deal_id, "")
        side.wait(3600)
        side.move(deal_id, 2)
        second = await side.client.deal_log(deal_id, first.cursor)
        side.wait(3600)
        third = await side.client.deal_log(deal_id, second.cursor)
        whole = await side.client.deal_log(deal_id, "")
        told = {move.log_id: move.to_stage for log in (first, second, third) for move in log.moves}
        assert told == {move.log_id: move.to_stage for move in whole.moves}

    async def test_a_call_with_the_client_is_strong_evidence_with_its_length(self, side: Side) -> None:
        deal_id = side.create(1)
        side.wait()
        side.client_calls(deal_id, 95)
        calls = [
            fact
            for fact in (await side.client.deal_log(deal_id, "")).evidence
            if fact.kind is EvidenceKind.CALL
        ]
        assert [(call.seconds, call.direction, call.grade) for call in calls] == [
            (95, Direction.INCOMING, Grade.B)
        ]

    async def test_the_past_is_what_reading_every_deal_tells(self, side: Side) -> None:
        since = side.now() - timedelta(days=1)
        ids = [side.create(1) for _ in range(3)]
        side.wait()
        side.move(ids[0], 2)
        side.client_calls(ids[1], 60)
        side.wait()
        logs = await read_history(side.client, since)
        alone = [await side.client.deal_log(deal_id, "") for deal_id in ids]
        assert _ids(logs) == _ids(alone)
        assert {log.deal.id for log in logs if log.deal} == set(ids)

    async def test_changed_deals_are_those_with_entries_since_then(self, side: Side) -> None:
        quiet, busy = side.create(1), side.create(1)
        side.wait(3600)
        since = side.now() - timedelta(seconds=1)
        side.move(busy, 2)
        found, cursor = set[str](), ""
        while True:
            page = await side.client.changed_deals(since, cursor)
            found.update(page.items)
            cursor = page.cursor
            if not cursor:
                break
        assert busy in found
        assert quiet not in found

    async def test_a_move_back_is_found_again_by_what_it_did(self, side: Side) -> None:
        deal_id = side.create(1)
        side.wait()
        side.move(deal_id, 2)
        side.wait()
        command, since = MoveBack(deal_id, side.ref(2), side.ref(1)), side.now()
        assert await side.client.find_effect(command, MARK, since) is None
        await side.client.apply(command, MARK)
        ref = await side.client.find_effect(command, MARK, since)
        log = await side.client.deal_log(deal_id, "")
        assert ref == log.moves[-1].log_id
        assert log.deal is not None
        assert log.deal.stage == side.ref(1)

    async def test_a_move_forward_is_found_again_by_what_it_did(self, side: Side) -> None:
        deal_id = side.create(1)
        side.wait()
        command, since = MoveForward(deal_id, side.ref(1), side.ref(3)), side.now()
        assert await side.client.find_effect(command, MARK, since) is None
        await side.client.apply(command, MARK)
        ref = await side.client.find_effect(command, MARK, since)
        log = await side.client.deal_log(deal_id, "")
        assert ref == log.moves[-1].log_id
        assert log.deal is not None
        assert log.deal.stage == side.ref(3)

    async def test_a_deal_that_stands_elsewhere_is_not_moved_forward(self, side: Side) -> None:
        deal_id = side.create(1)
        side.wait()
        side.move(deal_id, 2)
        with pytest.raises(StageMismatch) as caught:
            await side.client.apply(MoveForward(deal_id, side.ref(1), side.ref(3)), MARK)
        assert caught.value.found == side.ref(2)
        assert (await side.client.get_deal(deal_id)).stage == side.ref(2)

    async def test_a_deal_that_is_gone_is_not_moved_forward(self, side: Side) -> None:
        deal_id = side.create(1)
        side.delete(deal_id)
        with pytest.raises(NotFound):
            await side.client.apply(MoveForward(deal_id, side.ref(1), side.ref(2)), MARK)

    async def test_a_deal_that_moved_on_is_not_moved_back(self, side: Side) -> None:
        deal_id = side.create(1)
        side.wait()
        side.move(deal_id, 3)
        with pytest.raises(StageMismatch) as caught:
            await side.client.apply(MoveBack(deal_id, side.ref(2), side.ref(1)), MARK)
        assert caught.value.found == side.ref(3)
        assert (await side.client.get_deal(deal_id)).stage == side.ref(3)

    @pytest.mark.parametrize("number", range(3), ids=["note", "task", "tag"])
    async def test_a_write_is_found_again_by_its_mark(self, side: Side, number: int) -> None:
        deal_id, other = side.create(1), side.create(1)
        since = side.now()
        command = writes(side, deal_id)[number]
        assert await side.client.find_effect(command, MARK, since) is None
        await side.client.apply(command, MARK)
        assert await side.client.find_effect(command, MARK, since)
        assert await side.client.find_effect(writes(side, other)[number], MARK, since) is None

    async def test_a_tag_that_has_gone_is_found_gone_and_may_come_again(self, side: Side) -> None:
        deal_id = side.create(1)
        since = side.now()
        await side.client.apply(AddTag(deal_id, "stopped"), MARK)
        assert await side.client.find_effect(RemoveTag(deal_id, "stopped"), MARK, since) is None
        for _ in range(2):
            await side.client.apply(RemoveTag(deal_id, "stopped"), MARK)
        assert await side.client.find_effect(RemoveTag(deal_id, "stopped"), MARK, since)
        assert await side.client.find_effect(AddTag(deal_id, "stopped"), MARK, since) is None
        await side.client.apply(AddTag(deal_id, "stopped"), MARK)
        assert await side.client.find_effect(AddTag(deal_id, "stopped"), MARK, since)

    @pytest.mark.parametrize("number", range(5), ids=["note", "task", "tag", "move back", "move forward"])
    async def test_a_write_whose_answer_was_lost_is_unknown_and_can_be_found(
        self, side: Side, number: int
    ) -> None:
        deal_id = side.create(1)
        side.wait()
        side.move(deal_id, 2)
        side.wait()
        since = side.now()
        moves = (
            MoveBack(deal_id, side.ref(2), side.ref(1)),
            MoveForward(deal_id, side.ref(2), side.ref(3)),
        )
        command = [*writes(side, deal_id), *moves][number]
        side.lose_next_answer()
        with pytest.raises(CrmError):
            await side.client.apply(command, MARK)
        assert await side.client.find_effect(command, MARK, since)

    async def test_a_crm_that_is_away_raises_and_never_answers_nothing(self, side: Side) -> None:
        deal_id, since = side.create(1), side.now()
        side.break_down()
        client = side.client
        for call in (
            lambda: client.get_deal(deal_id),
            client.get_catalog,
            lambda: client.deal_log(deal_id, ""),
            lambda: client.changed_deals(since, ""),
            lambda: client.history(since, ""),
            lambda: client.find_effect(AddTag(deal_id, "x"), MARK, since),
        ):
            with pytest.raises(CrmError):
                await call()


def _ids(logs: list[DealLog]) -> tuple[set[str], set[str]]:
    moves = {move.log_id for log in logs for move in log.moves}
    return moves, {fact.source_id for log in logs for fact in log.evidence}
