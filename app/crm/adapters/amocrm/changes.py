"""Which deals the account's log names since a moment: what hooks may have missed."""

from dataclasses import dataclass
from datetime import datetime

from app.crm.adapters.amocrm.api import POLL, AmocrmApi
from app.crm.adapters.amocrm.events import EVENTS_LIMIT, LogEvent, event_of
from app.crm.adapters.amocrm.gather import LIMIT
from app.crm.adapters.amocrm.note_facts import CLIENT_EVENTS
from app.crm.adapters.amocrm.reading import Reader
from app.crm.adapters.amocrm.records import Holder
from app.crm.port import Page

TASK_EVENTS = {"task_completed", "task_result_added"}
ENTITIES = {"contact": "contacts", "company": "companies"}


@dataclass(frozen=True, slots=True)
class Changes:
    """Reads the log of the account, not of a deal."""

    api: AmocrmApi
    reader: Reader

    async def page(self, since: datetime, cursor: str) -> Page[str]:
        """The deals of one page of the log. New entries shift pages, which only repeats deals.

        A call with a contact and a completed task are no lines about a lead, so the lead is asked
        for: whether a task's line names the task or its lead is not documented.
        """
        number = int(cursor) if cursor.isdigit() else 1
        params = [("filter[created_at][from]", str(int(since.timestamp())))]
        records, more = await self.api.page("events", "events", number, EVENTS_LIMIT, POLL, params)
        events = [event_of(record) for record in records]
        ids = {event.entity_id for event in events if event.entity == "lead"}
        ids |= await self._of_holders(events)
        ids |= await self._of_tasks(events)
        return Page(tuple(sorted(ids)), str(number + 1) if more else "")

    async def _of_holders(self, events: list[LogEvent]) -> set[str]:
        holders = {
            Holder(ENTITIES[event.entity], event.entity_id)
            for event in events
            if event.entity in ENTITIES and event.type in CLIENT_EVENTS
        }
        found: set[str] = set()
        for holder in holders:
            found.update(await self.reader.linked_deals_of(holder))
        return found

    async def _of_tasks(self, events: list[LogEvent]) -> set[str]:
        tasks = {event.entity_id for event in events if event.entity == "task" and event.type in TASK_EVENTS}
        if not tasks:
            return set()
        params = [("filter[id][]", task_id) for task_id in sorted(tasks)]
        found = await self.api.every("tasks", "tasks", LIMIT, POLL, params)
        return {
            str(task.get("entity_id"))
            for task in found
            if task.get("entity_type") == "leads" and str(task.get("id")) in tasks
        }
