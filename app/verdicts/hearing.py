"""One deal's hearing: its moves judged one after the other."""

from dataclasses import replace
from datetime import datetime
from functools import cached_property

from app.domain.breakage import rules_in_doubt, softened
from app.domain.checkpoint import AnswerState
from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evaluate import evaluate
from app.domain.evidence import Evidence
from app.domain.funnel import FunnelVersion, GateMode
from app.domain.stage import Catalog, StageKind, StageRef
from app.domain.verdict import Outcome, Verdict
from app.domain.writeback import Action, Circumstances, choose_action
from app.funnels.versions import load_version
from app.installations.store import Installation
from app.ledger.read import last_move_of
from app.ledger.sight import DealKey
from app.outbox.abandon import overtake
from app.outbox.echo import claim_echo
from app.outbox.enqueue import enqueue
from app.outbox.limits import is_account_full, is_capped, is_reverted_lately
from app.outbox.rows import WriteKind
from app.verdicts.chain import origin_of
from app.verdicts.court import Court
from app.verdicts.intents import Stop, intents_for
from app.verdicts.store import PendingMove


class Hearing:
    """The hearing of one deal, as just read, before a court."""

    def __init__(self, court: Court, key: DealKey, deal: Deal) -> None:
        self.court, self.key, self.deal = court, key, deal
        self.conn, self.installation_id, self.now = court.conn, key.installation_id, court.now

    def judge(self, item: PendingMove) -> Verdict:
        """Decide one move, have the verdict stored and store the intended writes."""
        move = item.move
        if item.is_new and self._is_own(move):
            move = replace(move, origin=MoveOrigin.OWN)
        elif item.is_new and self.court.has_open_writes(self.key):
            overtake(self.conn, self.installation_id, self.deal.id, self.now)
        version = self.version(item)
        whole = self._from_where_it_began(move, version)
        verdict = self.evaluate(version, whole)
        action = self._act(verdict, whole, version) if version else Action.NONE
        self.court.gather(self.installation_id, verdict, action)
        return verdict

    @property
    def account(self) -> Installation:
        return self.court.account(self.installation_id)

    @property
    def catalog(self) -> Catalog | None:
        return self.court.catalog(self.installation_id)

    @cached_property
    def facts(self) -> list[Evidence]:
        return self.court.sight.evidence_of(self.key)

    @property
    def answers(self) -> dict[str, AnswerState]:
        return self.court.sight.answers[self.key]

    @cached_property
    def last_move(self) -> StageMove | None:
        return last_move_of(self.conn, self.installation_id, self.deal.id)

    def _is_own(self, move: StageMove) -> bool:
        # Whoever never had a write of ours cannot hear its echo: most deals, and no query for them.
        if not self.court.has_writes(self.key):
            return False
        is_own = claim_echo(self.conn, self.installation_id, move, self.account.service_user_id, self.now)
        if is_own:
            self.court.sight.forget_moves()
        return is_own

    def version(self, item: PendingMove) -> FunnelVersion | None:
        """The version that the move is judged by, or None when its pipeline has none."""
        pipeline_id = item.move.to_stage.pipeline_id
        current = self.court.version(self.installation_id, pipeline_id)
        if item.version_number is None or (current and current.number == item.version_number):
            return current
        published = load_version(self.conn, self.installation_id, pipeline_id, item.version_number)
        return published.as_rules() if published else current

    def _from_where_it_began(self, move: StageMove, version: FunnelVersion | None) -> StageMove:
        if version is None or move.origin is MoveOrigin.OWN or not _enforces(version):
            return move
        self.court.store()
        return replace(move, from_stage=origin_of(self.conn, self.installation_id, move))

    def evaluate(self, version: FunnelVersion | None, move: StageMove) -> Verdict:
        """Judge the move with the facts known now."""
        if version is None or not _is_governed(version, self.deal, move, self.now):
            return evaluate(version, self.deal, move, (), self.now)
        verdict = evaluate(version, self.deal, move, self.facts, self.now, self.answers)
        funnel = version.funnel_for(self.deal)
        if not verdict.unmet or funnel is None or self.catalog is None:
            return verdict
        broken, standing = rules_in_doubt(funnel, self.catalog), softened(version, self.catalog)
        if not broken and standing is version:
            return verdict
        return evaluate(standing, self.deal, move, self.facts, self.now, self.answers, broken)

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
            self.court.note_new_write(self.key)
        return action

    def _circumstances(self, verdict: Verdict, move: StageMove, version: FunnelVersion) -> Circumstances:
        is_last = self.last_move is not None and self.last_move.log_id == move.log_id
        conn, tenant, deal_id = self.conn, self.installation_id, self.deal.id
        return Circumstances(
            now=self.now,
            from_kind=self._kind(move.from_stage, version),
            stands_there=is_last and self.deal.stage == move.to_stage,
            stands_beyond=stands_beyond(version, self.deal, verdict.gate_stage),
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


def stands_beyond(version: FunnelVersion, deal: Deal, gate_stage: StageRef | None) -> bool:
    """Whether the deal stands in that stage or further on, and is not lost."""
    positions = {stage.ref: index for index, stage in enumerate(version.stages)}
    kinds = {stage.ref: stage.kind for stage in version.stages}
    if gate_stage is None or deal.stage not in positions or kinds[deal.stage] is StageKind.LOST:
        return False
    return positions[deal.stage] >= positions.get(gate_stage, 0)
