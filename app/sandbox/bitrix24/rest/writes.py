"""Which calls change something: those whose lost answer hides a finished write."""

from app.sandbox.bitrix24.rest.wire import Json, as_tree

READS = {
    "admin",
    "current",
    "events",
    "fields",
    "get",
    "gettranscript",
    "info",
    "items",
    "list",
    "methods",
    "profile",
    "scope",
    "search",
    "time",
}
TAKES_AWAY = {"event.offline.get"}
"""Named like a read, but what it answers is gone or reserved afterwards."""


def plain_name(method: str) -> str:
    """A method's name as it is looked up: in lower case, without the ending that says the format."""
    return method.lower().removesuffix(".json")


def is_write(method: str, params: Json | None = None) -> bool:
    """Whether a call changes something; a batch does when one of its commands does."""
    name = plain_name(method)
    if name == "batch":
        commands = as_tree((params or {}).get("cmd")).values()
        return any(is_write(str(command).partition("?")[0]) for command in commands)
    return name in TAKES_AWAY or name.rsplit(".", 1)[-1] not in READS
