"""Our writes, and finding them again: the API has no key that would make a write happen once.

https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-update.html
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.crm.adapters.bitrix24.activity_facts import OURS
from app.crm.adapters.bitrix24.api import WRITE_BACK, Bitrix24Api
from app.crm.adapters.bitrix24.moves import in_order, log_id
from app.crm.adapters.bitrix24.reading import Reader
from app.crm.adapters.bitrix24.records import DEAL, Record, id_of, is_yes, moment, reading, stage_of
from app.crm.adapters.bitrix24.refusals import refused_move
from app.crm.adapters.bitrix24.settings import Bitrix24Settings
from app.crm.adapters.bitrix24.wire import Command as Call
from app.crm.adapters.bitrix24.wire import child, rows_of
from app.crm.errors import CrmError, NotFound, Rejected, Unknown, Unsupported
from app.crm.port import Applied, StageMismatch
from app.domain.stage import StageRef
from app.domain.writeback import AddNote, AddTag, AddTask, Command, Move, MoveBack, MoveForward, RemoveTag

TITLE_LIMIT = 120
WORDS_LIMIT = 400
"""What can be read at a glance in an entry of the timeline, also on a phone."""

TODO, BADGE = "CRM_TODO", "CONFIGURABLE_REST_APP"
BADGE_CODE = "stepgate_waits"


class Writer:
    """Carries out commands. No conditional write exists, so the stage is read just before."""

    def __init__(self, api: Bitrix24Api, reader: Reader, settings: Bitrix24Settings) -> None:
        self._api, self._reader, self._settings = api, reader, settings
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
                return await self._add_badge(command)
            case RemoveTag():
                return await self._remove_badge(command)

    async def find_effect(self, command: Command, key: str, since: datetime) -> str | None:
        """See `CrmClient.find_effect`."""
        match command:
            case MoveBack() | MoveForward():
                return await self._find_move(command, since)
            case AddNote():
                return _marked(await self._comments(command.deal_id), key, "COMMENT")
            case AddTask():
                return _marked(await self._activities(command.deal_id, TODO), key, "DESCRIPTION", "SUBJECT")
            case AddTag():
                return await self._find_badge(command)
            case RemoveTag():
                return None if await self._badges(command) else _origin(command.tag)

    async def _move(self, command: Move) -> Applied:
        """The category is named only when it changes: rights to move are not checked then.

        The answer shows the deal as saved, so a move that was quietly ignored shows itself.
        """
        item = await self._reader.item(command.deal_id)
        with reading():
            found = stage_of(item["categoryId"], item["stageId"])
        if found != command.expected:
            raise StageMismatch(found)
        fields: dict[str, Any] = {"stageId": command.target.stage_id}
        if command.target.pipeline_id != command.expected.pipeline_id:
            fields["categoryId"] = int(command.target.pipeline_id)
        params = {"entityTypeId": DEAL, "id": int(command.deal_id), "fields": fields}
        try:
            answer = await self._api.call("crm.item.update", params, WRITE_BACK, is_write=True)
        except (Rejected, Unsupported) as error:
            raise refused_move(error) from None
        saved = child(answer, "item")
        if not isinstance(saved, dict):
            raise Unknown("the answer does not show the deal")
        if _stage(saved) == command.expected:
            raise Rejected("the portal left the deal where it was")
        return Applied(command.deal_id)

    async def _add_note(self, command: AddNote, key: str) -> Applied:
        """A comment, and a notice to whoever leads the deal; with our mark the notice comes once.

        https://apidocs.bitrix24.com/api-reference/chats/messages/im-notify-personal-add.html
        """
        text = _with_marker(command.text, key)
        fields = {"ENTITY_ID": int(command.deal_id), "ENTITY_TYPE": "deal", "COMMENT": text}
        commands = {"note": Call("crm.timeline.comment.add", {"fields": fields})}
        if self._settings.notify:
            commands["deal"] = Call("crm.item.get", {"entityTypeId": DEAL, "id": command.deal_id})
            notice = {
                "USER_ID": "$result[deal][item][assignedById]",
                "MESSAGE": _notice(command, key),
                "TAG": key,
            }
            commands["notice"] = Call("im.notify.personal.add", notice)
        told = await self._api.batch(commands, WRITE_BACK, is_write=True)
        note = told["note"]
        if isinstance(note, CrmError):
            raise note
        return Applied(id_of(note.value))

    async def _add_task(self, command: AddTask, key: str) -> Applied:
        """A to-do of the deal's timeline: phones show it too.

        https://apidocs.bitrix24.com/api-reference/crm/timeline/activities/todo/crm-activity-todo-add.html
        """
        text = _with_marker(command.text, key)
        params: dict[str, Any] = {
            "ownerTypeId": DEAL,
            "ownerId": int(command.deal_id),
            "deadline": command.due_at.isoformat(),
            "title": _title(command.text),
            "description": text,
        }
        if command.responsible_id:
            params["responsibleId"] = int(command.responsible_id)
        answer = await self._api.call("crm.activity.todo.add", params, WRITE_BACK, is_write=True)
        return Applied(id_of(child(answer, "id")))

    async def _add_badge(self, command: AddTag) -> Applied:
        """Deals have no tags: an entry of the timeline whose badge shows on the board, once a deal.

        https://apidocs.bitrix24.com/api-reference/crm/timeline/activities/configurable/index.html
        """
        known = await self._find_badge(command)
        if known:
            return Applied(known)
        commands = {
            "badge": Call("crm.activity.badge.add", _badge(command.tag)),
            "entry": Call("crm.activity.configurable.add", _entry(command, BADGE_CODE)),
        }
        told = await self._api.batch(commands, WRITE_BACK, is_write=True)
        entry = told["entry"]
        if isinstance(entry, NotFound | Rejected):
            # Who may not make badges still may make the entry.
            plain = _entry(command, "")
            answer = await self._api.call("crm.activity.configurable.add", plain, WRITE_BACK, is_write=True)
            return Applied(id_of(child(answer, "activity", "id")))
        if isinstance(entry, CrmError):
            raise entry
        return Applied(id_of(child(entry.value, "activity", "id")))

    async def _remove_badge(self, command: RemoveTag) -> Applied:
        """The entry stays in the timeline as done, without its badge.

        https://apidocs.bitrix24.com/api-reference/crm/timeline/activities/configurable/crm-activity-configurable-update.html
        """
        for known in await self._badges(command):
            params = {"id": int(known), "fields": {"completed": True, "badgeCode": ""}}
            await self._api.call("crm.activity.configurable.update", params, WRITE_BACK, is_write=True)
        return Applied(_origin(command.tag))

    async def _find_move(self, command: Move, since: datetime) -> str | None:
        """The row of the move, after `since`. The history names no author; the deal names that of
        its last move, so a person's is not taken for ours where it can be told.
        """
        rows = in_order(await self._history(command.deal_id))
        before: StageRef | None = None
        with reading():
            for row in rows:
                stage = stage_of(row["CATEGORY_ID"], row["STAGE_ID"])
                is_way = (before, stage) == (command.expected, command.target)
                if is_way and moment(row["CREATED_TIME"]) >= since.replace(microsecond=0):
                    if row is rows[-1] and not await self._is_ours(command):
                        return None
                    return log_id(row)
                before = stage
        return None

    async def _is_ours(self, command: Move) -> bool:
        try:
            item = await self._reader.item(command.deal_id)
        except NotFound:
            return True
        author = id_of(item.get("movedBy"))
        return not author or author == await self._own()

    async def _own(self) -> str:
        if self._own_user is None:
            self._own_user = id_of(child(await self._api.call("profile", {}, WRITE_BACK), "ID"))
        return self._own_user

    async def _find_badge(self, command: AddTag) -> str | None:
        return next(iter(await self._badges(command)), None)

    async def _badges(self, command: AddTag | RemoveTag) -> list[str]:
        """Ids of the entries with that tag that are not done yet."""
        wanted = (OURS, _origin(command.tag))
        return [
            id_of(row.get("ID"))
            for row in await self._activities(command.deal_id, BADGE)
            if (row.get("ORIGINATOR_ID"), row.get("ORIGIN_ID")) == wanted and not is_yes(row.get("COMPLETED"))
        ]

    async def _history(self, deal_id: str) -> list[Record]:
        params = {"entityTypeId": DEAL, "filter": {"OWNER_ID": deal_id}}
        return await self._api.keyset(
            "crm.stagehistory.list", params, WRITE_BACK, lambda value: rows_of(value, "items")
        )

    async def _activities(self, deal_id: str, provider: str) -> list[Record]:
        bindings = [{"OWNER_TYPE_ID": DEAL, "OWNER_ID": deal_id}]
        params = {
            "filter": {"BINDINGS": bindings, "PROVIDER_ID": provider},
            "select": ["ID", "SUBJECT", "DESCRIPTION", "COMPLETED", "ORIGINATOR_ID", "ORIGIN_ID"],
        }
        return await self._api.keyset("crm.activity.list", params, WRITE_BACK, rows_of)

    async def _comments(self, deal_id: str) -> list[Record]:
        """The newest fifty: ours was written a moment ago."""
        params = {"filter": {"ENTITY_ID": deal_id, "ENTITY_TYPE": "deal"}, "order": {"ID": "DESC"}}
        try:
            return rows_of(await self._api.call("crm.timeline.comment.list", params, WRITE_BACK))
        except (Rejected, Unsupported) as error:
            raise NotFound(f"the deal's comments cannot be read: {error}") from None


def _stage(item: Record) -> StageRef:
    with reading():
        return stage_of(item["categoryId"], item["stageId"])


def _title(text: str) -> str:
    """The first sentences of the text that fit into a title; of a long one its first words."""
    line = text.partition("\n")[0].strip()
    if len(line) <= TITLE_LIMIT:
        return line
    whole, stop, _ = line[:TITLE_LIMIT].rpartition(". ")
    if stop:
        return f"{whole}."
    return line[: TITLE_LIMIT - 1].rpartition(" ")[0].rstrip(",:; ") + "…"


def _with_marker(text: str, key: str) -> str:
    return text if key in text else f"{text}\n{key}"


def _notice(command: AddNote, key: str) -> str:
    """The note's first line with a link to the deal: the whole would hide half of a phone's screen."""
    text = command.text.replace(key, "").strip().partition("\n")[0]
    return f"{text}[br][URL=/crm/deal/details/{command.deal_id}/]Stepgate[/URL]"


def _origin(tag: str) -> str:
    return f"tag-{hashlib.blake2b(tag.encode(), digest_size=4).hexdigest()}"


def _badge(tag: str) -> dict[str, Any]:
    """https://apidocs.bitrix24.com/api-reference/crm/timeline/activities/configurable/badges/index.html"""
    return {"code": BADGE_CODE, "title": "Stepgate", "value": tag, "type": "warning"}


def _entry(command: AddTag, badge: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "typeId": "CONFIGURABLE",
        "completed": False,
        "originatorId": OURS,
        "originId": _origin(command.tag),
    }
    if badge:
        fields["badgeCode"] = badge
    return {
        "ownerTypeId": DEAL,
        "ownerId": int(command.deal_id),
        "fields": fields,
        "layout": _layout(command),
    }


def _layout(command: AddTag) -> dict[str, Any]:
    """The least that an entry may show: what is the matter, and in words what the client has yet to do.

    https://apidocs.bitrix24.com/api-reference/crm/timeline/activities/configurable/structure/index.html
    """
    blocks = {"tag": _words(command.tag, is_bold=True)}
    if command.text:
        blocks["missing"] = _words(shortened(command.text), is_bold=False)
    return {
        "icon": {"code": "attention"},
        "header": {"title": "Stepgate"},
        "body": {"logo": {"code": "check"}, "blocks": blocks},
    }


def _words(text: str, *, is_bold: bool) -> dict[str, Any]:
    return {"type": "text", "properties": {"value": text, "multiline": True, "bold": is_bold}}


def shortened(text: str, limit: int = WORDS_LIMIT) -> str:
    """At most `limit` characters, cut between words."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


def _marked(rows: Iterable[Record], key: str, *names: str) -> str | None:
    found = (id_of(row.get("ID")) for row in rows if any(key in str(row.get(name) or "") for name in names))
    return next(found, None)
