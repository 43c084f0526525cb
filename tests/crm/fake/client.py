"""The port over the CRM in memory, with a network that can fail in every way the port knows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.crm.errors import (
    AuthExpired,
    FieldRequired,
    NoRight,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    Unknown,
)
from app.crm.port import Applied, DealLog, Page, StageMismatch
from app.db.types import from_micros, to_micros
from app.domain.deal import Deal, MoveOrigin
from app.domain.stage import Catalog
from app.domain.writeback import AddNote, AddTag, AddTask, Command, Move, MoveBack, MoveForward, RemoveTag
from tests.crm.fake.world import SERVICE_USER, FakeCrm

OVERLAP = timedelta(minutes=1)


class Fault(StrEnum):
    """What may become of a call."""

    LOST_BEFORE = "lost_before"
    """The request never arrived, and the caller cannot know."""
    LOST_AFTER = "lost_after"
    """It was carried out, and the answer was lost."""
    UNAVAILABLE = "unavailable"
    RATE_LIMITED = "rate_limited"
    AUTH_EXPIRED = "auth_expired"
    REJECTED = "rejected"
    NO_RIGHT = "no_right"
    FIELD_REQUIRED = "field_required"


async def at_once() -> None:
    """A network that takes no time."""


@dataclass
class FakeClient:
    """`CrmClient` on behalf of the service user.

    `travel` is awaited on the way there and back, `depart` before a write arrives. `hear` is told of
    the moments when the log is read and when a write is carried out.
    """

    crm: FakeCrm
    fault: Callable[[str], Fault | None] = lambda _: None
    travel: Callable[[], Awaitable[None]] = at_once
    depart: Callable[[], Awaitable[None]] = at_once
    hear: Callable[[str, str], None] = lambda _, __: None
    overlap: timedelta = OVERLAP
    user_id: str = SERVICE_USER
    signs: bool = True
    checks_stage: bool = True
    calls: int = 0

    async def get_deal(self, deal_id: str) -> Deal:
        """The deal as it stands now."""
        await self._ask("get_deal")
        deal = self._deal(deal_id)
        await self.travel()
        return deal

    async def get_catalog(self) -> Catalog:
        """The account's catalog."""
        await self._ask("get_catalog")
        return replace(self.crm.catalog, read_at=self.crm.clock.now())

    async def deal_log(self, deal_id: str, cursor: str) -> DealLog:
        """What the log shows from a minute before the cursor on, then the deal."""
        await self._ask("deal_log")
        self.hear("read", deal_id)
        since = from_micros(int(cursor)) - self.overlap if cursor else None
        entries = [entry for entry in self.crm.seen(deal_id) if since is None or entry.at >= since]
        newest = max((to_micros(entry.at) for entry in entries), default=int(cursor or 0))
        await self.travel()
        now = self.crm.clock.now()
        deal = self.crm.deals.get(deal_id)
        told = DealLog(
            deal=replace(deal, read_at=now) if deal else None,
            moves=tuple(replace(entry.move, recorded_at=now) for entry in entries if entry.move),
            evidence=tuple(replace(entry.fact, recorded_at=now) for entry in entries if entry.fact),
            cursor=str(newest or ""),
        )
        await self.travel()
        return told

    async def deals_of_contact(self, contact_id: str) -> Sequence[str]:
        """Deals with that contact."""
        await self._ask("deals_of_contact")
        return [deal.id for deal in self.crm.deals.values() if contact_id in deal.contact_ids]

    async def changed_deals(self, since: datetime, cursor: str) -> Page[str]:
        """Deals with entries in the log since then, on one page."""
        await self._ask("changed_deals")
        changed = [
            deal_id for deal_id in self.crm.log if any(entry.at >= since for entry in self.crm.seen(deal_id))
        ]
        return Page(tuple(changed), "", len(changed), len(changed))

    async def history(self, since: datetime, cursor: str) -> Page[DealLog]:
        """One deal a page, in the order of ids."""
        await self._ask("history")
        ids = sorted(self.crm.deals)
        done = int(cursor or 0)
        if not ids:
            return Page((), "")
        told = await self.deal_log(ids[done], "")
        done += 1
        return Page((told,), str(done) if done < len(ids) else "", done, len(ids))

    async def apply(self, command: Command, key: str) -> Applied:
        """Carry out a write, unless the network has other plans."""
        self.calls += 1
        await self.depart()
        fault = self.fault("apply")
        _raise_unapplied(fault)
        self.hear(type(command).__name__, command.deal_id)
        ref = self._carry_out(command)
        if fault is Fault.LOST_AFTER:
            raise Unknown("the answer was lost")
        await self.travel()
        return Applied(ref)

    async def find_effect(self, command: Command, key: str, since: datetime) -> str | None:
        """What the CRM shows of an earlier write."""
        await self._ask("find_effect")
        if isinstance(command, MoveBack | MoveForward):
            return self._find_move(command, since)
        if isinstance(command, AddTag | RemoveTag):
            tags = self.crm.found(command.deal_id, "tag")
            found = next((each.id for each in tags if each.text == command.tag), None)
            return found if isinstance(command, AddTag) else (None if found else command.tag)
        notes = self.crm.found(command.deal_id, "note" if isinstance(command, AddNote) else "task")
        return next((each.id for each in notes if key in each.text), None)

    async def ensure_hooks(self, url: str) -> bool:
        """Nothing to subscribe."""
        return False

    async def can_read(self, user_id: str, deal_id: str) -> bool:
        """Everybody may see every deal."""
        return deal_id in self.crm.deals

    async def close(self) -> None:
        """Nothing is open."""

    async def _ask(self, operation: str) -> None:
        self.calls += 1
        await self.travel()
        fault = self.fault(operation)
        if fault in (Fault.LOST_BEFORE, Fault.LOST_AFTER):
            raise Unavailable("no answer")
        _raise_unapplied(fault)

    def _deal(self, deal_id: str) -> Deal:
        deal = self.crm.deals.get(deal_id)
        if deal is None:
            raise NotFound(deal_id)
        return replace(deal, read_at=self.crm.clock.now())

    def _carry_out(self, command: Command) -> str:
        deal = self._deal(command.deal_id)
        match command:
            case MoveBack() | MoveForward():
                if self.checks_stage and deal.stage != command.expected:
                    raise StageMismatch(deal.stage)
                author, origin = (self.user_id, MoveOrigin.API) if self.signs else ("", MoveOrigin.ROBOT)
                self.crm.move(deal.id, command.target, author, origin, is_ours=True)
                return deal.id
            case AddNote():
                return self.crm.write(deal.id, "note", command.text)
            case AddTask():
                return self.crm.write(deal.id, "task", command.text)
            case AddTag():
                return self.crm.write(deal.id, "tag", command.tag)
            case RemoveTag():
                return self.crm.untag(deal.id, command.tag)

    def _find_move(self, command: Move, since: datetime) -> str | None:
        for entry in self.crm.seen(command.deal_id):
            move = entry.move
            if move is None or entry.at < since:
                continue
            is_ours = not move.actor_id or move.actor_id == self.user_id
            if (move.from_stage, move.to_stage) == (command.expected, command.target) and is_ours:
                return move.log_id
        return None


def _raise_unapplied(fault: Fault | None) -> None:
    match fault:
        case Fault.LOST_BEFORE:
            raise Unknown("no answer")
        case Fault.UNAVAILABLE:
            raise Unavailable("service unavailable")
        case Fault.RATE_LIMITED:
            raise RateLimited(5)
        case Fault.AUTH_EXPIRED:
            raise AuthExpired
        case Fault.REJECTED:
            raise Rejected("no")
        case Fault.NO_RIGHT:
            raise NoRight("no right")
        case Fault.FIELD_REQUIRED:
            raise FieldRequired("no budget", "Budget")
        case Fault.LOST_AFTER | None:
            return
