"""amoCRM's account hooks: forms without signature, many entities in one.

https://www.amocrm.ru/developers/content/crm_platform/webhooks-format
"""

import re
from collections.abc import Sequence
from typing import Any

from app.crm.adapters.amocrm.brackets import Form, items, parse_form
from app.crm.adapters.amocrm.wire import child
from app.crm.errors import NotUnderstood, WrongAccount
from app.crm.events import ContactTouched, DealTouched, InboundEvent, Unhandled
from app.crm.port import Account, Delivery

KIND = re.compile(r"[a-z_]{1,32}", re.ASCII)
ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
MOVING = ("add", "status")
"""What is done to a lead when it comes into a stage. A change of other fields comes as `update`."""

LEAD_TYPES = {"2", "lead", "leads"}
CONTACT_TYPES = {"1", "3", "contact", "contacts", "company", "companies"}


class AmocrmWebhooks:
    """Pure reading of hooks. Who may call is decided by the address, who is meant by the body."""

    def authenticate(self, delivery: Delivery, account: Account) -> None:
        """Hooks carry no signature: the unguessable address is the proof, and the account in the
        body must be the one that the address belongs to. An old hook names only the subdomain.

        Raises WrongAccount; a body that cannot be read is left to `parse`.
        """
        try:
            form = parse_form(delivery.body)
        except NotUnderstood:
            return
        account_id = child(form, "account", "id")
        subdomain = child(form, "account", "subdomain")
        if account_id is not None:
            if account_id != account.external_id:
                raise WrongAccount
        elif (
            isinstance(subdomain, str)
            and not _is_local(account.host)
            and subdomain != account.host.partition(".")[0]
        ):
            raise WrongAccount

    def redact(self, delivery: Delivery) -> bytes:
        """Hooks hold no secrets; the body may be kept as it is."""
        return delivery.body

    def parse(self, delivery: Delivery) -> Sequence[InboundEvent]:
        """Whom the hook is about, each once, in the order of arrival. Raises NotUnderstood."""
        form = parse_form(delivery.body)
        events: list[InboundEvent] = []
        for kind, branch in form.items():
            if kind == "account":
                continue
            if not KIND.fullmatch(kind):
                raise NotUnderstood("no hook has such a part")
            reader = READERS.get(kind)
            events.extend(reader(branch) if reader else [Unhandled(kind)])
        if not events:
            raise NotUnderstood("nothing that we know")
        found: dict[InboundEvent, InboundEvent] = {}
        for event in events:
            if event not in found or (isinstance(event, DealTouched) and event.moved):
                found[event] = event
        return list(found.values())


def _is_local(host: str) -> bool:
    return ":" in host


def _id(value: Any) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise NotUnderstood("an id is not a number")
    return value


def _records(branch: Any) -> list[tuple[str, Form]]:
    """Every record with its action. The documentation's task hook has one index too many."""
    if not isinstance(branch, dict):
        raise NotUnderstood("an entity without an action")
    records: list[tuple[str, Form]] = []
    for action, found in branch.items():
        for item in items(found):
            if not isinstance(item, dict):
                raise NotUnderstood("a record is not a record")
            nested = [below for key, below in item.items() if isinstance(below, dict) and key.isdigit()]
            records.extend((action, record) for record in nested or [item])
    return records


def _leads(branch: Any) -> list[InboundEvent]:
    """Notes are nested one level deeper and name their lead as `element_id`."""
    return [
        DealTouched(
            _id(child(item, "note", "element_id") if action == "note" else item.get("id")),
            moved=action in MOVING,
        )
        for action, item in _records(branch)
    ]


def _contacts(branch: Any) -> list[InboundEvent]:
    """Companies come under `contacts` too; only notes (calls, letters) can be evidence."""
    return [
        ContactTouched(_id(child(item, "note", "element_id") if action == "note" else item.get("id")))
        for action, item in _records(branch)
    ]


def _owned(branch: Any) -> list[InboundEvent]:
    """Tasks, messages and talks name their owner by type and id."""
    events: list[InboundEvent] = []
    for _, item in _records(branch):
        kind = str(item.get("element_type") or item.get("entity_type") or "")
        owner = item.get("element_id") or item.get("entity_id")
        if kind in LEAD_TYPES and owner:
            events.append(DealTouched(_id(owner)))
        elif item.get("contact_id"):
            events.append(ContactTouched(_id(item["contact_id"])))
        elif kind in CONTACT_TYPES and owner:
            events.append(ContactTouched(_id(owner)))
        else:
            events.append(Unhandled("without_owner"))
    return events


def _unsorted(branch: Any) -> list[InboundEvent]:
    """Accepting and declining both come as `delete`, with the leads in the result."""
    events: list[InboundEvent] = []
    for _, item in _records(branch):
        results = [child(item, result, "leads") for result in ("accept_result", "decline_result")]
        leads = [lead for result in results for lead in items(result)]
        single = item.get("lead_id")
        named = [*leads, *([single] if single else [])]
        events.extend(DealTouched(_id(lead), moved=True) for lead in named)
    return events or [Unhandled("unsorted")]


READERS = {
    "leads": _leads,
    "contacts": _contacts,
    "companies": _contacts,
    "task": _owned,
    "tasks": _owned,
    "message": _owned,
    "talk": _owned,
    "unsorted": _unsorted,
}
