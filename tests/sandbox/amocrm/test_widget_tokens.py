"""One-time tokens of the widget, its archive, and its files."""

import io
import json
import zipfile
from pathlib import Path

import jwt
import pytest

from app.sandbox.amocrm.disposable import VARIANTS
from tests.sandbox.amocrm.world import SECRET, World

DOCS = Path(__file__).parents[2] / "fixtures/amocrm/docs"


def archive(**changes: bytes | None) -> bytes:
    """A small complete widget.zip, with files replaced or left out."""
    widget = {
        "name": "widget.name",
        "description": "widget.description",
        "short_description": "widget.short",
        "version": "1.2.3",
        "interface_version": 2,
        "locale": ["ru"],
    }
    files: dict[str, bytes | None] = {
        "manifest.json": json.dumps({"widget": widget, "locations": ["lcard-1"]}).encode(),
        "script.js": b"define([], function () {});",
        "i18n/ru.json": b"{}",
        **{f"images/logo{end}.png": b"x" for end in ("", "_main", "_medium", "_min", "_small")},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in (files | changes).items():
            if content is not None:
                packed.writestr(name, content)
    return buffer.getvalue()


async def issue(world: World, variant: str = "normal", user: int | None = None) -> str:
    """A token for a user from the endpoint of the pages."""
    address = f"/sandbox/api/integrations/{world.integration.client_id}/disposable_token"
    headers = {"x-sandbox-user": str(user or world.admin)}
    answer = await world.page.post(address, params={"variant": variant}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


def claims_of(token: str) -> dict[str, object]:
    """Claims of a token, unchecked."""
    found: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return found


async def test_a_token_is_signed_with_the_secret_and_addressed_to_the_host_of_the_redirect_uri(
    world: World,
) -> None:
    token = await issue(world, user=world.seller)
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    claims = jwt.decode(
        token,
        SECRET,
        algorithms=["HS256"],
        audience="http://product.example.org",
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    assert claims["iss"] == "http://crm.example.org"
    assert (claims["account_id"], claims["user_id"]) == (world.account.id, world.seller)
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["nbf"] == claims["iat"]
    assert claims["is_admin"] is False


async def test_the_claims_are_those_of_the_documentation(world: World) -> None:
    world.account.faults.admin_claim = "missing"
    pages = json.loads((DOCS / "oauth__disposable-tokens.json").read_text())
    assert set(claims_of(await issue(world))) == set(pages["examples"][0]["json"])


async def test_every_call_gives_a_token_of_its_own(world: World) -> None:
    assert claims_of(await issue(world))["jti"] != claims_of(await issue(world))["jti"]


async def test_there_is_a_broken_token_for_every_check(world: World) -> None:
    good = claims_of(await issue(world))
    tokens = {variant: await issue(world, variant) for variant in VARIANTS}
    assert claims_of(tokens["wrong_aud"])["aud"] != good["aud"]
    assert claims_of(tokens["other_issuer"])["iss"] != good["iss"]
    assert int(str(claims_of(tokens["expired"])["exp"])) < world.clock.now()
    assert jwt.get_unverified_header(tokens["alg_none"])["alg"] == "none"
    assert jwt.get_unverified_header(tokens["bot"])["alg"] == "HS512"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(tokens["wrong_key"], SECRET, algorithms=["HS256"])


async def test_an_archive_is_uploaded_listed_and_served(world: World) -> None:
    address = f"/sandbox/api/integrations/{world.integration.client_id}/archive"
    uploaded = await world.page.post(address, content=archive())
    assert uploaded.json()["version"] == "1.2.3"
    again = await world.page.post(address, files={"archive": ("widget.zip", archive())})
    code = again.json()["code"]
    script = await world.page.get(f"/widgets/{code}/script.js")
    assert script.text.startswith("define(")
    assert script.headers["content-type"].startswith("text/javascript")
    assert (await world.page.get(f"/widgets/{code}/nothing.js")).status_code == 404
    listed = (await world.api.get(f"/api/v4/widgets/{code}")).json()
    assert (listed["client_uuid"], listed["is_active_in_account"]) == (world.integration.client_id, True)
    assert (await world.api.get("/api/v4/widgets/unknown")).status_code == 204


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"manifest.json": None}, "manifest.json"),
        ({"manifest.json": b"\xef\xbb\xbf{}"}, "BOM"),
        ({"manifest.json": b"nonsense"}, "JSON"),
        ({"manifest.json": b'{"widget": {}, "locations": []}'}, "widget.name"),
        ({"script.js": None}, "script.js"),
        ({"i18n/ru.json": None}, "i18n/ru.json"),
        ({"images/logo_min.png": None}, "logo_min.png"),
    ],
)
async def test_a_broken_archive_is_refused_with_the_reason(
    world: World, changes: dict[str, bytes | None], word: str
) -> None:
    address = f"/sandbox/api/integrations/{world.integration.client_id}/archive"
    answer = await world.page.post(address, content=archive(**changes))
    assert answer.status_code == 422
    assert word in answer.json()["message"]
    assert (await world.page.post(address, content=b"no zip")).status_code == 422


async def test_only_administrators_manage_integrations(world: World) -> None:
    headers = {"x-sandbox-user": str(world.seller)}
    base = f"/sandbox/api/integrations/{world.integration.client_id}"
    for path in ("install", "uninstall", "archive", "long_lived_token"):
        assert (await world.page.post(f"{base}/{path}", headers=headers)).status_code == 403


async def test_the_integration_list_never_shows_a_secret(world: World) -> None:
    for path in ("/sandbox/api/integrations", "/sandbox/api/bootstrap"):
        assert SECRET not in (await world.page.get(path)).text
    made = await world.page.post("/sandbox/api/integrations", json={"redirect_uri": "http://x.example.org/"})
    assert len(made.json()["client_secret"]) == 64
