"""Who looks: nothing that was posted is believed, the vendor's server and the portal are asked."""

import httpx
import pytest

from app.crm.adapters.bitrix24.adapter import build
from app.crm.adapters.bitrix24.frames import Bitrix24Frames
from app.crm.adapters.bitrix24.widget_auth import proof_of
from app.crm.errors import Unavailable
from app.errors import BadRequest, Unauthorized
from tests.crm.bitrix24.kit import HOST, SERVER, Bench, environment_of

ENDPOINT = f"{SERVER}rest/"
FRAMES = Bitrix24Frames()


def token_of(bench: Bench, user_id: int) -> str:
    return proof_of(ENDPOINT, bench.world.token_of(user_id))


async def test_a_person_is_who_the_vendor_and_the_portal_say(bench: Bench) -> None:
    now = bench.clock.now()
    admin = await bench.adapter.widget.verify(token_of(bench, bench.world.admin), now)
    seller = await bench.adapter.widget.verify(token_of(bench, bench.world.seller), now)
    assert (admin.external_id, admin.host) == (bench.world.portal.member_id, HOST)
    assert (admin.user_id, admin.is_admin) == (str(bench.world.admin), True)
    assert (seller.user_id, seller.is_admin, seller.name) == (
        str(bench.world.seller),
        False,
        "Мария Ковалёва",
    )
    assert admin.token_id != seller.token_id
    assert admin.expires_at > now


async def test_a_deal_is_shown_to_whom_the_portal_shows_it(bench: Bench) -> None:
    mine, other = bench.deal(), bench.deal(assigned_by_id=bench.world.admin)
    bench.world.portal.users[bench.world.seller].sees = "own"
    for deal, shown in ((mine, str(mine.id)), (other, ""), (None, "")):
        deal_id = str(deal.id) if deal else "999999"
        viewer = await bench.adapter.widget.verify(
            token_of(bench, bench.world.seller), bench.clock.now(), deal_id
        )
        assert viewer.deal_id == shown


async def refused(bench: Bench, token: str) -> str:
    with pytest.raises(Unauthorized) as caught:
        await bench.adapter.widget.verify(token, bench.clock.now())
    return caught.value.code


MALFORMED = [
    "",
    " ",
    "a b",
    f"{ENDPOINT} ",
    "x" * 3000,
    "токен",
    "a\nb",
    "a\0b",
    "https://evil.example/rest/ t",
]


@pytest.mark.parametrize("token", MALFORMED, ids=range(len(MALFORMED)))
async def test_what_is_no_proof_asks_nobody(bench: Bench, token: str) -> None:
    asked: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(500)

    widget = build(environment_of(bench.clock, httpx.MockTransport(note))).widget
    with pytest.raises(Unauthorized) as caught:
        await widget.verify(token, bench.clock.now())
    assert caught.value.code in ("token_malformed", "token_server")
    assert asked == []


async def test_an_unknown_and_an_expired_token_are_refused(bench: Bench) -> None:
    assert await refused(bench, proof_of(ENDPOINT, "f" * 70)) == "token_refused"
    token = token_of(bench, bench.world.seller)
    bench.wait(3700)
    assert await refused(bench, token) == "token_refused"


async def test_another_app_s_token_is_refused(bench: Bench) -> None:
    apps = bench.world.portal.apps
    other = apps.register(handler_url="http://other.example.org/")
    apps.add(other, bench.world.admin)
    token = proof_of(ENDPOINT, apps.issue(other, bench.world.admin).access)
    assert await refused(bench, token) == "token_integration"


async def test_who_has_left_is_refused(bench: Bench) -> None:
    token = token_of(bench, bench.world.seller)
    bench.world.portal.users[bench.world.seller].is_active = False
    assert await refused(bench, token) == "user_inactive"


async def test_who_may_not_use_the_app_is_told_so(bench: Bench) -> None:
    bench.world.portal.faults.app_users = str(bench.world.admin)
    assert await refused(bench, token_of(bench, bench.world.seller)) == "app_not_allowed"
    await bench.adapter.widget.verify(token_of(bench, bench.world.admin), bench.clock.now())


async def test_a_portal_that_is_away_is_no_refusal(bench: Bench) -> None:
    token = token_of(bench, bench.world.seller)
    bench.world.portal.faults.down = "502"
    with pytest.raises(Unavailable):
        await bench.adapter.widget.verify(token, bench.clock.now())


async def test_without_keys_nobody_is_believed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPGATE_BITRIX24_CLIENT_ID", "")
    bare = build(environment_of(bench.clock, httpx.ASGITransport(bench.world.app)))
    with pytest.raises(Unauthorized) as caught:
        await bare.widget.verify(token_of(bench, bench.world.admin), bench.clock.now())
    assert caught.value.code == "crm_not_configured"


async def test_only_the_portal_may_frame_our_pages(bench: Bench) -> None:
    assert list(bench.adapter.widget.embed_origins("acme.bitrix24.ru")) == ["https://acme.bitrix24.ru"]
    with pytest.raises(BadRequest):
        bench.adapter.widget.embed_origins("evil.example")


def test_a_post_is_read_and_not_believed() -> None:
    form = {
        "AUTH_ID": "a", "REFRESH_ID": "r", "AUTH_EXPIRES": "3600", "member_id": "m", "status": "L",
        "SERVER_ENDPOINT": "https://oauth.bitrix.info/rest/", "APPLICATION_TOKEN": "s",
        "PLACEMENT": "CRM_DEAL_DETAIL_TAB", "PLACEMENT_OPTIONS": '{"ID":"9021","URI":"/crm/"}',
    }  # fmt: skip
    opening = FRAMES.read({"DOMAIN": "acme.bitrix24.ru", "LANG": "EN"}, form)
    assert (opening.host, opening.deal_id, opening.language) == ("acme.bitrix24.ru", "9021", "en")
    assert opening.proof == "https://oauth.bitrix.info/rest/ a"
    assert opening.hook_secret == "s"
    assert set(opening.install) == set(form) - {"status", "PLACEMENT", "PLACEMENT_OPTIONS"} | {"LANG"}
    assert "hook_secret" not in repr(opening)


@pytest.mark.parametrize(
    ("code", "language"),
    [("ru", "ru"), ("ua", "ru"), ("kz", "ru"), ("en", "en"), ("de", "en"), ("br", "en"), ("", "")],
)
def test_every_portal_s_language_is_near_to_one_of_ours(code: str, language: str) -> None:
    assert FRAMES.read({"LANG": code} if code else {}, {"AUTH_ID": "a"}).language == language


@pytest.mark.parametrize(
    "options",
    [
        "",
        "{",
        "[]",
        "null",
        '{"ID":0}',
        '{"ID":"0"}',
        '{"ID":"1 or 1"}',
        '{"ID":["5"]}',
        '{"any":"5/"}',
        "[" * 9000,
    ],
)
def test_a_place_without_a_deal_has_none(options: str) -> None:
    assert FRAMES.read({}, {"AUTH_ID": "a", "PLACEMENT_OPTIONS": options}).deal_id == ""


def test_a_post_without_a_token_is_none() -> None:
    with pytest.raises(BadRequest):
        FRAMES.read({}, {})
    assert FRAMES.read({}, {"AUTH_ID": "a"}).install == {}
