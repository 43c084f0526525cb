"""Trials of the portal's own lock: with the seller's token, on a deal that is made for it."""

from datetime import timedelta

import pytest

from app.crm.adapters.bitrix24.refusals import refused_move
from app.crm.errors import AuthExpired, FieldRequired, NoRight, Rejected, Unsupported
from app.crm.port import LocksStages, TriedMove
from app.domain.stage import StageRef
from tests.crm.bitrix24.kit import SERVER, Bench
from tests.sandbox.bitrix24.role_kit import close_way

KEY = "trial-0123456789abcdef"


def locks(bench: Bench) -> LocksStages:
    assert isinstance(bench.client, LocksStages)
    return bench.client


def proof(bench: Bench, user_id: int | None = None) -> str:
    return f"{SERVER}rest/ {bench.world.token_of(user_id or bench.world.seller)}"


async def made(bench: Bench, number: int = 1) -> str:
    return await locks(bench).make_trial("Stepgate: проба", bench.ref(number), str(bench.world.seller), KEY)


def stage_of(bench: Bench, deal_id: str) -> StageRef:
    deal = bench.world.portal.deal(int(deal_id))
    return StageRef(str(deal.category_id), deal.stage_id)


async def test_the_deal_is_the_seller_s_and_carries_our_mark(bench: Bench) -> None:
    deal = bench.world.portal.deal(int(await made(bench)))
    assert (deal.assigned_by_id, deal.origin_id, deal.contact_ids) == (bench.world.seller, KEY, [])
    assert await locks(bench).find_trial(KEY) == str(deal.id)
    assert await locks(bench).find_trial("trial-0000000000000000") is None


async def test_a_way_that_the_role_closes_is_refused_and_the_deal_stays(bench: Bench) -> None:
    close_way(bench.world.portal, bench.world.seller, bench.stages[0], bench.stages[2])
    deal_id = await made(bench)
    assert await locks(bench).try_move(proof(bench), deal_id, bench.ref(3)) is TriedMove.NO_RIGHT
    assert stage_of(bench, deal_id) == bench.ref(1)


@pytest.mark.parametrize("code", ["0", "-", "ACCESS_DENIED"])
async def test_every_spelling_of_the_refusal_is_understood(bench: Bench, code: str) -> None:
    bench.world.portal.faults.refused_move_code = code
    close_way(bench.world.portal, bench.world.seller, bench.stages[0], bench.stages[2])
    assert await locks(bench).try_move(proof(bench), await made(bench), bench.ref(3)) is TriedMove.NO_RIGHT


async def test_an_open_way_lets_the_seller_through(bench: Bench) -> None:
    deal_id = await made(bench)
    assert await locks(bench).try_move(proof(bench), deal_id, bench.ref(3)) is TriedMove.MOVED
    await locks(bench).place_trial(deal_id, bench.ref(1))
    assert stage_of(bench, deal_id) == bench.ref(1)


async def test_a_required_field_is_not_taken_for_the_role(bench: Bench) -> None:
    bench.world.portal.stages[2, bench.stages[2]].required.append("opportunity")
    tried = await locks(bench).try_move(proof(bench), await made(bench), bench.ref(3))
    assert tried is TriedMove.FIELD_REQUIRED


async def test_a_seller_who_may_not_change_deals_proves_nothing(bench: Bench) -> None:
    deal_id = await made(bench)
    assert await locks(bench).may_edit(proof(bench), deal_id)
    bench.world.portal.users[bench.world.seller].sees = "none"
    assert not await locks(bench).may_edit(proof(bench), deal_id)


async def test_an_administrator_goes_where_he_wants(bench: Bench) -> None:
    close_way(bench.world.portal, bench.world.seller, bench.stages[0], bench.stages[2])
    bench.world.portal.users[bench.world.seller].is_admin = True
    assert await locks(bench).try_move(proof(bench), await made(bench), bench.ref(3)) is TriedMove.MOVED


async def test_a_proof_that_has_ended_says_so_and_costs_us_no_token(bench: Bench) -> None:
    deal_id, old = await made(bench), proof(bench)
    bench.wait(timedelta(hours=2).total_seconds())
    before = bench.session.refused
    with pytest.raises(AuthExpired):
        await locks(bench).may_edit(old, deal_id)
    with pytest.raises(AuthExpired):
        await locks(bench).try_move(old, deal_id, bench.ref(3))
    assert bench.session.refused - before <= 1


async def test_a_trial_s_deal_is_deleted_and_deleting_it_twice_is_fine(bench: Bench) -> None:
    deal_id = await made(bench)
    await locks(bench).remove_trial(deal_id)
    await locks(bench).remove_trial(deal_id)
    assert int(deal_id) not in bench.world.portal.items[2]
    assert await locks(bench).find_trial(KEY) is None


@pytest.mark.parametrize(
    ("plan", "is_enough"), [("project", False), ("ru_free", False), ("basic", None), ("ent250", None)]
)
async def test_only_a_plan_that_is_known_to_have_no_roles_is_called_so(
    bench: Bench, plan: str, is_enough: bool | None
) -> None:
    bench.world.portal.config.license_type = plan
    found = await locks(bench).roles_plan()
    assert (found.is_enough, found.title) == (is_enough, plan)


def test_refusals_of_a_move_are_told_apart() -> None:
    required = refused_move(Rejected("crm_field_error_required: Не заполнено обязательное поле «Бюджет»"))
    assert isinstance(required, FieldRequired)
    assert required.field == "Бюджет"
    assert isinstance(refused_move(Unsupported("no")), NoRight)
    assert isinstance(refused_move(Rejected("0: У вас недостаточно прав для изменения стадии")), NoRight)
    other = refused_move(Rejected("crm_field_error_value_not_valid: Неверное значение"))
    assert not isinstance(other, NoRight | FieldRequired)
    assert not isinstance(refused_move(Rejected("0: Что-то сломалось")), NoRight)
