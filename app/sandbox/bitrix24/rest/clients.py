"""`crm.contact.*` and `crm.company.*`.

https://apidocs.bitrix24.com/api-reference/crm/contacts/index.html
"""

from app.sandbox.bitrix24.model import COMPANY, CONTACT, Client
from app.sandbox.bitrix24.rest.columns import client_table
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.wire import Call, Json, RestError, as_list, whole


def _client(call: Call, kind: int) -> Client:
    number = whole(call.param("id"))
    if not number:
        raise RestError(400, "", "ID is not defined or invalid.")
    client = call.portal.clients[kind].get(number)
    if client is None:
        raise RestError(400, "", "Not found")
    return client


def _page(call: Call, kind: int) -> object:
    table = client_table(call.portal, kind)
    wanted = [str(name) for name in as_list(call.param("select"))]
    names = [name for name in wanted if name in table.columns]
    select = list(dict.fromkeys(["ID", *names])) if names and "*" not in wanted else list(table.columns)
    return table.page(list(call.portal.clients[kind].values()), call, select=select)


@method("crm.contact.get")
def contact(call: Call) -> object:
    """One contact."""
    return client_table(call.portal, CONTACT).row(_client(call, CONTACT))


@method("crm.contact.list")
def contacts(call: Call) -> object:
    """A page of contacts."""
    return _page(call, CONTACT)


@method("crm.company.get")
def company(call: Call) -> object:
    """One company."""
    return client_table(call.portal, COMPANY).row(_client(call, COMPANY))


@method("crm.company.list")
def companies(call: Call) -> object:
    """A page of companies."""
    return _page(call, COMPANY)


def _values(given: Json, key: str) -> list[str]:
    items = as_list(given.get(key))
    return [str(item.get("VALUE", "")) if isinstance(item, dict) else str(item) for item in items]


@method("crm.contact.add")
def add_contact(call: Call) -> object:
    """A new contact; the answer is its id."""
    given = call.tree("fields")
    client = call.portal.create_client(
        str(given.get("NAME") or ""),
        call.act,
        last_name=str(given.get("LAST_NAME") or ""),
        assigned_by_id=whole(given.get("ASSIGNED_BY_ID")) or call.user.id,
        phones=_values(given, "PHONE"),
        emails=_values(given, "EMAIL"),
        company_id=whole(given.get("COMPANY_ID")) or 0,
    )
    return client.id


@method("crm.company.add")
def add_company(call: Call) -> object:
    """A new company; the answer is its id."""
    given = call.tree("fields")
    title = str(given.get("TITLE") or "")
    return call.portal.create_client(title, call.act, entity_type_id=COMPANY).id


@method("crm.contact.update")
def update_contact(call: Call) -> object:
    """Save what differs."""
    client, given = _client(call, CONTACT), call.tree("fields")
    changes: Json = {}
    for name, attribute in (("NAME", "name"), ("LAST_NAME", "last_name")):
        if name in given:
            changes[attribute] = str(given[name] or "")
    for name, attribute in (("PHONE", "phones"), ("EMAIL", "emails")):
        if name in given:
            changes[attribute] = _values(given, name)
    call.portal.update_client(client, call.act, **changes)
    return True
