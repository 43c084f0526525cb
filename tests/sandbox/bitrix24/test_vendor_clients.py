"""The vendor's published libraries judge the simulated portal: they run against it unchanged, over https."""

import datetime
import ipaddress
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.sandbox.bitrix24.app import create_sandbox
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.installs import add_app, finish_install, page_form
from app.sandbox.bitrix24.model import DEAL
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.seed import seed

HERE = Path(__file__).parent / "clients"
PYTHON = Path(__file__).parents[3] / "build" / "clients" / "bitrix24" / "bin" / "python"
WAIT_S = 300.0
DEALS = 120


@dataclass
class Served:
    """A portal behind https, and where its certificate lies."""

    portal: Portal
    certificate: Path
    given: dict[str, Any]


def certificate_in(folder: Path) -> Path:
    """A fresh certificate for this machine with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "portal.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A seeded portal with an installed application and a webhook."""
    if not PYTHON.is_file():
        pytest.fail("The vendor's libraries are not set up. Run: make clients", pytrace=False)
    certificate = certificate_in(tmp_path_factory.mktemp("https"))
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    domain = f"127.0.0.1:{bound.getsockname()[1]}"
    portal = Portal.empty(SandboxConfig(origin=f"https://{domain}", background=False))
    seed(portal, 1, portal.now(), DEALS)
    config = uvicorn.Config(
        create_sandbox(portal=portal),
        log_level="warning",
        lifespan="off",
        ws="none",
        ssl_certfile=str(certificate),
        ssl_keyfile=str(certificate),
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    yield Served(portal, certificate, given_to(portal, domain))
    server.should_exit = True
    thread.join(WAIT_S)
    bound.close()


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


def answer_of(script: str, served: Served) -> dict[str, Any]:
    """Run a script in the libraries' environment."""
    trusted = {"REQUESTS_CA_BUNDLE": str(served.certificate), "SSL_CERT_FILE": str(served.certificate)}
    done = subprocess.run(
        [str(PYTHON), str(HERE / script)],
        input=json.dumps(served.given),
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        env={**os.environ, **trusted, "NO_PROXY": "127.0.0.1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.timeout(600)
def test_the_vendor_s_own_library_works(served: Served) -> None:
    found = answer_of("with_b24pysdk.py", served)
    portal, deals = served.portal, len(served.portal.items[DEAL])
    assert (found["exchanged_for"], found["client_id"]) == (2, served.given["client_id"])
    assert (found["member_id"], found["renewed"]) == (portal.member_id, portal.member_id)
    assert (found["renamed_to"], found["title"]) == ("Через SDK", "Через SDK")
    assert (found["items"], found["items_fast"], found["deals"]) == (deals, deals, deals)
    assert found["history"] == "NEW"
    assert portal.comments[found["comment"]].text == "Привет"
    assert found["batch"] == ["deal", "me"]
    assert found["placement"] == "CRM_DEAL_DETAIL_TAB"


@pytest.mark.timeout(600)
def test_a_library_of_the_community_works(served: Served) -> None:
    found = answer_of("with_fast_bitrix24.py", served)
    portal = served.portal
    rows = [row for row in portal.history.values() if row.entity_type_id == DEAL]
    assert (found["deals"], found["items"]) == (len(portal.items[DEAL]), len(portal.items[DEAL]))
    assert (found["history"], found["users"]) == (len(rows), len(portal.users))
    assert found["found"] == 2
    assert found["batch"] == ["deal", "me"]
    assert portal.deal(served.given["deal_id"]).title == "Через вебхук"
