"""When a deal was open, by its record."""

from app.crm.adapters.bitrix24.records import Record, is_yes, moment, moment_or_none, reading
from app.domain.attribution import Lifetime


def lifetime_of(item: Record) -> Lifetime:
    """When a deal was open."""
    with reading():
        closed_at = moment_or_none(item.get("movedTime")) if is_yes(item.get("closed")) else None
        return Lifetime(str(int(item["id"])), moment(item["createdTime"]), closed_at)
