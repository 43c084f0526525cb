"""Writes to an account, and looking for the effect of an earlier one.

Only keys that are meant are sent: returning what was read can be refused or undo a change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.crm.adapters.amocrm.caller import EVENTS_PAGE, Caller
from app.crm.adapters.amocrm.facts import event_time, read_events
from app.crm.adapters.amocrm.reading import Reader
from app.crm.adapters.amocrm.wire import child
from app.crm.errors import NotFound, Unknown
from app.crm.port import Applied, StageMismatch
from app.domain.writeback import AddNote, AddTag, AddTask, Command, MoveBack

CALL_BACK_TASK = 1
"""Task types 1 (call) and 2 (meeting) exist in every account. `D/crm_platform/tasks-api`"""

SLACK = timedelta(seconds=2)
"""The log keeps whole seconds."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Carries out commands in one account."""

    caller: Caller
    reader: Reader
    service_name: str
    user_id: str = ""

    async def apply(self, command: Command, key: str) -> Applied:
        """See `CrmClient.apply`."""
        match command:
            case MoveBack():
                return await self._move_back(command)
            case AddNote():
                return await self._note(command)
            case AddTask():
                return await self._task(command)
            case AddTag():
                await self.caller.write(
                    "PATCH", f"leads/{command.deal_id}", {"tags_to_add": [{"name": command.tag}]}
                )
                return Applied(command.deal_id)

    async def find_effect(self, command: Command, key: str, since: datetime) -> str | None:
        """See `CrmClient.find_effect`."""
        match command:
            case MoveBack():
                return await self._find_move(command, since)
            case AddNote():
                return await self._find_note(command, key)
            case AddTask():
                return await self._find_task(command, key)
            case AddTag():
                deal = await self.reader.deal(command.deal_id)
                return command.deal_id if deal and command.tag in deal.tags else None

    async def _move_back(self, command: MoveBack) -> Applied:
        """Both ids are named: 142 and 143 repeat in every pipeline. There is no conditional write,
        so the lead is read right before."""
        deal = await self.reader.deal(command.deal_id)
        if deal is None:
            raise NotFound("the lead is gone")
        if deal.stage != command.expected:
            raise StageMismatch(deal.stage)
        body = {"status_id": int(command.target.stage_id), "pipeline_id": int(command.target.pipeline_id)}
        await self.caller.write("PATCH", f"leads/{command.deal_id}", body)
        return Applied(command.deal_id)

    async def _note(self, command: AddNote) -> Applied:
        params = {"service": self.service_name, "text": command.text}
        note = {"note_type": "extended_service_message", "params": params}
        quiet = {"is_need_to_trigger_digital_pipeline": False}
        answer = await self.caller.write("POST", f"leads/{command.deal_id}/notes", [note | quiet])
        return Applied(_made(answer, "notes"))

    async def _task(self, command: AddTask) -> Applied:
        task: dict[str, Any] = {
            "entity_id": int(command.deal_id),
            "entity_type": "leads",
            "task_type_id": CALL_BACK_TASK,
            "text": command.text,
            "complete_till": int(command.due_at.timestamp()),
        }
        if command.responsible_id.isdigit() and command.responsible_id != "0":
            task["responsible_user_id"] = int(command.responsible_id)
        return Applied(_made(await self.caller.write("POST", "tasks", [task]), "tasks"))

    async def _find_move(self, command: MoveBack, since: datetime) -> str | None:
        start = int((since - SLACK).timestamp())
        params = [
            ("filter[entity]", "lead"),
            ("filter[entity_id][]", command.deal_id),
            ("filter[type]", "lead_status_changed"),
            ("filter[created_at][from]", str(start)),
        ]
        events = await self.caller.all("events", "events", params, priority=0, limit=EVENTS_PAGE)
        recent = [event for event in events if event_time(event) >= since - SLACK]
        for move in read_events(command.deal_id, recent, since).moves:
            is_ours = not self.user_id or move.actor_id == self.user_id
            if (move.from_stage, move.to_stage) == (command.expected, command.target) and is_ours:
                return move.log_id
        return None

    async def _find_note(self, command: AddNote, key: str) -> str | None:
        params = [("filter[note_type][]", "extended_service_message"), ("order[id]", "desc"), ("limit", "50")]
        answer = await self.caller.read(f"leads/{command.deal_id}/notes", params, priority=0)
        return _with_marker(child(answer, "_embedded", "notes"), key)

    async def _find_task(self, command: AddTask, key: str) -> str | None:
        params = [("filter[entity_type]", "leads"), ("filter[entity_id][]", command.deal_id)]
        return _with_marker(await self.caller.all("tasks", "tasks", params, priority=0), key)


def _made(answer: Any, collection: str) -> str:
    found = child(answer, "_embedded", collection)
    made = found[0].get("id") if isinstance(found, list) and found and isinstance(found[0], dict) else None
    if made is None:
        raise Unknown(f"the answer names none of the {collection} that were made")
    return str(made)


def _with_marker(records: Any, key: str) -> str | None:
    for record in records or []:
        if isinstance(record, Mapping) and key in (
            str(record.get("text") or "") + str(child(record, "params", "text") or "")
        ):
            return str(record.get("id"))
    return None
