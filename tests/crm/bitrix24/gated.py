"""A portal beside Stepgate with a gate on the offer, and what can be seen of a deal on both sides."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from app.crm.errors import CrmError
from app.domain.deal import MoveOrigin
from app.domain.evidence import Evidence, EvidenceKind
from app.domain.stage import StageRef
from app.domain.verdict import Outcome
from app.funnels.document import FunnelDocument
from app.funnels.publish import publish
from app.installations.store import load_catalog
from app.ledger.read import evidence_of, moves_of
from app.outbox.rows import OutboxRow, rows_of
from app.sandbox.bitrix24.model import Item
from app.verdicts.store import verdicts_of
from tests.crm.bitrix24.site import Site, make_site
from tests.mapping import checkpoint, gate, mapping

NEW, OFFER, CONTRACT = "NEW", "PREPAYMENT_INVOICE", "EXECUTING"
TODO = "CRM_TODO"
BACK = "снова на стадии"
"""What a comment says of a deal that was moved back, and of no other."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Traces:
    """How often Stepgate is seen in a deal: moves of the history after the creation, texts, bells."""

    moves: tuple[str, ...]
    comments: int
    todos: int
    notices: int


ONCE = Traces((OFFER, NEW), 1, 1, 1)
"""Dragged too far, back, and told once."""


@dataclass
class Gated:
    """The site and looks into it."""

    site: Site

    async def tenant(self) -> int:
        """Our installation of the portal."""
        known = await self.site.known()
        assert known
        return known.id

    async def enforce(self, document: FunnelDocument) -> None:
        """Put a mapping in force for the first pipeline."""
        tenant, now = await self.tenant(), self.site.clock.now()

        def save(conn: Connection) -> None:
            catalog = load_catalog(conn, tenant)
            assert catalog
            pipeline = catalog.pipeline("0")
            assert pipeline
            publish(conn, tenant, "0", document, stages=pipeline.stages, by="1", now=now)

        await self.site.stepgate.services.db.write(save)

    async def writes(self, deal: Item) -> list[OutboxRow]:
        """What Stepgate meant to write."""
        tenant = await self.tenant()
        return await self._read(lambda conn: rows_of(conn, tenant, str(deal.id)))

    async def blocked(self, deal: Item) -> int:
        """How many of the deal's moves were judged as forbidden."""
        tenant = await self.tenant()
        stored = await self._read(lambda conn: verdicts_of(conn, tenant, str(deal.id)))
        return sum(each.verdict.outcome is Outcome.BLOCKED for each in stored.values())

    async def evidence(self, deal: Item) -> list[Evidence]:
        """What it holds for the client's doing or the seller's word; where the deal stood is neither."""
        tenant = await self.tenant()
        facts = await self._read(lambda conn: evidence_of(conn, tenant, str(deal.id)))
        return [fact for fact in facts if fact.kind is not EvidenceKind.STAGE]

    async def way(self, deal: Item) -> list[tuple[str, MoveOrigin]]:
        """The ledger's moves after the creation: where to, and by whom."""
        tenant = await self.tenant()
        moves = await self._read(lambda conn: moves_of(conn, tenant, str(deal.id)))
        assert [move.to_stage for move in moves] == self._history(deal), "the ledger is not the history"
        return [
            (move.to_stage.stage_id, move.origin) for move in moves if move.origin is not MoveOrigin.CREATION
        ]

    def traces(self, deal: Item) -> Traces:
        """What the portal shows."""
        portal, link = self.site.portal, deal.link
        rows = portal.history_of[link]
        activities = [each for each in portal.activities.values() if link in each.bindings]
        return Traces(
            tuple(row.stage_id for row in rows[1:]),
            sum(comment.owner == link for comment in portal.comments.values()),
            sum(each.provider_id == TODO for each in activities),
            sum(f"/details/{deal.id}/" in each.text for each in portal.notifications.values()),
        )

    def comment(self, deal: Item) -> str:
        """The text of the only comment."""
        (text,) = [each.text for each in self.site.portal.comments.values() if each.owner == deal.link]
        return text

    async def drag(self, deal: Item, stage: str = OFFER) -> None:
        """A minute later the seller drags it there, and nobody has heard of it yet."""
        self.site.clock.clock.advance(60)
        self.site.move(deal, stage)

    async def live(self, rounds: int = 10, seconds: float = 60) -> None:
        """Time passes: events are heard, lanes done, and now and then the history is polled."""
        for _ in range(rounds):
            self.site.clock.clock.advance(seconds)
            with suppress(CrmError):
                await self.site.poll()
            await self.site.settle()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await self.site.stepgate.services.db.read(work)

    def _history(self, deal: Item) -> list[StageRef]:
        rows = self.site.portal.history_of[deal.link]
        return [StageRef(str(row.category_id), row.stage_id) for row in rows]


@asynccontextmanager
async def make_gated(
    database_url: str, folder: Path, patch: pytest.MonkeyPatch, mode: str = "enforce"
) -> AsyncIterator[Gated]:
    """Connected, with a gate on the offer that demands an incoming call."""
    async with make_site(database_url, folder, patch) as site:
        await site.install()
        gated = Gated(site)
        site.clock.clock.advance(60)
        await gated.enforce(mapping([checkpoint("called")], [gate(OFFER, "called", mode=mode)]))
        site.clock.clock.advance(60)
        yield gated
