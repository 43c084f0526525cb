"""Bitrix24's online events: forms with an id and a secret, sent once and never again.

https://apidocs.bitrix24.com/api-reference/events/safe-event-handlers.html
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from app.crm.adapters.bitrix24.forms import Form, parse_form, redact, text_at
from app.crm.errors import NotFromCrm, NotUnderstood, WrongAccount
from app.crm.events import (
    AccountRemoved,
    CatalogTouched,
    DealTouched,
    InboundEvent,
    RecordTouched,
    Unhandled,
)
from app.crm.port import Account, Delivery

EVENT = re.compile(r"[A-Z0-9_]{1,64}", re.ASCII)
ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
SECONDS = re.compile(r"[1-9][0-9]{8,9}", re.ASCII)
DEAL_TYPE = "2"
BESIDE = {"31": "invoice", "36": "document"}
Reader = Callable[[Form], InboundEvent]


class Bitrix24Webhooks:
    """Pure reading of events."""

    def authenticate(self, delivery: Delivery, account: Account) -> None:
        """The portal's id must be the account's, and its secret the one that we were given.

        A portal that gave no secret at its installation is known by the unguessable address alone.
        An event of a robot carries no tokens, and lean ones nothing but these two.
        Raises NotFromCrm, WrongAccount.
        """
        try:
            form = parse_form(delivery.body)
        except NotUnderstood:
            raise NotFromCrm from None
        secret = text_at(form, "auth", "application_token")
        if account.hook_secret and not hmac.compare_digest(secret.encode(), account.hook_secret.encode()):
            raise NotFromCrm
        member_id = text_at(form, "auth", "member_id")
        if not member_id:
            raise NotFromCrm
        if member_id != account.external_id:
            raise WrongAccount

    def redact(self, delivery: Delivery) -> bytes:
        """The body without tokens: those of a person come with every event that he causes."""
        return redact(delivery.body)

    def parse(self, delivery: Delivery) -> Sequence[InboundEvent]:
        """Whom the event is about. Raises NotUnderstood."""
        form = parse_form(delivery.body)
        name = text_at(form, "event").upper()
        if not name:
            # What a robot sends has a code instead: nothing to do for us.
            if text_at(form, "code"):
                return [Unhandled("robot")]
            raise NotUnderstood("no event")
        return events_of(name, form)


def events_of(name: str, form: Form) -> Sequence[InboundEvent]:
    """Whom an event is about, whichever way it came; all values of `form` are texts. Raises NotUnderstood."""
    known = name.upper()
    if not EVENT.fullmatch(known):
        raise NotUnderstood("no event has such a name")
    reader = READERS.get(known)
    return [reader(form) if reader else Unhandled(known.lower())]


def _id(text: str) -> str:
    if not ID.fullmatch(text):
        raise NotUnderstood("an id is not a number")
    return text


def _of(form: Form, name: str = "ID") -> str:
    """A field of the event: documentation and product differ in where a comment's id stands."""
    return text_at(form, "data", "FIELDS", name) or text_at(form, "data", name)


def _deal(form: Form) -> InboundEvent:
    """An update does not say of what, so it may be a move."""
    return DealTouched(_id(_of(form)), moved=True)


def _record(kind: str) -> Reader:
    return lambda form: RecordTouched(f"{kind}-{_id(_of(form))}")


def _item(form: Form) -> InboundEvent:
    """Smart processes of all kinds; only invoices and documents to sign hang on deals and matter."""
    kind = BESIDE.get(_of(form, "ENTITY_TYPE_ID"))
    return RecordTouched(f"{kind}-{_id(_of(form))}") if kind else Unhandled("other_item")


def _document(form: Form) -> InboundEvent:
    if _of(form, "ENTITY_TYPE_ID") != DEAL_TYPE:
        return Unhandled("other_document")
    return DealTouched(_id(_of(form, "ENTITY_ID")))


def _call(form: Form) -> InboundEvent:
    """A call names its activity, and that its deal; one without is with nobody that the CRM knows."""
    activity = _of(form, "CRM_ACTIVITY_ID")
    return RecordTouched(f"activity-{_id(activity)}") if activity.strip("0") else Unhandled("call_of_nobody")


def _task(form: Form) -> InboundEvent:
    """A deletion has no "after", a creation no "before"; `undefined` stands for nothing."""
    for side in ("FIELDS_AFTER", "FIELDS_BEFORE", "FIELDS"):
        found = text_at(form, "data", side, "ID")
        if ID.fullmatch(found):
            return RecordTouched(f"task-{found}")
    raise NotUnderstood("a task without an id")


def _removed(form: Form) -> InboundEvent:
    """`CLEAN` is what the administrator has ticked; without it what we know is kept.

    https://apidocs.bitrix24.com/api-reference/common/events/on-app-uninstall.html
    """
    return AccountRemoved(wipes=text_at(form, "data", "CLEAN") == "1", happened_at=_when(form))


def _when(form: Form) -> datetime | None:
    seconds = text_at(form, "ts")
    return datetime.fromtimestamp(int(seconds), UTC) if SECONDS.fullmatch(seconds) else None


def _catalog(_: Form) -> InboundEvent:
    return CatalogTouched()


READERS: Mapping[str, Reader] = {
    **{f"ONCRMDEAL{what}": _deal for what in ("ADD", "UPDATE", "DELETE", "MOVETOCATEGORY")},
    **{f"ONCRMDEALUSERFIELD{what}": _catalog for what in ("ADD", "UPDATE", "DELETE", "SETENUMVALUES")},
    **{f"ONCRMACTIVITY{what}": _record("activity") for what in ("ADD", "UPDATE")},
    **{f"ONCRMTIMELINECOMMENT{what}": _record("comment") for what in ("ADD", "UPDATE")},
    **{f"ONCRMDYNAMICITEM{what}": _item for what in ("ADD", "UPDATE")},
    **{f"ONCRMDYNAMICITEM{what}_31": _record("invoice") for what in ("ADD", "UPDATE")},
    **{f"ONCRMDOCUMENTGENERATORDOCUMENT{what}": _document for what in ("ADD", "UPDATE", "DELETE")},
    **{f"ONTASK{what}": _task for what in ("ADD", "UPDATE")},
    "ONVOXIMPLANTCALLEND": _call,
    "ONUSERADD": _catalog,
    "ONAPPUNINSTALL": _removed,
}
