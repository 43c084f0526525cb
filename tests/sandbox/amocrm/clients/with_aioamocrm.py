"""What a published Python client reads from and writes to the simulated account, by the account's own name.

Runs in an environment of its own; takes a JSON object on standard input and answers one.
"""

import asyncio
import json
import sys
from typing import Any

import httpx
from aioamocrm import (
    AccountMovedError,
    AmoCRMClient,
    AmoCRMError,
    AuthError,
    Company,
    Contact,
    Embedded,
    ForbiddenError,
    Lead,
    LongLivedToken,
    Note,
    NotFoundError,
    OAuth2,
    RateLimitError,
    RetryPolicy,
    Tag,
    Task,
    ValidationError,
    parse_webhook,
)

JSON = dict[str, Any]


class Inward(httpx.AsyncHTTPTransport):
    """Every host is this machine: its names are real, its address is not."""

    def __init__(self, port: int) -> None:
        super().__init__(verify=httpx.create_ssl_context(), retries=3)
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Connect here, and ask for the certificate of the name."""
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return await super().handle_async_request(request)


def client_of(given: JSON, auth: Any, **more: Any) -> AmoCRMClient:
    """A client of the account called `subdomain`; it waits for nothing."""
    http = httpx.AsyncClient(transport=Inward(given["port"]), timeout=120.0)
    options = {"subdomain": given["subdomain"], "rate_limit": None, **more}
    return AmoCRMClient(auth=auth, http=http, **options)


def keys_of(given: JSON) -> OAuth2:
    """The integration's keys."""
    return OAuth2(given["client_id"], given["client_secret"], given["redirect_uri"])


async def authorize(given: JSON) -> JSON:
    """A code, a renewal, a spent token, and an account that has got another name."""
    oauth = keys_of(given)
    amo = client_of(given, oauth)
    first = await amo.exchange_code(given["code"])
    account = await amo.account.get(with_=["users_groups", "task_types", "version"])
    renewed = await oauth.refresh(amo._endpoint)
    found = {
        "account": account.id,
        "groups": [group["name"] for group in (account.embedded or {})["users_groups"]],
        "rotated": first.refresh_token != renewed.refresh_token,
        "spent_code": await refused(amo.exchange_code(given["code"])),
        "lives": renewed.expires_at > first.expires_at - 60,
    }
    late = keys_of(given)
    await late.storage.save(first)
    old = client_of(given, late)
    found["spent_token"] = await refused(late.refresh(old._endpoint))
    found["old_access_still_reads"] = (await old.account.get()).id
    return found


async def refused(call: Any) -> JSON:
    """What a refusal of the token endpoint says."""
    try:
        await call
    except AuthError as error:
        return {"status": error.status_code, "hint": (error.body or {}).get("hint")}
    return {}


async def follow(given: JSON) -> JSON:
    """The account has moved: the client learns where to, and goes on there."""
    oauth = keys_of(given)
    await oauth.storage.save(await bought(given, oauth))
    amo = client_of(given, oauth)
    async with httpx.AsyncClient(transport=Inward(given["port"]), timeout=120.0) as admin:
        answer = await admin.patch(
            f"{amo.base_url}/sandbox/faults", json={"moved_to_host": given["new_host"]}
        )
        answer.raise_for_status()
    try:
        await oauth.refresh(amo._endpoint)
    except AccountMovedError as error:
        moved = error.domain
    subdomain, _, domain = moved.partition(".")
    there = client_of({**given, "subdomain": subdomain}, oauth, domain=domain)
    await oauth.refresh(there._endpoint)
    return {"moved_to": moved, "account": (await there.account.get()).id}


async def bought(given: JSON, oauth: OAuth2) -> Any:
    """A first pair of tokens."""
    return await client_of(given, oauth).exchange_code(given["code"])


async def work(given: JSON) -> JSON:
    """Everything that its users do most."""
    amo = client_of(given, LongLivedToken(given["token"]))
    found = await read(amo, given)
    found |= await write_leads(amo, given)
    found |= await write_around(amo, given)
    found |= await hooks(amo, given)
    return found | await refusals(amo, given)


async def read(amo: AmoCRMClient, given: JSON) -> JSON:
    """Lists by pages, filters and orders."""
    leads = [lead async for lead in amo.leads.iterate(limit=50, with_=["contacts"])]
    stage = {"pipeline_id": given["pipeline_id"], "status_id": given["stages"][1]}
    in_stage = [lead.id async for lead in amo.leads.iterate(filter={"statuses": [stage]})]
    newest = await amo.leads.get_page(1, limit=10, order={"updated_at": "desc"})
    wanted = {"type": "lead_status_changed", "created_at": {"from": 0}}
    events = await amo.request("GET", "events", params={"limit": 100, "filter": wanted})
    people = [contact async for contact in amo.contacts.iterate(limit=250)]
    return {
        "leads": len(leads),
        "distinct_leads": len({lead.id for lead in leads}),
        "with_contacts": sum(1 for lead in leads if lead.embedded.contacts),
        "in_stage": in_stage,
        "newest_first": [lead.updated_at for lead in newest],
        "found": [lead.id async for lead in amo.leads.iterate(query=given["words"])],
        "events": sorted({event["type"] for event in events["_embedded"]["events"]}),
        "events_page": len(events["_embedded"]["events"]),
        "contacts": len(people),
        "users": [user.name async for user in amo.users.iterate()],
        "pipelines": [line.name for line in await amo.pipelines.list()],
        "stages": [stage.id for stage in await amo.pipelines.statuses(given["pipeline_id"])],
        "fields": [field.name async for field in amo.leads.custom_fields.iterate()],
        "phones": sum(1 for contact in people if contact.field_value("PHONE")),
    }


async def write_leads(amo: AmoCRMClient, given: JSON) -> JSON:
    """New leads, alone and with a client, changes of them, and what they are tied to."""
    fresh = [Lead(name=f"Заявка {number}", price=1000 * number) for number in range(1, 4)]
    fresh[0].set_field(given["field_id"], "Срочно")
    fresh[0].embedded.tags.append(Tag(name="сайт"))
    made = await amo.leads.create(fresh, batch_size=2)
    client = Contact(name="Ольга Зуева", embedded=Embedded(tags=[Tag(name="клиент")]))
    client.set_field("PHONE", "+79001112233", enum_code="WORK")
    whole = Lead(name="С клиентом", embedded=Embedded(contacts=[client], companies=[Company(name="Ромашка")]))
    [complex_one] = await amo.leads.create_complex([whole])
    lead_id = made[0].id
    moved = Lead(id=lead_id, status_id=given["stages"][2], pipeline_id=given["pipeline_id"])
    await amo.leads.update([moved])
    second = (await amo.contacts.create([Contact(first_name="Пётр", last_name="Вторых")]))[0].id
    await amo.leads.link(complex_one.id, "contacts", second, metadata={"is_main": True})
    lead = await amo.leads.get(lead_id, with_=["contacts"])
    return {
        "made": [ref.id for ref in made],
        "complex": complex_one.id,
        "contact": (await amo.contacts.get(complex_one.contact_id, with_=["leads"])).to_api(),
        "second_name": (await amo.contacts.get(second)).name,
        "lead_stage": lead.status_id,
        "lead_field": lead.field_value(given["field_id"]),
        "lead_tags": [tag.name for tag in lead.embedded.tags],
        "links": links_of(await amo.leads.links(complex_one.id)),
        "links_of_contact": links_of(await amo.contacts.links(second)),
        "links_of_one_kind": links_of(
            await amo.leads.links(complex_one.id, filter={"to_entity_type": "companies"})
        ),
        "unlinked": await unlinked(amo, complex_one.id, second),
    }


def links_of(links: list[Any]) -> list[list[Any]]:
    """What is tied, and whether it is the main one."""
    return [[link.to_entity_type, (link.metadata or {}).get("main_contact")] for link in links]


async def unlinked(amo: AmoCRMClient, lead_id: int, contact_id: int) -> int:
    """How many things are tied after one is not."""
    await amo.leads.unlink(lead_id, "contacts", contact_id)
    return len(await amo.leads.links(lead_id))


async def write_around(amo: AmoCRMClient, given: JSON) -> JSON:
    """Notes and tasks."""
    lead_id = given["lead_id"]
    [note] = await amo.leads.notes.create([Note.common(lead_id, "Просил перезвонить")])
    shown = await amo.leads.notes.get(note.id, entity_id=lead_id)
    task = Task(text="Перезвонить", entity_type="leads", entity_id=lead_id, task_type_id=2)
    task.complete_till = given["tomorrow"]
    [made] = await amo.tasks.create([task])
    kind = {"is_completed": False, "entity_type": "leads", "entity_id": [lead_id], "task_type_id": 2}
    waiting = [each.id async for each in amo.tasks.iterate(filter=kind)]
    await amo.tasks.complete(made.id, result="Встреча в понедельник")
    done = await amo.tasks.get(made.id)
    return {
        "note": shown.text,
        "notes": [each.id async for each in amo.leads.notes.iterate(entity_id=lead_id)],
        "note_id": note.id,
        "task_id": made.id,
        "waiting": waiting,
        "result": done.result.text if done.result else None,
        "is_completed": done.is_completed,
    }


async def hooks(amo: AmoCRMClient, given: JSON) -> JSON:
    """A subscription, and what comes of it."""
    subscription = {"destination": given["hook"], "settings": ["status_lead", "update_lead", "note_lead"]}
    kept = await amo.request("POST", "webhooks", json=subscription)
    listed = await amo.request("GET", "webhooks", params={"filter": {"destination": given["hook"]}})
    gone = await amo.request("DELETE", "webhooks", json={"destination": given["hook"]})
    after = await amo.request("GET", "webhooks", params={"filter": {"destination": given["hook"]}})
    return {
        "hook_settings": kept["settings"],
        "hooks_listed": len(listed["_embedded"]["webhooks"]),
        "unsubscribed": gone,
        "hooks_after": len(after["_embedded"]["webhooks"]) if after else 0,
    }


async def refusals(amo: AmoCRMClient, given: JSON) -> JSON:
    """What is said to a wrong stage, an unknown lead and a token of nobody."""
    found: JSON = {}
    try:
        await amo.leads.update([Lead(id=given["lead_id"], status_id=1, pipeline_id=given["pipeline_id"])])
    except ValidationError as error:
        found["issues"] = [[issue.request_id, issue.path, issue.code] for issue in error.errors]
    try:
        await amo.leads.get(1)
    except NotFoundError as error:
        found["unknown"] = error.status_code
    stranger = client_of(given, LongLivedToken("nobody"))
    try:
        await stranger.account.get()
    except AuthError as error:
        found["stranger"] = error.status_code
    return found


async def hurry(given: JSON) -> JSON:
    """More requests than an integration may make, and more after that."""
    amo = client_of(given, LongLivedToken(given["token"]), retry=RetryPolicy(max_attempts=1))
    found: JSON = {"allowed": 0, "limited": 0, "banned": 0}
    for _ in range(given["requests"]):
        try:
            await amo.account.get()
            found["allowed"] += 1
        except RateLimitError as error:
            found["limited"] += 1
            found["said"] = (error.body or {}).get("retry_after")
        except ForbiddenError as error:
            found["banned"] += 1
            found["page"] = isinstance(error.body, str) and "nginx" in error.body
    return found


async def hear(given: JSON) -> JSON:
    """What the client understands of hooks as they came."""
    heard = [parse_webhook(body) for body in given["bodies"]]
    return {
        "account": [hook.account_id for hook in heard],
        "events": [[[event.entity, event.action, event.id] for event in hook.events] for hook in heard],
        "field": [event.field_values(given["field_id"]) for hook in heard for event in hook.events],
    }


PARTS = {"authorize": authorize, "follow": follow, "work": work, "hurry": hurry, "hear": hear}


async def main(given: JSON) -> JSON:
    """One part of the client's days. An error that nobody expected is told with its body."""
    try:
        return await PARTS[given["part"]](given)
    except AmoCRMError as error:
        raise SystemExit(f"{error.method} {error.url} {error.status_code}: {error} {error.body}") from error


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
