"""Lists to their end: of one deal page after page, of many deals all further pages at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.crm.adapters.bitrix24.api import Bitrix24Api
from app.crm.adapters.bitrix24.records import Record
from app.crm.adapters.bitrix24.wire import PAGE, Answer, Command, rows_of
from app.crm.errors import CrmError, NotFound, Rejected, Unavailable, Unsupported

MOST_PAGES = 200
REFUSALS: tuple[type[CrmError], ...] = (Unsupported, NotFound, Rejected)


@dataclass(frozen=True, slots=True)
class Lists:
    """Reads on where a batch has brought the first page of a list."""

    api: Bitrix24Api
    priority: int

    async def whole(
        self, command: Command, told: Answer | CrmError, path: tuple[str, ...], *, is_optional: bool
    ) -> list[Record]:
        """All pages. What is optional may be refused: then there is nothing to read. Else a refusal is
        raised, for an empty log would be a lie.
        """
        answer = optional(told, *(REFUSALS if is_optional else ()))
        if answer is None:
            return []
        rows = rows_of(answer.value, *path)
        for _ in range(MOST_PAGES):
            if answer.next is None:
                return rows
            params = {**command.params, "start": answer.next}
            answer = await self.api.page(command.method, params, self.priority)
            rows.extend(rows_of(answer.value, *path))
        raise Unavailable(f"the list of {command.method} does not end")


def further_pages(lists: Mapping[str, Command], told: Mapping[str, Answer | CrmError]) -> dict[str, Command]:
    """The further pages of lists: their first pages tell how many there are. Raises Unavailable."""
    found: dict[str, Command] = {}
    for name, command in lists.items():
        answer = told[name]
        if isinstance(answer, CrmError) or answer.next is None:
            continue
        if answer.total is None or answer.total > MOST_PAGES * PAGE:
            raise Unavailable(f"the list of {command.method} does not end")
        for start in range(answer.next, answer.total, PAGE):
            found[f"{name}+{start}"] = Command(command.method, {**command.params, "start": start})
    return found


def joined(name: str, told: Mapping[str, Answer | CrmError], *absent: type[CrmError]) -> list[Record]:
    """All pages of a list whose further ones `further_pages` named.

    Raises Unavailable when it changed in between: a row may have slipped from page to page unseen.
    """
    first = optional(told[name], *absent)
    if first is None:
        return []
    rows = rows_of(first.value, "items")
    for key, each in told.items():
        if key.startswith(f"{name}+"):
            page = optional(each)
            if page is None or page.total != first.total:
                raise Unavailable("a list has changed while it was read")
            rows += rows_of(page.value, "items")
    return rows


def optional(told: Answer | CrmError | None, *absent: type[CrmError]) -> Answer | None:
    """The answer; None for one of the errors that mean "there is none". Raises any other."""
    if isinstance(told, CrmError):
        if isinstance(told, absent):
            return None
        raise told
    return told
