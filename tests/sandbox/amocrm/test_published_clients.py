"""Published clients judge the simulated account: they run unchanged, over https, by its real name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.app import create_sandbox
from app.sandbox.amocrm.config import SandboxConfig
from app.sandbox.amocrm.model import Lead
from app.sandbox.amocrm.seed import seed
from app.sandbox.clock import VirtualClock
from tests.sandbox.amocrm.world import World
from tests.sandbox.foreign import certificate_in, node_answer, python_answer
from tests.served import Thread, listening, port_of, served

SUBDOMAIN, RENAMED = "crm", "renamed"
HOST, NEW_HOST = f"{SUBDOMAIN}.amocrm.ru", f"{RENAMED}.amocrm.ru"
HOOK = "https://product.example.org/hooks/secret"
REDIRECT = "https://product.example.org/oauth/callback"
WORDS = "Ремонт кровли"
LEADS = 130
pytestmark = pytest.mark.timeout(600)


@dataclass
class Site:
    """An account behind https, and what a client's author has in hand."""

    account: Account
    thread: Thread
    certificate: Path
    lead: Lead
    given: dict[str, Any] = field(default_factory=dict)

    def python(self, part: str, **more: Any) -> dict[str, Any]:
        """One part of the Python client's script."""
        return python_answer(
            "amocrm", "with_aioamocrm.py", {**self.given, "part": part, **more}, self.certificate
        )

    def node(self, part: str, **more: Any) -> dict[str, Any]:
        """One part of the Node.js client's script."""
        return node_answer(
            "amocrm", "with_amocrm_js.cjs", {**self.given, "part": part, **more}, self.certificate
        )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A grown account on a clock that stands still, so that a second holds all requests of a test."""
    with account_site(tmp_path) as made:
        yield made


@contextmanager
def account_site(folder: Path) -> Iterator[Site]:
    """Serve an account with an installed integration."""
    config = SandboxConfig(
        origin=f"https://{HOST}", subdomain=SUBDOMAIN, clock=VirtualClock(), background=False
    )
    account = Account.empty(config)
    seed(account, 1, account.now(), LEADS)
    bound, certificate = listening(), certificate_in(folder, HOST, NEW_HOST)
    with served(create_sandbox(account=account), bound, certificate=certificate) as thread:
        site = Site(account, thread, certificate, own_lead(account))
        site.given = given_to(site) | {"port": port_of(bound)}
        yield site


def own_lead(account: Account) -> Lead:
    """A lead that nobody else touches."""
    line = next(line for line in account.pipelines.values() if line.is_main)
    return account.create_lead(
        name=WORDS,
        pipeline_id=line.id,
        status_id=list(line.statuses)[1],
        responsible_user_id=next(iter(account.users)),
        by=0,
    )


def given_to(site: Site) -> dict[str, Any]:
    """Keys, a code, and the ids that a client's author has looked up."""
    account, admin = site.account, next(iter(site.account.users))
    app = account.integrations.register(redirect_uri=REDIRECT)
    return {
        "domain": HOST,
        "subdomain": SUBDOMAIN,
        "new_host": NEW_HOST,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": REDIRECT,
        "code": account.integrations.make_code(app, admin),
        "token": account.integrations.long_lived(app, admin, 86_400.0),
        "hook": HOOK,
        "words": WORDS,
        "pipeline_id": site.lead.pipeline_id,
        "stages": list(account.pipelines[site.lead.pipeline_id].statuses),
        "lead_id": site.lead.id,
        "field_id": next(item.id for item in account.fields.values() if item.name == "Тип клиента"),
        "tomorrow": int(account.now()) + 86_400,
    }


def listed(account: Account) -> list[Lead]:
    """The leads that a list has: neither in the trash, nor merged, nor waiting to be accepted."""
    return [
        lead
        for lead in account.leads.values()
        if not lead.is_deleted
        and lead.merged_into is None
        and account.pipelines[lead.pipeline_id].statuses[lead.status_id].type == 0
    ]


def test_a_python_client_is_authorized_once_per_code_and_per_refresh_token(site: Site) -> None:
    found = site.python("authorize")
    assert found["account"] == site.account.id
    assert found["groups"] == list(site.account.groups.values())
    assert found["rotated"] is True
    assert found["lives"] is True
    assert found["spent_code"] == {"status": 401, "hint": "Authorization code has expired or been revoked"}
    assert found["spent_token"] == {"status": 401, "hint": "Token has been revoked"}
    assert found["old_access_still_reads"] == site.account.id


def test_a_python_client_follows_an_account_that_was_renamed(site: Site) -> None:
    assert site.python("follow") == {"moved_to": NEW_HOST, "account": site.account.id}


def test_a_python_client_reads_and_writes_everything(site: Site) -> None:
    before, stages = listed(site.account), site.given["stages"]
    talkers = sum(1 for lead in before if lead.contact_ids)
    second_stage = [
        lead.id for lead in before if (lead.pipeline_id, lead.status_id) == (site.lead.pipeline_id, stages[1])
    ]
    people = [item for item in site.account.contacts.values() if item.kind == "contact"]
    found = site.python("work")
    assert (found["leads"], found["distinct_leads"], found["with_contacts"]) == (
        len(before),
        len(before),
        talkers,
    )
    assert sorted(found["in_stage"]) == sorted(second_stage)
    assert found["newest_first"] == sorted(found["newest_first"], reverse=True)
    assert found["found"] == [site.lead.id]
    assert (found["events"], found["events_page"]) == (["lead_status_changed"], 100)
    assert found["contacts"] == found["phones"] == len(people)
    assert found["stages"] == stages
    assert_leads_were_written(site, found)
    assert_what_is_around(found)
    assert found["issues"] == [["0", "status_id", "NotSupportedChoice"]]
    assert (found["unknown"], found["stranger"]) == (204, 401)


def assert_leads_were_written(site: Site, found: dict[str, Any]) -> None:
    """Leads, clients and ties are in the account as the client sent them."""
    leads, contacts = site.account.leads, site.account.contacts
    assert [leads[number].name for number in found["made"]] == ["Заявка 1", "Заявка 2", "Заявка 3"]
    assert found["lead_stage"] == leads[found["made"][0]].status_id == site.given["stages"][2]
    assert (found["lead_field"], found["lead_tags"]) == ("Срочно", ["сайт"])
    company = leads[found["complex"]].company_id
    assert company is not None
    assert contacts[company].name == "Ромашка"
    assert [tag["name"] for tag in found["contact"]["_embedded"]["tags"]] == ["клиент"]
    assert [lead["id"] for lead in found["contact"]["_embedded"]["leads"]] == [found["complex"]]
    assert found["second_name"] == "Пётр Вторых"
    assert found["links"] == [["contacts", True], ["contacts", False], ["companies", None]]
    assert found["links_of_contact"] == [["leads", True]]
    assert found["links_of_one_kind"] == [["companies", None]]
    assert found["unlinked"] == 2


def assert_what_is_around(found: dict[str, Any]) -> None:
    """Notes, tasks and hooks."""
    assert found["note"] == "Просил перезвонить"
    assert found["note_id"] in found["notes"]
    assert found["waiting"] == [found["task_id"]]
    assert (found["is_completed"], found["result"]) == (True, "Встреча в понедельник")
    assert found["hook_settings"] == ["status_lead", "update_lead", "note_lead"]
    assert (found["hooks_listed"], found["unsubscribed"], found["hooks_after"]) == (1, None, 0)


def test_a_python_client_meets_the_limit_and_then_the_ban(site: Site) -> None:
    site.thread.run(lambda: site.account.faults.update({"rate_limit": True, "ban_after": 5}))
    found = site.python("hurry", requests=20)
    assert (found["allowed"], found["limited"], found["banned"]) == (7, 6, 7)
    assert (found["said"], found["page"]) == (300, True)


async def test_a_python_client_understands_hooks_as_they_come(world: World, tmp_path: Path) -> None:
    await world.subscribe(["update_lead", "status_lead", "note_lead", "add_task"])
    account, lead = world.account, world.lead()
    kind = account.add_field("leads", "Тип клиента", "select", enums=("Срочно", "Выбирают"))
    account.set_field("leads", lead.id, kind.id, [{"value": "Срочно"}], by=world.seller)
    account.move_lead(lead.id, world.stages[2], by=world.seller)
    account.add_note(
        "leads", lead.id, by=world.seller, note_type="common", params={"text": "Привет & до встречи"}
    )
    account.add_task("leads", lead.id, "Позвонить", complete_till=int(account.now()) + 60, by=world.seller)
    bodies = [hook.body.decode("ascii") for hook in await world.hooks()]
    given = {"part": "hear", "bodies": bodies, "field_id": kind.id}
    found = python_answer("amocrm", "with_aioamocrm.py", given, certificate_in(tmp_path))
    assert set(found["account"]) == {account.id}
    told = [tuple(event) for events in found["events"] for event in events]
    assert {event[:2] for event in told} == {
        ("leads", "update"),
        ("leads", "status"),
        ("leads", "note"),
        ("task", "add"),
    }
    assert ("leads", "status", lead.id) in told
    assert ["Срочно"] in found["field"]


def test_a_node_client_is_authorized_and_renews_its_tokens(site: Site) -> None:
    found = site.node("authorize")
    assert (found["account"], found["again"]) == (site.account.id, site.account.id)
    assert (found["type"], found["version"]) == ("Bearer", 16)
    assert found["rotated"] is found["renewed_by_itself"] is True
    assert found["refused"] == {"status": 401, "hint": "Token has been revoked"}


def test_a_node_client_reads_and_writes_everything(site: Site) -> None:
    before = len(listed(site.account))
    found, leads = site.node("work"), site.account.leads
    pages = found["pages"]
    assert (sum(pages["sizes"]), pages["distinct"]) == (before, before)
    assert (pages["last"], pages["before"]) == (len(pages["sizes"]), len(pages["sizes"]) - 1)
    assert (leads[found["lead"]].name, leads[found["lead"]].price) == ("Через Node", 7000)
    assert found["stage"] == leads[found["second"]].status_id == site.given["stages"][2]
    assert found["tags"] == ["сайт"]
    assert "сайт" in found["every_tag"]
    assert site.account.contacts[found["contact"]].name == "Пётр Клиентов"
    assert found["tasks"] == [found["task"]]
    assert found["notes"] == ["Из Node"]
    assert {"lead_added", "lead_status_changed"} <= set(found["events"])
    assert found["unknown"] == [204, {}]
    assert [error["path"] for error in found["wrong"][0]["errors"]] == ["status_id"]


def test_a_node_client_meets_the_limit_and_then_the_ban(site: Site) -> None:
    site.thread.run(lambda: site.account.faults.update({"rate_limit": True, "ban_after": 5}))
    statuses = site.node("hurry", requests=15)["statuses"]
    assert statuses == [*[200] * 7, *[429] * 6, *["JSON_PARSE_ERROR"] * 2]
