"""The vendor's published libraries judge the simulated portal: they run against it unchanged, over https."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.sandbox.bitrix24.app import create_sandbox
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.installs import add_app, finish_install, page_form
from app.sandbox.bitrix24.model import DEAL
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.seed import seed
from tests.sandbox.foreign import HERE, certificate_in, python_answer
from tests.served import listening, port_of, served

DEALS = 120


@dataclass
class Site:
    """A portal behind https, and where its certificate lies."""

    portal: Portal
    certificate: Path
    given: dict[str, Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A seeded portal with an installed application and a webhook."""
    certificate, bound = certificate_in(tmp_path_factory.mktemp("https")), listening()
    domain = f"{HERE}:{port_of(bound)}"
    portal = Portal.empty(SandboxConfig(origin=f"https://{domain}", background=False))
    seed(portal, 1, portal.now(), DEALS)
    with served(create_sandbox(portal=portal), bound, certificate=certificate):
        yield Site(portal, certificate, given_to(portal, domain))


def given_to(portal: Portal, domain: str) -> dict[str, Any]:
    """What an application's author and a webhook's maker have in hand."""
    app = portal.apps.register(handler_url="https://product.example.org/app")
    admin = portal.users[1]
    add_app(portal, app, admin.id)
    finish_install(portal, app)
    grant = portal.apps.issue(app, admin.id)
    form = page_form(portal, app, admin, placement="CRM_DEAL_DETAIL_TAB", options={"ID": "9001"})
    return {
        "domain": domain,
        "auth_root": portal.config.auth_root,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "code": portal.apps.code_for(app, 2),
        "access_token": grant.access,
        "refresh_token": grant.refresh,
        "deal_id": max(portal.items[DEAL]),
        "placement": dict(parse_qsl(urlsplit(form.url).query)) | form.fields,
        "webhook": f"https://{domain}/rest/{admin.id}/{portal.apps.add_webhook(admin.id)}/",
    }


def answer_of(script: str, site: Site) -> dict[str, Any]:
    """Run a script in the libraries' environment."""
    return python_answer("bitrix24", script, site.given, site.certificate)


@pytest.mark.timeout(600)
def test_the_vendor_s_own_library_works(site: Site) -> None:
    found = answer_of("with_b24pysdk.py", site)
    portal, deals = site.portal, len(site.portal.items[DEAL])
    assert (found["exchanged_for"], found["client_id"]) == (2, site.given["client_id"])
    assert (found["member_id"], found["renewed"]) == (portal.member_id, portal.member_id)
    assert (found["renamed_to"], found["title"]) == ("Через SDK", "Через SDK")
    assert (found["items"], found["items_fast"], found["deals"]) == (deals, deals, deals)
    assert found["history"] == "NEW"
    assert portal.comments[found["comment"]].text == "Привет"
    assert found["batch"] == ["deal", "me"]
    assert found["placement"] == "CRM_DEAL_DETAIL_TAB"


@pytest.mark.timeout(600)
def test_a_library_of_the_community_works(site: Site) -> None:
    found = answer_of("with_fast_bitrix24.py", site)
    portal = site.portal
    rows = [row for row in portal.history.values() if row.entity_type_id == DEAL]
    assert (found["deals"], found["items"]) == (len(portal.items[DEAL]), len(portal.items[DEAL]))
    assert (found["history"], found["users"]) == (len(rows), len(portal.users))
    assert found["found"] == 2
    assert found["batch"] == ["deal", "me"]
    assert portal.deal(site.given["deal_id"]).title == "Через вебхук"
