"""Records of the REST API in our words.

https://apidocs.bitrix24.com/api-reference/crm/universal/object-fields.html
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from app.crm.errors import Unavailable
from app.domain.deal import Deal
from app.domain.stage import StageRef

Record = dict[str, Any]
DEAL, CONTACT, COMPANY, INVOICE, DOCUMENT = 2, 3, 4, 31, 36
TEXT_LIMIT = 2000
"""Of a text that proves something, so many characters are kept."""

LOST = "F"
CUSTOM = "ufcrm"


@contextmanager
def reading() -> Iterator[None]:
    """An answer of another shape than the documentation's is nonsense: Unavailable."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise Unavailable(f"the answer has an unknown shape: {type(error).__name__}") from None


def moment(value: Any) -> datetime:
    """A time with its offset, in UTC. Raises ValueError for anything else."""
    found = datetime.fromisoformat(str(value))
    if found.tzinfo is None:
        raise ValueError("a time without an offset")
    return found.astimezone(UTC)


def moment_or_none(value: Any) -> datetime | None:
    """A time, None for an empty one."""
    return moment(value) if value else None


def id_of(value: Any) -> str:
    """An id as text; empty for null, 0 and "0", which mean "none"."""
    text = str(value) if value else ""
    return "" if text == "0" else text


def number(value: Any) -> int:
    """A whole number, 0 for what is none: the older methods answer numbers as texts."""
    try:
        return int(float(str(value)))
    except ValueError:
        return 0


def is_yes(value: Any) -> bool:
    """Flags come as `Y` and `N`, in some answers as booleans."""
    return value is True or str(value).upper() in ("Y", "1", "TRUE")


def stage_of(category_id: Any, stage_id: Any) -> StageRef:
    """A stage. Raises ValueError without its id; the first pipeline's id is 0."""
    if not stage_id or category_id is None:
        raise ValueError("a stage without its pipeline")
    return StageRef(str(int(category_id)), str(stage_id))


def deal_of(item: Record, now: datetime) -> Deal:
    """The deal of an item. A closed one was closed when it was moved last: `closedate` is a plan."""
    with reading():
        stage = stage_of(item["categoryId"], item["stageId"])
        return Deal(
            id=str(int(item["id"])),
            title=str(item.get("title") or ""),
            stage=stage,
            created_at=moment(item["createdTime"]),
            updated_at=moment(item["updatedTime"]),
            read_at=now,
            price=number(item.get("opportunity")),
            responsible_id=id_of(item.get("assignedById")),
            created_by=id_of(item.get("createdBy")),
            closed_at=moment_or_none(item.get("movedTime")) if is_yes(item.get("closed")) else None,
            source=str(item.get("sourceId") or ""),
            fields=field_values(item),
            contact_ids=contacts_of(item),
            loss_reason_id=stage.stage_id if item.get("stageSemanticId") == LOST else "",
        )


def contacts_of(item: Record) -> tuple[str, ...]:
    """Ids of a deal's contacts, the main one first."""
    ids = [item.get("contactId"), *(item.get("contactIds") or [])]
    return tuple(dict.fromkeys(id_of(each) for each in ids if id_of(each)))


def field_values(item: Record) -> Mapping[str, tuple[str, ...]]:
    """Filled custom fields by field name, values as text."""
    found = {}
    for name, value in item.items():
        if name.lower().startswith(CUSTOM):
            values = value if isinstance(value, list) else [value]
            texts = tuple(text for each in values if (text := as_text(each)))
            if texts:
                found[name] = texts
    return found


def as_text(value: Any) -> str:
    """A value as text: a ticked box is 1, a nested one (a file) has no text."""
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None or isinstance(value, dict | list) else str(value)
