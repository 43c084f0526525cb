"""`crm.timeline.*`: comments, log messages, notes.

https://apidocs.bitrix24.com/api-reference/crm/timeline/comments/index.html
"""

from collections.abc import Callable

from app.sandbox.bitrix24.model import DEAL, INVOICE, TYPE_NAMES, Comment, Link
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.table import Column, Table
from app.sandbox.bitrix24.rest.wire import Answer, Call, Json, RestError, as_list, as_tree, whole

NAMES = {number: name for name, number in TYPE_NAMES.items()} | {INVOICE: "dynamic_31"}
ICONS = ("info", "check", "attention", "camera", "call-default", "document-sign", "wait")
FIELDS: dict[str, tuple[str, Callable[[Comment], object]]] = {
    "ID": ("integer", lambda item: item.id),
    "ENTITY_ID": ("integer", lambda item: item.owner[1]),
    "ENTITY_TYPE": ("string", lambda item: NAMES.get(item.owner[0], "")),
    "CREATED": ("datetime", lambda item: item.created),
    "COMMENT": ("string", lambda item: item.text),
    "AUTHOR_ID": ("integer", lambda item: item.author_id),
    "FILES": ("list", lambda _: []),
}


def _table(call: Call) -> Table[Comment]:
    columns = {name: Column(name, kind, read) for name, (kind, read) in FIELDS.items()}
    return Table(columns, "ID", offset=call.portal.config.utc_offset)


def _link(call: Call, kind_name: object, number: object) -> Link:
    text = str(kind_name or "").lower()
    kind = TYPE_NAMES.get(text) or (INVOICE if text == "dynamic_31" else whole(text) or 0)
    link = (kind, whole(number) or 0)
    if not call.portal.known(link):
        raise RestError(400, "", "Entity is not found.")
    if kind == DEAL and not call.portal.may_read(call.user, call.portal.deal(link[1])):
        raise RestError(400, "", "Access denied.")
    return link


def _comment(call: Call) -> Comment:
    found = call.portal.comments.get(call.number("id"))
    if found is None or found.title:
        raise RestError(400, "", "Not found")
    _link(call, found.owner[0], found.owner[1])
    return found


@method("crm.timeline.comment.add")
def add(call: Call) -> object:
    """A comment; the parameter's name must be `fields` in lower case."""
    given = as_tree(call.params.get("fields"))
    text = str(given.get("COMMENT") or "")
    if not text:
        raise RestError(400, "", "Empty comment message.")
    link = _link(call, given.get("ENTITY_TYPE"), given.get("ENTITY_ID"))
    return call.portal.add_comment(link, call.act, text).id


@method("crm.timeline.comment.get")
def get(call: Call) -> object:
    """One comment."""
    return _table(call).row(_comment(call))


@method("crm.timeline.comment.list")
def listed(call: Call) -> object:
    """The comments of one record, which the filter must name."""
    wanted = call.tree("filter")
    link = _link(call, wanted.get("ENTITY_TYPE"), wanted.get("ENTITY_ID"))
    numbers = call.portal.comments_of.get(link, [])
    rows = [call.portal.comments[number] for number in numbers]
    names = [str(name) for name in as_list(call.param("select")) if str(name) in FIELDS]
    return _table(call).page([row for row in rows if not row.title], call, select=names or list(FIELDS))


@method("crm.timeline.comment.update")
def update(call: Call) -> object:
    """Another text."""
    call.portal.update_comment(_comment(call), call.act, str(call.tree("fields").get("COMMENT") or ""))
    return True


@method("crm.timeline.comment.delete")
def delete(call: Call) -> object:
    """A comment goes."""
    call.portal.delete_comment(_comment(call), call.act)
    return True


def _log(call: Call, comment: Comment) -> Json:
    return {
        "id": comment.id,
        "created": call.portal.iso(comment.created),
        "authorId": comment.author_id,
        "title": comment.title,
        "text": comment.text,
        "iconCode": comment.icon,
    }


@method("crm.timeline.logmessage.add")
def add_log(call: Call) -> object:
    """A line of the timeline with a title and an icon."""
    given = call.tree("fields")
    icon = str(given.get("iconCode") or "")
    if icon not in ICONS:
        raise RestError(400, "WRONG_FIELD_VALUE", "Unknown iconCode")
    link = _link(call, given.get("entityTypeId"), given.get("entityId"))
    title, text = str(given.get("title") or ""), str(given.get("text") or "")
    if not title:
        raise RestError(400, "REQUIRED_FIELD_EMPTY", "Field title is required")
    return {"logMessage": _log(call, call.portal.add_comment(link, call.act, text, title=title, icon=icon))}


@method("crm.timeline.logmessage.list")
def logs(call: Call) -> object:
    """The log messages of one record."""
    link = _link(call, call.param("entityTypeId"), call.param("entityId"))
    rows = [call.portal.comments[number] for number in call.portal.comments_of.get(link, [])]
    found = [_log(call, row) for row in rows if row.title]
    return Answer({"logMessages": found}, len(found))


@method("crm.timeline.icon.list")
def icons(call: Call) -> object:
    """The icons of log messages."""
    del call
    return [{"code": code, "isSystem": True} for code in ICONS]


@method("crm.timeline.note.save")
def note(call: Call) -> object:
    """A note under an entry of the timeline."""
    return {"note": {"text": call.text("text"), "createdById": call.user.id}}


@method("crm.timeline.item.pin", "crm.timeline.item.unpin")
def pin(call: Call) -> object:
    """Keep an entry on top, or let it go."""
    _link(call, call.param("ownerTypeId"), call.param("ownerId"))
    return True
