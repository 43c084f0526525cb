"""Where a deal's life begins, when the log does not say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.crm.adapters.amocrm.events import LogEvent
from app.crm.adapters.amocrm.moves import is_settled, moves_of
from app.domain.deal import Deal, MoveOrigin
from app.domain.stage import StageRef

BORN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FIRST, SECOND = StageRef("1", "10"), StageRef("1", "20")
DEAL = Deal("5", "Сделка", FIRST, created_at=BORN, updated_at=BORN, read_at=BORN, created_by="7")
ADDED = LogEvent("e1", "lead_added", "lead", "5", "7", BORN, [], [])


def test_a_deal_that_outlived_its_line_in_the_log_is_born_when_it_says_so() -> None:
    (move,) = moves_of("5", [], DEAL, BORN + timedelta(days=1), is_whole=True)
    assert (move.log_id, move.to_stage, move.occurred_at) == ("created:5", FIRST, BORN)
    assert (move.origin, move.actor_id) == (MoveOrigin.CREATION, "7")


def test_a_young_deal_without_its_line_waits_for_it() -> None:
    assert moves_of("5", [], DEAL, BORN + timedelta(minutes=5), is_whole=True) == ()


def test_only_a_whole_log_may_miss_a_birth() -> None:
    assert moves_of("5", [], DEAL, BORN + timedelta(days=1), is_whole=False) == ()


def test_a_deal_that_is_gone_without_moves_has_no_first_stage() -> None:
    assert moves_of("5", [ADDED], None, BORN, is_whole=True) == ()


def test_a_deal_untouched_since_its_birth_stands_where_it_was_born() -> None:
    (move,) = moves_of("5", [ADDED], DEAL, BORN, is_whole=True)
    assert (move.log_id, move.from_stage, move.to_stage) == ("e1", None, FIRST)


def test_a_deal_touched_just_now_may_have_moved_without_our_knowing() -> None:
    touched = replace(DEAL, stage=SECOND, updated_at=BORN + timedelta(seconds=30))
    assert moves_of("5", [ADDED], touched, BORN + timedelta(minutes=1), is_whole=True) == ()
    (move,) = moves_of("5", [ADDED], touched, BORN + timedelta(minutes=10), is_whole=True)
    assert move.to_stage == SECOND


def test_a_known_move_makes_the_birth_certain_at_once() -> None:
    after, before = ([{"lead_status": {"id": number, "pipeline_id": 1}}] for number in (20, 10))
    at = BORN + timedelta(seconds=9)
    moved = LogEvent("e2", "lead_status_changed", "lead", "5", "7", at, after, before)
    touched = replace(DEAL, stage=SECOND, updated_at=moved.at)
    birth, move = moves_of("5", [ADDED, moved], touched, BORN + timedelta(seconds=20), is_whole=True)
    assert (birth.to_stage, move.from_stage, move.to_stage) == (FIRST, FIRST, SECOND)


def test_a_deal_settles_two_minutes_after_its_last_change() -> None:
    touched = replace(DEAL, updated_at=BORN + timedelta(seconds=30))
    assert is_settled(None, BORN)
    assert is_settled(DEAL, BORN)
    assert not is_settled(touched, BORN + timedelta(seconds=150))
    assert is_settled(touched, BORN + timedelta(seconds=151))
