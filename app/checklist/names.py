"""Ids of the CRM as names for people, and facts as the card shows them."""

from dataclasses import dataclass

from app.checklist.answers import FactView, NeedView
from app.domain.evidence import Evidence, EvidenceKind
from app.domain.plain_text import shown
from app.domain.stage import Catalog, StageRef
from app.domain.trigger import Proof, Trigger
from app.domain.trigger_words import describe_triggers


@dataclass(frozen=True, slots=True)
class Names:
    """What the catalog calls things; without a catalog, or for what it lost, nothing."""

    catalog: Catalog | None
    language: str

    def stage(self, ref: StageRef | None) -> str:
        """A stage's title."""
        found = self.catalog.stage(ref) if self.catalog and ref else None
        return shown(found.title) if found else ""

    def user(self, user_id: str) -> str:
        """A person's name."""
        return shown(self.catalog.user_name(user_id)) if self.catalog else ""

    def subject(self, kind: EvidenceKind, subject: str) -> str:
        """What a fact or a trigger is about, as people call it."""
        if kind is EvidenceKind.FIELD and self.catalog:
            return shown(next((each.title for each in self.catalog.fields if each.id == subject), ""))
        if kind is EvidenceKind.STAGE:
            return self._stage_named(subject)
        return shown(subject)

    def fact(self, fact: Evidence) -> FactView:
        """A fact as the card shows it."""
        return FactView(
            kind=fact.kind,
            direction=fact.direction,
            seconds=fact.seconds,
            subject=shown(fact.subject),
            subject_title=self.subject(fact.kind, fact.subject),
            text=shown(fact.text),
            channel=fact.channel,
            author=self.user(fact.author_id),
            grade=fact.grade,
            occurred_at=fact.occurred_at,
            recorded_at=fact.recorded_at,
            is_dated=fact.is_dated,
        )

    def needs(self, proof: Proof) -> list[NeedView]:
        """What would prove a step, as the card shows it; triggers told as one have the same words."""
        phrases = describe_triggers(proof, self.catalog, self.language)
        return [self._need(trigger, words) for trigger, words in zip(proof.triggers, phrases, strict=True)]

    def _need(self, trigger: Trigger, words: str) -> NeedView:
        return NeedView(
            kind=trigger.kind,
            direction=trigger.direction,
            least_seconds=trigger.least_seconds,
            subject=trigger.subject,
            subject_title=self.subject(trigger.kind, trigger.subject),
            value=trigger.value,
            contains=trigger.contains,
            words=words,
        )

    def _stage_named(self, subject: str) -> str:
        try:
            return self.stage(StageRef.parse(subject))
        except ValueError:
            return ""
