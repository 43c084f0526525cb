"""Moves out of the history: nothing but stages and times, so the order of ids and the deal tell the rest."""

import pytest

from app.domain.deal import MoveOrigin, StageMove
from app.domain.stage import StageRef
from app.sandbox.bitrix24.model import Item
from app.sandbox.bitrix24.state import Act
from tests.crm.bitrix24.kit import Bench


async def moves(bench: Bench, deal: Item) -> tuple[StageMove, ...]:
    return (await bench.client.deal_log(str(deal.id), "")).moves


async def test_moves_of_one_second_keep_the_order_of_their_ids(bench: Bench) -> None:
    deal = bench.deal(1)
    for stage in (2, 1, 3):
        bench.move(deal, stage)
    told = await moves(bench, deal)
    assert [move.to_stage for move in told] == [bench.ref(stage) for stage in (1, 2, 1, 3)]
    assert sorted(move.log_id for move in told) == [move.log_id for move in told]
    assert len({move.occurred_at for move in told}) == 1


async def test_ids_of_different_lengths_sort_as_text(bench: Bench) -> None:
    bench.world.portal.history.clear()
    deal = bench.deal(1)
    for stage in (2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2):
        bench.wait()
        bench.move(deal, stage)
    told = await moves(bench, deal)
    assert len({len(move.log_id) for move in told}) == 1
    assert sorted(told, key=lambda move: move.log_id) == list(told)


async def test_the_author_is_known_of_the_creation_and_of_the_last_move(bench: Bench) -> None:
    deal = bench.deal(1)
    bench.wait()
    bench.move(deal, 2, by=bench.world.admin)
    bench.wait()
    bench.move(deal, 3)
    told = await moves(bench, deal)
    assert [move.actor_id for move in told] == [str(bench.world.seller), "", str(bench.world.seller)]
    assert [move.origin for move in told] == [MoveOrigin.CREATION, MoveOrigin.PERSON, MoveOrigin.PERSON]


async def test_a_robot_s_move_is_a_robot_s(bench: Bench) -> None:
    deal = bench.deal(1)
    bench.wait()
    bench.world.portal.update_item(deal, {"stage_id": bench.stages[1]}, Act(origin="robot"))
    assert (await moves(bench, deal))[-1].origin is MoveOrigin.ROBOT


async def test_another_pipeline_is_a_move_like_any_other(bench: Bench) -> None:
    deal = bench.deal(2)
    bench.wait()
    category = next(each for each in bench.world.portal.categories.values() if each.name == "Сервис")
    bench.world.portal.move_item(deal, f"C{category.id}:NEW", bench.act())
    log = await bench.client.deal_log(str(deal.id), "")
    assert log.moves[-1].from_stage == bench.ref(2)
    assert log.moves[-1].to_stage == StageRef(str(category.id), f"C{category.id}:NEW")
    assert log.deal is not None
    assert log.deal.stage == log.moves[-1].to_stage


async def test_a_deal_made_into_a_last_stage_was_created_there(bench: Bench) -> None:
    deal = bench.world.deal("WON")
    told = await moves(bench, deal)
    assert [(move.from_stage, move.to_stage, move.origin) for move in told] == [
        (None, StageRef("0", "WON"), MoveOrigin.CREATION)
    ]
    assert (await bench.client.get_deal(str(deal.id))).closed_at is not None


@pytest.mark.parametrize("newer", [False, True], ids=["older portal", "newer portal"])
async def test_a_deal_whose_first_rows_are_lost(bench: Bench, newer: bool) -> None:
    bench.world.portal.faults.history_keeps_creation = False
    bench.world.portal.faults.deal_previous_stage = newer
    deal = bench.deal(1)
    assert await moves(bench, deal) == ()
    bench.wait()
    bench.move(deal, 2)
    told = await moves(bench, deal)
    expected = (bench.ref(1), MoveOrigin.PERSON) if newer else (None, MoveOrigin.CREATION)
    assert [(move.from_stage, move.origin) for move in told] == [expected]
    bench.wait()
    bench.move(deal, 3)
    assert [move.log_id for move in await moves(bench, deal)][:1] == [told[0].log_id]


@pytest.mark.parametrize("order", ["ignore", "refuse"])
@pytest.mark.parametrize("honours", [True, False])
async def test_long_histories_are_read_to_the_end(bench: Bench, order: str, honours: bool) -> None:
    bench.world.portal.faults.history_honours_no_count = honours
    bench.world.portal.faults.history_bad_order = order
    deal = bench.deal(1)
    for number in range(70):
        bench.wait(1)
        bench.move(deal, 2 - number % 2)
    told = await moves(bench, deal)
    assert len(told) == 1 + 70 - (1 if told[1].to_stage == bench.ref(1) else 0)
    assert len({move.log_id for move in told}) == len(told)
