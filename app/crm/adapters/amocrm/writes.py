"""Our writes, and finding them again.

https://www.amocrm.ru/developers/content/crm_platform/leads-api
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.crm.adapters.amocrm.api import HOOK, WRITE_BACK, AmocrmApi, Params
from app.crm.adapters.amocrm.catalog import entry_stages, read_pipelines
from app.crm.adapters.amocrm.events import EVENTS_LIMIT, in_order
from app.crm.adapters.amocrm.gather import LIMIT
from app.crm.adapters.amocrm.moves import moves_of
from app.crm.adapters.amocrm.reading import Reader
from app.crm.adapters.amocrm.records import Record, id_of
from app.crm.adapters.amocrm.settings import AmocrmSettings
from app.crm.adapters.amocrm.wire import child, embedded
from app.crm.errors import NoRight, NotFound, Rejected, Unsupported
from app.crm.port import Applied, StageMismatch
from app.domain.deal import Deal
from app.domain.writeback import AddNote, AddTag, AddTask, Command, Move, MoveBack, MoveForward, RemoveTag

ROBOT = 0
TASK_TYPE_CALL = 1
LOST_STATUS = "143"


class Writer:
    """Carries out commands. No conditional write exists, so the stage is read just before."""

    def __init__(self, api: AmocrmApi, reader: Reader, settings: AmocrmSettings) -> None:
        self._api, self._reader, self._settings = api, reader, settings
        self._entries: frozenset[str] | None = None
        self._own_user: str | None = None

    async def apply(self, command: Command, key: str) -> Applied:
        """See `CrmClient.apply`."""
        match command:
            case MoveBack() | MoveForward():
                return await self._move(command)
            case AddNote():
                return await self._add_note(command, key)
            case AddTask():
                return await self._add_task(command, key)
            case AddTag():
                tags = {"tags_to_add": [{"name": command.tag}]}
                await self._api.write("PATCH", f"leads/{command.deal_id}", tags)
                return Applied(command.tag)
            case RemoveTag():
                tags = {"tags_to_delete": [{"name": command.tag}]}
                await self._api.write("PATCH", f"leads/{command.deal_id}", tags)
                return Applied(command.tag)

    async def find_effect(self, command: Command, key: str, since: datetime) -> str | None:
        """See `CrmClient.find_effect`."""
        match command:
            case MoveBack() | MoveForward():
                return await self._find_move(command, since)
            case AddNote():
                path = f"leads/{command.deal_id}/notes"
                return _marked(await self._changed(path, "notes", since), key, "params", "text")
            case AddTask():
                of_deal = [("filter[entity_type]", "leads"), ("filter[entity_id][]", command.deal_id)]
                return _marked(await self._changed("tasks", "tasks", since, of_deal), key, "text")
            case AddTag():
                deal = await self._deal(command.deal_id)
                return command.tag if command.tag in deal.tags else None
            case RemoveTag():
                deal = await self._deal(command.deal_id)
                return None if command.tag in deal.tags else command.tag

    async def _move(self, command: Move) -> Applied:
        deal = await self._deal(command.deal_id)
        if deal.stage != command.expected:
            raise StageMismatch(deal.stage)
        if str(command.target) in await self._unsorted():
            raise Rejected("unsorted takes no deal back")
        body: dict[str, Any] = {
            "pipeline_id": int(command.target.pipeline_id),
            "status_id": int(command.target.stage_id),
        }
        if self._settings.write_as_robot:
            body["updated_by"] = ROBOT
        if command.expected.stage_id == LOST_STATUS and deal.loss_reason_id:
            # A reason is refused outside "lost"; whether leaving it clears it is not written anywhere.
            body["loss_reason_id"] = None
        try:
            await self._api.write("PATCH", f"leads/{command.deal_id}", body)
        except Unsupported as error:
            raise NoRight(str(error)) from None
        return Applied(command.deal_id)

    async def _add_note(self, command: AddNote, key: str) -> Applied:
        """A service's note: it names Stepgate and folds. It must not start the account's robots."""
        note = {
            "note_type": "extended_service_message",
            "params": {"service": self._settings.service_name, "text": _with_marker(command.text, key)},
            "is_need_to_trigger_digital_pipeline": False,
            "request_id": key,
        }
        answer = await self._api.write("POST", f"leads/{command.deal_id}/notes", [note])
        return Applied(_made(answer, "notes"))

    async def _add_task(self, command: AddTask, key: str) -> Applied:
        task = {
            "entity_id": int(command.deal_id),
            "entity_type": "leads",
            "task_type_id": TASK_TYPE_CALL,
            "text": _with_marker(command.text, key),
            "complete_till": int(command.due_at.timestamp()),
            "request_id": key,
        }
        if command.responsible_id:
            task["responsible_user_id"] = int(command.responsible_id)
        return Applied(_made(await self._api.write("POST", "tasks", [task]), "tasks"))

    async def _find_move(self, command: Move, since: datetime) -> str | None:
        params = [("filter[entity]", "lead"), ("filter[entity_id][]", command.deal_id)]
        params += [("filter[type][]", "lead_status_changed")]
        params += [("filter[created_at][from]", str(int(since.timestamp())))]
        records = await self._api.every("events", "events", EVENTS_LIMIT, WRITE_BACK, params)
        own = {"", await self._own()}
        for move in moves_of(command.deal_id, in_order(records), None, since, is_whole=False):
            is_it = (move.from_stage, move.to_stage) == (command.expected, command.target)
            if is_it and move.actor_id in own and move.occurred_at >= since.replace(microsecond=0):
                return move.log_id
        return None

    async def _changed(
        self, path: str, collection: str, since: datetime, more: Params | None = None
    ) -> list[Record]:
        params = [*(more or []), ("filter[updated_at][from]", str(int(since.timestamp())))]
        return await self._api.every(path, collection, LIMIT, WRITE_BACK, params)

    async def _deal(self, deal_id: str) -> Deal:
        deal = await self._reader.deal(deal_id)
        if deal is None:
            raise NotFound("the lead is gone")
        return deal

    async def _unsorted(self) -> frozenset[str]:
        if self._entries is None:
            self._entries = entry_stages(await read_pipelines(self._api, WRITE_BACK))
        return self._entries

    async def _own(self) -> str:
        if self._own_user is None:
            self._own_user = id_of(child(await self._api.get("account", HOOK), "current_user_id"))
        return self._own_user


def _with_marker(text: str, key: str) -> str:
    return text if key in text else f"{text}\n{key}"


def _made(answer: Any, collection: str) -> str:
    """The id of what was made; write answers are thin, and one without it still means success."""
    records = embedded(answer, collection) if answer is not None else []
    return id_of(records[0].get("id")) if records else ""


def _marked(records: Iterable[Record], key: str, *path: str) -> str | None:
    found = (id_of(record.get("id")) for record in records if key in str(child(record, *path) or ""))
    return next(found, None)
