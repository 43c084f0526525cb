"""Fetching what the portal knows of some deals: a few batches for one deal as for fifty."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.crm.adapters.bitrix24.activity_facts import Around, is_call, is_chat, is_client_s, is_own
from app.crm.adapters.bitrix24.api import Bitrix24Api
from app.crm.adapters.bitrix24.attribution import lifetime_of
from app.crm.adapters.bitrix24.lists import Lists, optional
from app.crm.adapters.bitrix24.own_records import ACTIVITY_FIELDS, OwnReader, OwnRecords
from app.crm.adapters.bitrix24.records import (
    COMPANY,
    CONTACT,
    DEAL,
    Record,
    contacts_of,
    id_of,
    moment,
    number,
    reading,
)
from app.crm.adapters.bitrix24.wire import PAGE, Answer, Command, rows_of
from app.crm.errors import CrmError, NotFound, Rejected, Unsupported
from app.domain.attribution import BEFORE_CREATION, Lifetime

MOST_HOLDERS = 10
"""Of a deal with more contacts than this the first are looked at."""

LIFE_FIELDS = ["id", "createdTime", "closed", "movedTime", "contactId", "contactIds", "companyId"]
Holder = tuple[int, str]
"""A contact or a company of a deal, by type and id."""


@dataclass
class Gathered:
    """What hangs on deals; `held` are activities of a contact that hang on no deal, by the id of his deal."""

    own: OwnRecords
    held: dict[str, list[tuple[Holder, Record]]] = field(default_factory=dict)
    lives: dict[Holder, list[Lifetime]] = field(default_factory=dict)
    around: Around = field(default_factory=Around)


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Asks for deals by their ids. `fields` are names of a deal's further fields, its custom ones;
    `kinds` are those of the records beside it."""

    api: Bitrix24Api
    priority: int
    fields: Sequence[str] = ()
    kinds: Sequence[int] = ()

    async def of(self, ids: Sequence[str]) -> Gathered:
        """All that is known of these deals. A deal that is gone has no item. Raises CrmError."""
        found = Gathered(await OwnReader(self.api, self.priority, self.fields, self.kinds).of(ids))
        await self._held(found)
        calls, sessions = _asked_around(found)
        found.around = await self._around(calls, sessions)
        return found

    async def _held(self, found: Gathered) -> None:
        """What the deals' contacts did that hangs on no deal, and those contacts' deals."""
        commands = {
            deal_id: _holder_command(item, holders_of(item))
            for deal_id, item in found.own.items.items()
            if holders_of(item)
        }
        if not commands:
            return
        told = await self.api.batch(commands, self.priority)
        lists, loose = Lists(self.api, self.priority), dict[str, list[Record]]()
        for deal_id, command in commands.items():
            rows = await lists.whole(command, told[deal_id], (), is_optional=True)
            known = {str(row["ID"]) for row in found.own.activities[deal_id]}
            rows = [row for row in _unique(rows) if str(row["ID"]) not in known and _may_count(row)]
            if rows:
                loose[deal_id] = rows
        if loose:
            await self._attribute(loose, found)

    async def _attribute(self, loose: Mapping[str, Sequence[Record]], found: Gathered) -> None:
        """An activity of a contact may hang on another deal as well: then it is that deal's."""
        ids = sorted({str(row["ID"]) for rows in loose.values() for row in rows})
        commands = {each: Command("crm.activity.binding.list", {"activityId": each}) for each in ids}
        told = await self.api.batch(commands, self.priority)
        bound = {each: _bindings(told[each]) for each in ids}
        for deal_id, rows in loose.items():
            holders = set(holders_of(found.own.items[deal_id]))
            kept = [
                (holder, row)
                for row in rows
                if not any(kind == DEAL for kind, _ in bound[str(row["ID"])])
                for holder in sorted(holders & (bound[str(row["ID"])] | {_owner(row)}))[:1]
            ]
            if kept:
                found.held[deal_id] = kept
        holders = {holder for kept in found.held.values() for holder, _ in kept}
        deals = await self.deals_of(sorted(holders))
        found.lives = {holder: [lifetime_of(row) for row in rows] for holder, rows in deals.items()}

    async def deals_of(self, holders: Sequence[Holder], **filters: Any) -> dict[Holder, list[Record]]:
        """The deals of contacts and companies, in the order of their ids. Raises CrmError.

        Which filter finds a deal by any of its contacts is not documented: two are asked, one has to do.
        """
        names = {holder: [f"{holder[0]}_{holder[1]}_{number}" for number in (0, 1)] for holder in holders}
        commands = {
            name: command
            for holder in holders
            for name, command in zip(names[holder], deals_commands(holder, **filters), strict=False)
        }
        told = await self.api.batch(commands, self.priority) if commands else {}
        lists, found = Lists(self.api, self.priority), dict[Holder, list[Record]]()
        for holder in holders:
            mine = {name: told[name] for name in names[holder] if name in told}
            refused = [each for each in mine.values() if isinstance(each, Rejected)]
            if len(refused) == len(mine):
                raise refused[0]
            rows: list[Record] = []
            for name, answer in mine.items():
                if not isinstance(answer, Rejected):
                    rows += await lists.whole(commands[name], answer, ("items",), is_optional=False)
            with reading():
                by_id = {int(row["id"]): row for row in rows}
            found[holder] = [by_id[key] for key in sorted(by_id)]
        return found

    async def _around(self, calls: Sequence[str], sessions: Mapping[str, str]) -> Around:
        """Statistics of calls and messages of chats; a portal may allow neither."""
        commands = {
            f"m{activity}": Command("imopenlines.session.history.get", {"SESSION_ID": session})
            for activity, session in sessions.items()
        }
        for start in range(0, len(calls), PAGE):
            some = list(calls[start : start + PAGE])
            params = {"FILTER": {"CRM_ACTIVITY_ID": some}, "SORT": "ID", "ORDER": "ASC"}
            commands[f"s{start}"] = Command("voximplant.statistic.get", params)
        told = await self.api.batch(commands, self.priority) if commands else {}
        lists, rows = Lists(self.api, self.priority), dict[str, list[Record]]()
        has_statistics = True
        for name in (name for name in commands if name.startswith("s")):
            has_statistics = not isinstance(told[name], Unsupported | NotFound | Rejected)
            for row in await lists.whole(commands[name], told[name], (), is_optional=True):
                rows.setdefault(id_of(row.get("CRM_ACTIVITY_ID")), []).append(row)
        read = {activity: optional(told[f"m{activity}"], Unsupported, NotFound) for activity in sessions}
        chats = {
            activity: each.value for activity, each in read.items() if each and isinstance(each.value, dict)
        }
        return Around(rows, chats, has_statistics)


def holders_of(item: Record) -> tuple[Holder, ...]:
    """Whose acts may be about a deal: its contacts, or its company when it has none."""
    contacts = tuple((CONTACT, each) for each in contacts_of(item)[:MOST_HOLDERS])
    company = id_of(item.get("companyId"))
    return contacts or (((COMPANY, company),) if company else ())


def deals_commands(holder: Holder, **filters: Any) -> list[Command]:
    """All deals of a contact or a company, as far as their lifetimes matter."""
    kind, each = holder
    names = ("contactIds", "contactId") if kind == CONTACT else ("companyId",)
    return [
        Command(
            "crm.item.list",
            {
                "entityTypeId": DEAL,
                "filter": {name: each, **filters},
                "select": LIFE_FIELDS,
                "order": {"id": "ASC"},
            },
        )
        for name in names
    ]


def _holder_command(item: Record, holders: Iterable[Holder]) -> Command:
    """Nothing older than an hour before the deal can be about it."""
    with reading():
        since = moment(item["createdTime"]) - BEFORE_CREATION - timedelta(seconds=1)
    bindings = [{"OWNER_TYPE_ID": kind, "OWNER_ID": each} for kind, each in holders]
    wanted = {"BINDINGS": bindings, ">=CREATED": since.isoformat()}
    return Command("crm.activity.list", {"filter": wanted, "select": ACTIVITY_FIELDS, "order": {"ID": "ASC"}})


def _may_count(row: Record) -> bool:
    return is_client_s(row) and not is_own(row) and _owner(row)[0] != DEAL


def _owner(row: Record) -> Holder:
    return number(row.get("OWNER_TYPE_ID")), id_of(row.get("OWNER_ID"))


def _bindings(told: Answer | CrmError) -> set[Holder]:
    """An activity that went meanwhile hangs on nothing."""
    answer = optional(told, NotFound, Unsupported)
    rows = rows_of(answer.value) if answer else []
    return {(number(row.get("entityTypeId")), id_of(row.get("entityId"))) for row in rows}


def _asked_around(found: Gathered) -> tuple[list[str], dict[str, str]]:
    """Activities to look up in the statistics, and sessions of chats by activity."""
    own = [row for rows in found.own.activities.values() for row in rows]
    held = [row for rows in found.held.values() for _, row in rows]
    calls = sorted({str(row["ID"]) for row in [*own, *held] if is_call(row)}, key=int)
    sessions = {
        str(row["ID"]): id_of(row.get("ASSOCIATED_ENTITY_ID")) for row in [*own, *held] if is_chat(row)
    }
    return calls, {activity: session for activity, session in sessions.items() if session}


def _unique(rows: Iterable[Record]) -> list[Record]:
    """Several bindings may repeat a row."""
    with reading():
        return list({str(row["ID"]): row for row in rows}.values())
