"""Records of the REST API in our words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.crm.adapters.amocrm.wire import child
from app.crm.errors import Unavailable
from app.domain.deal import Deal
from app.domain.stage import StageRef

Record = dict[str, Any]


@contextmanager
def reading() -> Iterator[None]:
    """An answer of another shape than the documentation's is nonsense: Unavailable."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise Unavailable(f"the answer has an unknown shape: {type(error).__name__}") from None


@dataclass(frozen=True, slots=True)
class Holder:
    """A contact or a company of a deal; `entity` is `contacts` or `companies`."""

    entity: str
    id: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.id}"


def moment(seconds: Any) -> datetime:
    """A unix time. Raises TypeError or ValueError for anything else."""
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise TypeError("not a unix time")
    return datetime.fromtimestamp(seconds, UTC)


def id_of(value: Any) -> str:
    """An id as text; empty for null and 0, which mean "none" or "a robot"."""
    return str(value) if value else ""


def stage_of(pipeline_id: Any, status_id: Any) -> StageRef:
    """A stage; won and lost (142, 143) repeat in every pipeline. Raises ValueError without both."""
    if not (pipeline_id and status_id):
        raise ValueError("a stage without its pipeline")
    return StageRef(str(pipeline_id), str(status_id))


def deal_of(lead: Record, now: datetime) -> Deal:
    """The deal of a lead read with contacts and source.

    https://www.amocrm.ru/developers/content/crm_platform/leads-api
    """
    with reading():
        return Deal(
            id=str(lead["id"]),
            title=str(lead.get("name") or ""),
            stage=stage_of(lead["pipeline_id"], lead["status_id"]),
            created_at=moment(lead["created_at"]),
            updated_at=moment(lead["updated_at"]),
            read_at=now,
            price=int(lead.get("price") or 0),
            responsible_id=id_of(lead.get("responsible_user_id")),
            created_by=id_of(lead.get("created_by")),
            closed_at=moment(lead["closed_at"]) if lead.get("closed_at") else None,
            source=str(child(lead, "_embedded", "source", "name") or ""),
            tags=frozenset(str(tag["name"]) for tag in child(lead, "_embedded", "tags") or []),
            fields=field_values(lead),
            contact_ids=tuple(holder.id for holder in holders_of(lead) if holder.entity == "contacts"),
            loss_reason_id=id_of(lead.get("loss_reason_id")),
        )


def field_values(record: Record) -> Mapping[str, tuple[str, ...]]:
    """Filled custom fields by field id, values as text; null when there are none."""
    found = {}
    for item in record.get("custom_fields_values") or []:
        texts = [as_text(value.get("value")) for value in item.get("values") or []]
        found[str(item["field_id"])] = tuple(text for text in texts if text)
    return {key: texts for key, texts in found.items() if texts}


def as_text(value: Any) -> str:
    """A value as the events log writes it: a ticked box is 1; a nested one (a file) has no text."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None or isinstance(value, dict | list) else str(value)


def holders_of(lead: Record) -> tuple[Holder, ...]:
    """Contacts, the main one first, then the company."""
    contacts = child(lead, "_embedded", "contacts") or []
    ordered = sorted(contacts, key=lambda contact: not contact.get("is_main"))
    companies = child(lead, "_embedded", "companies") or []
    return (
        *(Holder("contacts", str(contact["id"])) for contact in ordered),
        *(Holder("companies", str(company["id"])) for company in companies),
    )
