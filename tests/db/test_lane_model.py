"""The lane against a model of it, in steps that a generator chooses."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Engine, create_engine, select

from app.db.lane import (
    MAX_CRASHES,
    ClaimedLane,
    LaneKey,
    LeaseLost,
    claim,
    heartbeat,
    park,
    postpone,
    release,
    ring,
    sweep,
    unpark,
    wake_at,
)
from app.db.sqlite import sqlite_driver
from app.db.tables import lane, metadata
from tests.factories import LEASE, NOW, add_installation

DEALS = st.sampled_from(["1", "2"])
SECONDS = st.integers(0, 90)


@dataclass
class Model:
    """What a lane should be like, in the simplest words."""

    want: int = 0
    seen: int = 0
    wakes: datetime | None = None
    timer: datetime | None = None
    holder: ClaimedLane | None = None
    lease_until: datetime | None = None
    crashes: int = 0
    tries: int = 0
    is_parked: bool = False
    fences: list[int] = field(default_factory=list)

    def is_claimable(self, now: datetime) -> bool:
        is_free = self.lease_until is None or self.lease_until <= now
        is_due = self.wakes is not None and self.wakes <= now
        return is_free and is_due and not self.is_parked and self.crashes < MAX_CRASHES

    def hear(self, at: datetime) -> None:
        if self.wakes is None or (self.tries == 0 and at < self.wakes):
            self.wakes = at


class LaneMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.engine: Engine = create_engine("sqlite://", module=sqlite_driver())
        self.conn = self.engine.connect()
        metadata.create_all(self.conn)
        self.tenant = add_installation(self.conn)
        self.now = NOW
        self.models: dict[str, Model] = {}
        self.stale: list[ClaimedLane] = []

    def teardown(self) -> None:
        self.conn.close()
        self.engine.dispose()

    def key(self, deal_id: str) -> LaneKey:
        return LaneKey(self.tenant, "deal", deal_id)

    def held(self) -> list[str]:
        return [name for name, model in self.models.items() if model.holder]

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(deals=st.lists(DEALS, max_size=4))
    def rings(self, deals: list[str]) -> None:
        ring(self.conn, [self.key(each) for each in deals], self.now)
        for each in deals:
            model = self.models.setdefault(each, Model())
            model.want += 1
            model.hear(self.now)

    @rule(deal_id=DEALS, seconds=SECONDS)
    def a_timer_is_set(self, deal_id: str, seconds: int) -> None:
        at = self.now + timedelta(seconds=seconds)
        wake_at(self.conn, self.key(deal_id), at)
        model = self.models.setdefault(deal_id, Model())
        model.timer = min(model.timer, at) if model.timer else at
        model.hear(at)

    @rule()
    def somebody_claims(self) -> None:
        claimable = {name: model for name, model in self.models.items() if model.is_claimable(self.now)}
        claimed = claim(self.conn, self.tenant, "worker", self.now, LEASE)
        assert (claimed is None) == (not claimable)
        if claimed is None:
            return
        model = claimable[claimed.key.entity_id]
        assert model.wakes == min(each.wakes for each in claimable.values() if each.wakes)
        assert (claimed.want_seq, claimed.crashes, claimed.tries) == (model.want, model.crashes, model.tries)
        assert not model.fences or claimed.fence > model.fences[-1]
        if model.holder:
            self.stale.append(model.holder)
        model.holder, model.lease_until = claimed, self.now + LEASE
        model.crashes += 1
        model.fences.append(claimed.fence)
        if model.timer and model.timer <= self.now:
            model.timer = None

    @precondition(lambda self: self.held())
    @rule(data=st.data(), seconds=st.none() | SECONDS)
    def the_holder_releases(self, data: st.DataObject, seconds: int | None) -> None:
        model, holder = self._pick(data)
        next_at = None if seconds is None else self.now + timedelta(seconds=seconds)
        release(self.conn, holder, log_cursor="c", next_at=next_at, now=self.now)
        times = [each for each in (next_at, model.timer) if each]
        model.wakes = self.now if model.want > holder.want_seq else min(times, default=None)
        model.seen, model.crashes, model.tries = holder.want_seq, 0, 0
        self._free(model)

    @precondition(lambda self: self.held())
    @rule(data=st.data(), seconds=SECONDS)
    def the_holder_postpones(self, data: st.DataObject, seconds: int) -> None:
        model, holder = self._pick(data)
        at = self.now + timedelta(seconds=seconds)
        postpone(self.conn, holder, retry_at=at, error="away", now=self.now)
        model.wakes, model.crashes = at, 0
        model.tries += 1
        self._free(model)

    @precondition(lambda self: self.held())
    @rule(data=st.data())
    def the_holder_parks(self, data: st.DataObject) -> None:
        model, holder = self._pick(data)
        park(self.conn, holder, error="poison", now=self.now)
        model.wakes, model.is_parked = self.now, True
        self._free(model)

    @precondition(lambda self: self.held())
    @rule(data=st.data())
    def the_holder_gives_a_sign(self, data: st.DataObject) -> None:
        model, holder = self._pick(data)
        heartbeat(self.conn, holder, self.now, LEASE)
        model.lease_until = self.now + LEASE

    @precondition(lambda self: self.stale)
    @rule(data=st.data())
    def one_that_lost_its_lease_comes_back(self, data: st.DataObject) -> None:
        late = data.draw(st.sampled_from(self.stale))
        try:
            release(self.conn, late, log_cursor="stale", next_at=None, now=self.now)
        except LeaseLost:
            return
        raise AssertionError("a stale release went through")

    @rule(deal_id=DEALS)
    def a_person_frees_it(self, deal_id: str) -> None:
        model = self.models.get(deal_id, Model())
        assert unpark(self.conn, self.key(deal_id), self.now) == model.is_parked
        if model.is_parked:
            model.is_parked, model.crashes, model.tries, model.wakes = False, 0, 0, self.now

    @rule()
    def the_sweep_comes(self) -> None:
        swept = sweep(self.conn, self.now)
        assert swept.woken == 0, "a lane slept with work"
        for model in self.models.values():
            is_free = model.lease_until is None or model.lease_until <= self.now
            if model.crashes >= MAX_CRASHES and is_free and model.wakes and not model.is_parked:
                model.is_parked = True
                if model.holder:
                    self.stale.append(model.holder)
                self._free(model)

    @invariant()
    def the_rows_are_like_the_model(self) -> None:
        for row in self.conn.execute(select(lane)):
            model = self.models[row.entity_id]
            assert (row.want_seq, row.done_seq, row.head_at) == (model.want, model.seen, model.wakes)
            assert (row.timer_at, row.lease_until) == (model.timer, model.lease_until)
            assert (row.state == "parked", row.crashes, row.tries) == (
                model.is_parked,
                model.crashes,
                model.tries,
            )
            assert row.log_cursor != "stale"
            assert row.want_seq == row.done_seq or row.head_at is not None, "asleep with work"

    def _pick(self, data: st.DataObject) -> tuple[Model, ClaimedLane]:
        model = self.models[data.draw(st.sampled_from(self.held()))]
        holder: Any = model.holder
        return model, holder

    def _free(self, model: Model) -> None:
        model.holder, model.lease_until = None, None


TestLaneMachine = LaneMachine.TestCase
TestLaneMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, derandomize=True)
