"""The account's one-time token: a genuine one is believed, every change of it is refused."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from app.crm.adapters.amocrm.hosts import HostList
from app.crm.adapters.amocrm.settings import AmocrmSettings
from app.crm.adapters.amocrm.widget_auth import AmocrmWidgetAuth
from app.errors import Unauthorized
from app.sandbox.amocrm.disposable import VARIANTS, disposable_token
from tests.crm.amocrm.kit import CLIENT_ID, PUBLIC_URL, SECRET, Bench

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
Claims = dict[str, Any]
GENUINE: Claims = {
    "iss": "https://etesttask.amocrm.ru",
    "aud": PUBLIC_URL,
    "jti": "fa42b9aa-6a4b-4b3c-9cd1-5b0a4e1c8a11",
    "iat": SECONDS,
    "nbf": SECONDS,
    "exp": SECONDS + 1800,
    "account_id": 32427762,
    "user_id": 10000698,
    "subdomain": "etesttask",
    "client_uuid": CLIENT_ID,
}


@pytest.fixture
def auth() -> AmocrmWidgetAuth:
    """The check with our keys."""
    return AmocrmWidgetAuth(AmocrmSettings(), HostList(("http://crm.example.org",)), PUBLIC_URL)


def signed(claims: Claims, key: str = SECRET, algorithm: str = "HS256", **headers: Any) -> str:
    """A token over these claims."""
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers or None)


def unsigned(header: Any, claims: Any, signature: bytes = b"") -> str:
    """A token put together by hand."""
    parts = [json.dumps(part).encode() for part in (header, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, signature))


def change(**changes: Any) -> Claims:
    """The genuine claims with some replaced."""
    return {**GENUINE, **changes}


def without(name: str) -> Claims:
    """The genuine claims but one."""
    return {key: value for key, value in GENUINE.items() if key != name}


def spliced(part: int, of: str) -> str:
    """The genuine token with one of its three parts taken from another."""
    parts, others = signed(GENUINE).split("."), of.split(".")
    parts[part] = others[part]
    return ".".join(parts)


def born(seconds_ago: int, life: int) -> Claims:
    """Claims of a token that was issued some seconds ago."""
    issued = SECONDS - seconds_ago
    return change(iat=issued, nbf=issued, exp=issued + life)


INCOMPLETE = "token_incomplete"
NEEDED = ("exp", "iat", "nbf", "iss", "aud", "jti", "account_id", "user_id", "client_uuid")
MUTATIONS: list[tuple[str, Callable[[], str], str]] = [
    *((f"no {name}", lambda name=name: signed(without(name)), "token_incomplete") for name in NEEDED),
    *(
        (f"{name} is null", lambda name=name: signed(change(**{name: None})), "token_incomplete")
        for name in ("jti", "account_id", "user_id", "client_uuid")
    ),
    ("no algorithm", lambda: jwt.encode(GENUINE, "", algorithm="none"), "token_algorithm"),
    *(
        (f"alg {alg}", lambda alg=alg: unsigned({"alg": alg, "typ": "JWT"}, GENUINE, b"x"), "token_algorithm")
        for alg in ("none", "None", "NONE", "hs256", "RS256", "ES256", "HS384", "PS256", "", "HS256 ")
    ),
    ("a bot's algorithm", lambda: signed(GENUINE, algorithm="HS512"), "token_algorithm"),
    ("a bot's token", lambda: signed(without("user_id") | {"bot_type": "salesbot"}), "token_incomplete"),
    ("another key", lambda: signed(GENUINE, key="another secret of the length that real ones have" * 2),
     "token_signature"),
    ("no signature", lambda: signed(GENUINE).rpartition(".")[0] + ".", "token_signature"),
    ("half a signature", lambda: signed(GENUINE)[:-20], "token_signature"),
    ("the claims of another token", lambda: spliced(1, signed(change(user_id=1))), "token_signature"),
    ("the header of another token", lambda: spliced(0, signed(GENUINE, kid="1")), "token_signature"),
    ("the signature of another token", lambda: spliced(2, signed(change(user_id=1))), "token_signature"),
    ("two parts", lambda: ".".join(signed(GENUINE).split(".")[:2]), "token_signature"),
    ("four parts", lambda: signed(GENUINE) + ".x", "token_signature"),
    ("nothing", lambda: "", "token_signature"),
    ("not a token", lambda: "Bearer x", "token_signature"),
    ("dots", lambda: "..", "token_signature"),
    ("not ASCII", lambda: "é.é.é", "token_signature"),
    ("claims are a list", lambda: unsigned({"alg": "HS256"}, [1], b"x"), "token_signature"),
    ("the header is a list", lambda: unsigned(["HS256"], GENUINE, b"x"), "token_signature"),
    ("too long", lambda: signed(change(more="x" * 5000)), "token_algorithm"),
    ("another audience", lambda: signed(change(aud="https://elsewhere.example.org")), "token_audience"),
    ("the audience with a path", lambda: signed(change(aud=f"{PUBLIC_URL}/oauth")), "token_audience"),
    ("the audience with a slash", lambda: signed(change(aud=f"{PUBLIC_URL}/")), "token_audience"),
    ("another scheme", lambda: signed(change(aud=PUBLIC_URL.replace("http:", "https:"))), "token_audience"),
    ("several audiences", lambda: signed(change(aud=[PUBLIC_URL, "https://e.org"])), "token_audience"),
    ("one audience in a list", lambda: signed(change(aud=[PUBLIC_URL])), "token_audience"),
    ("an empty audience", lambda: signed(change(aud="")), "token_incomplete"),
    ("another integration", lambda: signed(change(client_uuid=CLIENT_ID[:-1] + "2")), "token_integration"),
    ("our id in capitals", lambda: signed(change(client_uuid=CLIENT_ID.upper())), "token_integration"),
    ("expired", lambda: signed(born(1900, 1800)), "token_expired"),
    ("just expired", lambda: signed(born(1810, 1800)), "token_expired"),
    ("not yet", lambda: signed(change(nbf=SECONDS + 60)), "token_too_early"),
    ("issued tomorrow", lambda: signed(change(iat=SECONDS + 60)), "token_too_early"),
    ("lives an hour", lambda: signed(change(exp=SECONDS + 3600)), "token_lives_too_long"),
    ("lives for ever", lambda: signed(change(exp=2**32)), "token_lives_too_long"),
    *(
        (f"{name} is {value!r}", lambda name=name, value=value: signed(change(**{name: value})), INCOMPLETE)
        for name in ("iat", "nbf", "exp")
        for value in (0, -1, "1772366400", 1.5, True, 2**40)
    ),
    *(
        (f"issuer {iss}", lambda iss=iss: signed(change(iss=iss)), "token_issuer")
        for iss in (
            "http://etesttask.amocrm.ru", "etesttask.amocrm.ru", "https://evil.com", "https://www.amocrm.ru",
            "https://etesttask.amocrm.ru.evil.com", "https://u@etesttask.amocrm.ru",
            "https://etesttask.amocrm.ru:8443", "https://[", "",
        )
    ),
    *(
        (f"{name} is {value!r}", lambda name=name, value=value: signed(change(**{name: value})), INCOMPLETE)
        for name in ("account_id", "user_id")
        for value in (0, -5, "32427762", 1.5, True, [1])
    ),
]  # fmt: skip


def test_there_are_enough_mutations_and_none_twice() -> None:
    assert len({name for name, _, _ in MUTATIONS}) == len(MUTATIONS) >= 60


@pytest.mark.parametrize(
    ("make", "code"), [row[1:] for row in MUTATIONS], ids=[name for name, _, _ in MUTATIONS]
)
async def test_every_change_of_a_token_is_refused_for_its_own_reason(
    auth: AmocrmWidgetAuth, make: Callable[[], str], code: str
) -> None:
    with pytest.raises(Unauthorized) as caught:
        await auth.verify(make(), NOW)
    assert caught.value.code == code


async def test_a_genuine_token_says_who_looks(auth: AmocrmWidgetAuth) -> None:
    viewer = await auth.verify(signed(GENUINE), NOW)
    assert (viewer.external_id, viewer.user_id) == ("32427762", "10000698")
    assert viewer.host == "etesttask.amocrm.ru"
    assert viewer.token_id == GENUINE["jti"]
    assert viewer.expires_at == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(
    "claims",
    [
        change(is_admin=True),
        without("subdomain"),
        change(data={"entity_type": "leads", "entity_id": 5}),
        change(iat=SECONDS + 9, nbf=SECONDS + 9, exp=SECONDS + 1809),
        change(iat=SECONDS - 1800, nbf=SECONDS - 1800, exp=SECONDS - 9),
        change(iss="http://crm.example.org"),
    ],
    ids=["is_admin", "no subdomain", "mobile", "clock behind", "clock ahead", "trusted origin"],
)
async def test_what_may_differ_from_token_to_token_is_allowed(auth: AmocrmWidgetAuth, claims: Claims) -> None:
    assert (await auth.verify(signed(claims), NOW)).user_id == "10000698"


async def test_without_keys_nobody_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPGATE_AMOCRM_CLIENT_SECRET", "")
    bare = AmocrmWidgetAuth(AmocrmSettings(), HostList(()), PUBLIC_URL)
    with pytest.raises(Unauthorized) as caught:
        await bare.verify(signed(GENUINE), NOW)
    assert caught.value.code == "crm_not_configured"


def test_only_the_account_itself_may_frame_our_pages(auth: AmocrmWidgetAuth) -> None:
    assert list(auth.embed_origins("etesttask.amocrm.ru")) == ["https://etesttask.amocrm.ru"]


@pytest.mark.parametrize("variant", VARIANTS)
async def test_of_the_simulated_account_s_tokens_only_the_normal_one_is_ours(
    bench: Bench, variant: str
) -> None:
    account, admin = bench.world.account, bench.world.account.users[bench.world.admin]
    token = disposable_token(account, bench.world.integration, admin, variant)
    verify = bench.adapter.widget.verify
    if variant in ("normal", "other_issuer"):
        viewer = await verify(token, bench.clock.now())
        assert (viewer.host == bench.session.account.host) is (variant == "normal")
        return
    with pytest.raises(Unauthorized):
        await verify(token, bench.clock.now())
