"""Judging a deal's moves in the log's order, and deciding what to do about each."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, update

from app.db.prepared import prepared, value
from app.db.tables import deal as deal_table
from app.domain.breakage import rules_in_doubt
from app.domain.checkpoint import AnswerState
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evaluate import evaluate
from app.domain.evidence import Evidence
from app.domain.funnel import FunnelVersion, GateMode
from app.domain.stage import Catalog, StageKind, StageRef
from app.domain.verdict import Outcome, Reason, Verdict
from app.domain.writeback import Action, Circumstances, choose_action
from app.funnels.current import current_version
from app.funnels.versions import load_version
from app.installations.store import Installation, get_installation, load_catalog
from app.ledger.read import answers_of, evidence_of, last_move_of
from app.outbox.abandon import abandon, overtake
from app.outbox.echo import claim_echo
from app.outbox.enqueue import enqueue
from app.outbox.limits import is_account_full, is_capped, is_reverted_lately
from app.outbox.rows import WriteKind
from app.verdicts.chain import origin_of
from app.verdicts.intents import Stop, intents_for
from app.verdicts.store import PendingMove, pending_moves, save_verdict

_SET_SEGMENT = prepared(
    lambda: (
        update(deal_table)
        .where(
            deal_table.c.installation_id == value("tenant"),
            deal_table.c.deal_id == value("of_deal"),
            deal_table.c.segment_key != value("segment"),
        )
        .values(segment_key=value("segment"))
    )
)


def decide(conn: Connection, installation_id: int, deal_id: str, deal: Deal | None, now: datetime) -> None:
    """Judge every move of the deal that is new or still waits, store verdicts and intended writes.

    `deal` is the deal as just read, None when the CRM no longer has it: then nothing waits any
    more. Each move is judged by the version in force when it is first judged.
    """
    pending = pending_moves(conn, installation_id, deal_id)
    if deal is None:
        _close(conn, installation_id, deal_id, pending, now)
        return
    if pending:
        bench = _Bench(conn, installation_id, deal, now)
        for item in pending:
            bench.judge(item)
    _save_segment(conn, installation_id, deal)


@dataclass
class _Bench:
    """One deal's hearing: what it needs is read when it is first asked for."""

    conn: Connection
    installation_id: int
    deal: Deal
    now: datetime

    def judge(self, item: PendingMove) -> None:
        """Decide one move and store verdict and writes."""
        move = item.move
        if item.is_new and self._is_own(move):
            move = replace(move, origin=MoveOrigin.OWN)
        elif item.is_new:
            overtake(self.conn, self.installation_id, self.deal.id, self.now)
        version = self._version(item)
        whole = self._from_where_it_began(move, version)
        verdict = self._evaluate(version, whole)
        action = self._act(verdict, whole, version) if version else Action.NONE
        save_verdict(self.conn, self.installation_id, verdict, action)

    @cached_property
    def account(self) -> Installation:
        return get_installation(self.conn, self.installation_id)

    @cached_property
    def catalog(self) -> Catalog | None:
        return load_catalog(self.conn, self.installation_id)

    @cached_property
    def facts(self) -> list[Evidence]:
        return evidence_of(self.conn, self.installation_id, self.deal.id)

    @cached_property
    def answers(self) -> dict[str, AnswerState]:
        return answers_of(self.conn, self.installation_id, self.deal.id)

    @cached_property
    def last_move(self) -> StageMove | None:
        return last_move_of(self.conn, self.installation_id, self.deal.id)

    def _is_own(self, move: StageMove) -> bool:
        return claim_echo(self.conn, self.installation_id, move, self.account.service_user_id, self.now)

    def _version(self, item: PendingMove) -> FunnelVersion | None:
        pipeline_id = item.move.to_stage.pipeline_id
        current = current_version(self.conn, self.installation_id, pipeline_id)
        if item.version_number is None or (current and current.number == item.version_number):
            return current
        published = load_version(self.conn, self.installation_id, pipeline_id, item.version_number)
        return published.as_rules() if published else current

    def _from_where_it_began(self, move: StageMove, version: FunnelVersion | None) -> StageMove:
        if version is None or move.origin is MoveOrigin.OWN or not _enforces(version):
            return move
        return replace(move, from_stage=origin_of(self.conn, self.installation_id, move))

    def _evaluate(self, version: FunnelVersion | None, move: StageMove) -> Verdict:
        if version is None or not _is_governed(version, self.deal, move, self.now):
            return evaluate(version, self.deal, move, (), self.now)
        verdict = evaluate(version, self.deal, move, self.facts, self.now, self.answers)
        funnel = version.funnel_for(self.deal)
        if not verdict.unmet or funnel is None or self.catalog is None:
            return verdict
        broken = rules_in_doubt(funnel, self.catalog)
        if not broken:
            return verdict
        return evaluate(version, self.deal, move, self.facts, self.now, self.answers, broken)

    def _act(self, verdict: Verdict, move: StageMove, version: FunnelVersion) -> str:
        funnel = version.funnel_for(self.deal)
        if funnel is None or verdict.outcome is not Outcome.BLOCKED or verdict.mode is GateMode.SHADOW:
            return Action.NONE
        action = choose_action(verdict, move, self._circumstances(verdict, move, version))
        stop = Stop(verdict, move, self.deal, funnel, self.catalog, self.account.settings.language, self.now)
        intents = intents_for(stop, action)
        if intents and is_account_full(self.conn, self.installation_id, self.now):
            intents = tuple(intent for intent in intents if intent.kind is WriteKind.MOVE_BACK)
        if intents:
            enqueue(self.conn, self.installation_id, move, intents, self.now)
        return action

    def _circumstances(self, verdict: Verdict, move: StageMove, version: FunnelVersion) -> Circumstances:
        is_last = self.last_move is not None and self.last_move.log_id == move.log_id
        conn, tenant, deal_id = self.conn, self.installation_id, self.deal.id
        return Circumstances(
            now=self.now,
            from_kind=self._kind(move.from_stage, version),
            stands_there=is_last and self.deal.stage == move.to_stage,
            stands_beyond=_stands_beyond(version, self.deal, verdict.gate_stage),
            is_reverted_lately=is_reverted_lately(conn, tenant, deal_id, self.now),
            is_quiet=self.account.settings.writes_off or is_capped(conn, tenant, deal_id, self.now),
        )

    def _kind(self, ref: StageRef | None, version: FunnelVersion) -> StageKind | None:
        """The stage's kind by the CRM of today; by the version only when no catalog was read yet."""
        if ref is None:
            return None
        if self.catalog is None:
            return next((stage.kind for stage in version.stages if stage.ref == ref), None)
        stage = self.catalog.stage(ref)
        return stage.kind if stage else None


def _enforces(version: FunnelVersion) -> bool:
    return any(gate.mode is GateMode.ENFORCE for funnel in version.funnels for gate in funnel.gates)


def _is_governed(version: FunnelVersion, deal: Deal, move: StageMove, now: datetime) -> bool:
    """Whether facts matter at all: most moves of a history meet no gate, and need none read."""
    return evaluate(version, deal, move, (), now).outcome is not Outcome.NOT_GOVERNED


def _stands_beyond(version: FunnelVersion, deal: Deal, gate_stage: StageRef | None) -> bool:
    positions = {stage.ref: index for index, stage in enumerate(version.stages)}
    kinds = {stage.ref: stage.kind for stage in version.stages}
    if gate_stage is None or deal.stage not in positions or kinds[deal.stage] is StageKind.LOST:
        return False
    return positions[deal.stage] >= positions.get(gate_stage, 0)


def _close(
    conn: Connection, installation_id: int, deal_id: str, pending: list[PendingMove], now: datetime
) -> None:
    for item in pending:
        verdict = Verdict(item.move.log_id, deal_id, Outcome.NOT_GOVERNED, Reason.DEAL_GONE, now)
        save_verdict(conn, installation_id, verdict, Action.NONE)
    abandon(conn, installation_id, deal_id, Reason.DEAL_GONE, now)


def _save_segment(conn: Connection, installation_id: int, deal: Deal) -> None:
    version = current_version(conn, installation_id, deal.stage.pipeline_id)
    funnel = version.funnel_for(deal) if version else None
    key = funnel.segment.key if funnel else ""
    _SET_SEGMENT.run(conn, tenant=installation_id, of_deal=deal.id, segment=key)
