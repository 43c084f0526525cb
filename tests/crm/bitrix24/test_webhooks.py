"""Events: every documented shape is read, nothing forged is believed, no token is kept."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crm.adapters.bitrix24.webhooks import Bitrix24Webhooks
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

HOOKS = Bitrix24Webhooks()
MEMBER, SECRET = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "5d41402abc4b2a76b9719d911017c592"
ACCOUNT = Account(1, MEMBER, "acme.bitrix24.com", SECRET)
LEAN = {"domain": "acme.bitrix24.com", "member_id": MEMBER, "application_token": SECRET}
SYSTEM = {
    **LEAN,
    "client_endpoint": "https://acme.bitrix24.com/rest/",
    "server_endpoint": "https://oauth.bitrix.info/rest/",
}
FULL = {
    **SYSTEM,
    "access_token": "8f2c-access",
    "refresh_token": "9c1d-refresh",
    "expires": "1790003600",
    "expires_in": "3600",
    "scope": "crm,placement,im",
    "status": "L",
    "user_id": "17",
}


REMOVED = AccountRemoved(happened_at=datetime.fromtimestamp(1790000000, UTC))


def event(name: str, data: Mapping[str, str], auth: Mapping[str, str] = FULL, **more: str) -> Delivery:
    """A delivery; `data` are names after `data` such as `[FIELDS][ID]`."""
    pairs = {"event": name, "event_handler_id": "41", "ts": "1790000000", **more}
    pairs |= {f"data{key}": value for key, value in data.items()}
    pairs |= {f"auth[{key}]": value for key, value in auth.items()}
    return Delivery({}, urlencode(pairs).encode(), datetime(2026, 9, 21, tzinfo=UTC))


def fields(**values: str) -> dict[str, str]:
    return {f"[FIELDS][{name}]": value for name, value in values.items()}


DEAL = DealTouched("9021")
SAMPLES: list[tuple[str, Delivery, InboundEvent]] = [
    ("a move by a person", event("ONCRMDEALUPDATE", fields(ID="9021")), DEAL),
    ("a move by a robot", event("ONCRMDEALUPDATE", fields(ID="9021"), SYSTEM), DEAL),
    ("a lean block", event("ONCRMDEALUPDATE", fields(ID="9021"), LEAN), DEAL),
    ("mixed case", event("onCrmDealUpdate", fields(ID="9021")), DEAL),
    (
        "another pipeline",
        event("ONCRMDEALMOVETOCATEGORY", fields(ID="9021", CATEGORY_ID="3", STAGE_ID="C3:NEW")),
        DEAL,
    ),
    ("a new deal", event("ONCRMDEALADD", fields(ID="9022")), DealTouched("9022")),
    ("a deleted deal", event("ONCRMDEALDELETE", fields(ID="9021")), DEAL),
    (
        "an invoice",
        event("ONCRMDYNAMICITEMUPDATE", fields(ID="512", ENTITY_TYPE_ID="31")),
        RecordTouched("invoice-512"),
    ),
    (
        "an invoice's own event",
        event("ONCRMDYNAMICITEMUPDATE_31", fields(ID="512")),
        RecordTouched("invoice-512"),
    ),
    (
        "another item",
        event("ONCRMDYNAMICITEMUPDATE", fields(ID="5", ENTITY_TYPE_ID="177")),
        Unhandled("other_item"),
    ),
    ("an activity", event("ONCRMACTIVITYADD", fields(ID="77310")), RecordTouched("activity-77310")),
    ("a mixed-case activity", event("onCrmActivityUpdate", fields(ID="7")), RecordTouched("activity-7")),
    (
        "a comment as built",
        event("ONCRMTIMELINECOMMENTADD", fields(ID="6120")),
        RecordTouched("comment-6120"),
    ),
    (
        "a comment as documented",
        event("ONCRMTIMELINECOMMENTADD", {"[ID]": "6120"}),
        RecordTouched("comment-6120"),
    ),
    (
        "a call",
        event(
            "ONVOXIMPLANTCALLEND",
            {
                "[CALL_ID]": "externalCall.6d0f.1790000400",
                "[CALL_TYPE]": "2",
                "[PORTAL_USER_ID]": "17",
                "[PHONE_NUMBER]": "+15550100200",
                "[CALL_DURATION]": "143",
                "[CALL_FAILED_CODE]": "200",
                "[CRM_ACTIVITY_ID]": "77311",
            },
        ),
        RecordTouched("activity-77311"),
    ),
    (
        "a call with a stranger",
        event("ONVOXIMPLANTCALLEND", {"[CALL_DURATION]": "0", "[CRM_ACTIVITY_ID]": "0"}),
        Unhandled("call_of_nobody"),
    ),
    (
        "a task",
        event(
            "ONTASKUPDATE",
            {"[FIELDS_BEFORE][ID]": "330", "[FIELDS_AFTER][ID]": "330", "[IS_ACCESSIBLE_AFTER]": "undefined"},
        ),
        RecordTouched("task-330"),
    ),
    (
        "a new task",
        event("ONTASKADD", {"[FIELDS_BEFORE][ID]": "undefined", "[FIELDS_AFTER][ID]": "331"}),
        RecordTouched("task-331"),
    ),
    (
        "a document",
        event("ONCRMDOCUMENTGENERATORDOCUMENTUPDATE", fields(ID="81", ENTITY_TYPE_ID="2", ENTITY_ID="9021")),
        DEAL,
    ),
    (
        "a document of a lead",
        event("ONCRMDOCUMENTGENERATORDOCUMENTADD", fields(ID="81", ENTITY_TYPE_ID="1", ENTITY_ID="7")),
        Unhandled("other_document"),
    ),
    ("a payment", event("ONPAYMENTENTITYSAVED", fields(ID="300")), Unhandled("onpaymententitysaved")),
    ("the queue's bell", event("ONOFFLINEEVENT", {}), Unhandled("onofflineevent")),
    (
        "a document to sign",
        event("ONCRMDYNAMICITEMUPDATE", fields(ID="7", ENTITY_TYPE_ID="36")),
        RecordTouched("document-7"),
    ),
    ("a new person", event("ONUSERADD", {"[ID]": "9"}), CatalogTouched()),
    ("a new field", event("ONCRMDEALUSERFIELDADD", fields(ID="9")), CatalogTouched()),
    ("removal", event("ONAPPUNINSTALL", {"[CLEAN]": "0", "[LANGUAGE_ID]": "en"}, LEAN), REMOVED),
    ("removal with all", event("ONAPPUNINSTALL", {"[CLEAN]": "1"}, LEAN), replace(REMOVED, wipes=True)),
    (
        "own channel",
        event("ONIMCONNECTORMESSAGEADD", {"[CONNECTOR]": "site", "[MESSAGES][0][im][chat_id]": "1807"}),
        Unhandled("onimconnectormessageadd"),
    ),
    (
        "a robot",
        Delivery(
            {},
            b"workflow_id=66f0&code=gate_check&document_id[2]=DEAL_9021",
            datetime(2026, 9, 21, tzinfo=UTC),
        ),
        Unhandled("robot"),
    ),
]


@pytest.mark.parametrize(("delivery", "told"), [row[1:] for row in SAMPLES], ids=[row[0] for row in SAMPLES])
def test_every_documented_event_is_read(delivery: Delivery, told: InboundEvent) -> None:
    assert list(HOOKS.parse(delivery)) == [told]


@pytest.mark.parametrize("name", ["ADD", "UPDATE", "MOVETOCATEGORY"])
def test_any_save_of_a_deal_may_be_a_move(name: str) -> None:
    told = HOOKS.parse(event(f"ONCRMDEAL{name}", fields(ID="9021")))[0]
    assert isinstance(told, DealTouched)
    assert told.moved


@pytest.mark.parametrize("auth", [FULL, SYSTEM, LEAN], ids=["full", "system", "lean"])
def test_a_genuine_event_is_let_in_with_or_without_tokens(auth: dict[str, str]) -> None:
    HOOKS.authenticate(event("ONCRMDEALUPDATE", fields(ID="9021"), auth), ACCOUNT)


@pytest.mark.parametrize(
    "auth",
    [
        {**FULL, "application_token": "5d41402abc4b2a76b9719d911017c593"},
        {**FULL, "application_token": ""},
        {**FULL, "application_token": "вчера"},
        {key: value for key, value in FULL.items() if key != "application_token"},
        {key: value for key, value in FULL.items() if key != "member_id"},
        {},
    ],
    ids=["wrong", "empty", "not ascii", "missing", "no portal", "no block"],
)
def test_an_event_without_the_portal_s_secret_is_forged(auth: dict[str, str]) -> None:
    with pytest.raises(NotFromCrm):
        HOOKS.authenticate(event("ONCRMDEALUPDATE", fields(ID="9021"), auth), ACCOUNT)


def test_another_portal_s_event_is_set_aside() -> None:
    delivery = event("ONCRMDEALUPDATE", fields(ID="9021"), {**FULL, "member_id": "f" * 32})
    with pytest.raises(WrongAccount):
        HOOKS.authenticate(delivery, ACCOUNT)


def test_a_portal_that_gave_no_secret_is_known_by_the_address_alone() -> None:
    bare = replace(ACCOUNT, hook_secret="")
    auth = {key: value for key, value in FULL.items() if key != "application_token"}
    HOOKS.authenticate(event("ONCRMDEALUPDATE", fields(ID="9021"), auth), bare)
    with pytest.raises(WrongAccount):
        HOOKS.authenticate(event("ONCRMDEALUPDATE", fields(ID="9021"), {**auth, "member_id": "1"}), bare)


def test_what_is_kept_holds_no_token_and_tells_the_same() -> None:
    delivery = event(
        "ONCRMDEALUPDATE", fields(ID="9021"), FULL, AUTH_ID="9d4c-viewer", REFRESH_ID="8c3b-viewer"
    )
    kept = HOOKS.redact(delivery)
    for secret in ("8f2c-access", "9c1d-refresh", SECRET, "9d4c-viewer", "8c3b-viewer"):
        assert secret.encode() not in kept
    assert MEMBER.encode() in kept
    assert list(HOOKS.parse(replace(delivery, body=kept))) == [DEAL]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe", b"event=%ff", b"a" * 3_000_000, b"data[FIELDS][ID]=1", b"event=ONCRMDEALUPDATE",
        b"event=ONCRMDEALUPDATE&data[FIELDS][ID]=0", b"event=ONCRMDEALUPDATE&data[FIELDS][ID]=-1",
        b"event=ONCRMDEALUPDATE&data[FIELDS][ID]=1%00", b"event=ONCRMDEALUPDATE&data[FIELDS][ID][]=1",
        b"event=on%20deal&data[FIELDS][ID]=1", b"event[]=x",
        "event=ONCRMDEALUPDATE&data[FIELDS][ID]=٣".encode(),
        b"event=ONTASKUPDATE&data[FIELDS_AFTER][ID]=undefined", b"event" + b"[a]" * 9 + b"=1",
        b"&".join(b"a=1" for _ in range(2_001)), b'{"event": "ONCRMDEALUPDATE"}',
    ],
)  # fmt: skip
def test_what_is_no_event_is_not_understood(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        HOOKS.parse(Delivery({}, body, datetime(2026, 9, 21, tzinfo=UTC)))


@given(st.binary(max_size=400) | st.text(alphabet="evntdaa[]FIELDS=&%0x12ID", max_size=200).map(str.encode))
def test_any_bytes_end_in_events_or_are_not_understood(body: bytes) -> None:
    delivery = Delivery({}, body, datetime(2026, 9, 21, tzinfo=UTC))
    with pytest.raises((NotFromCrm, WrongAccount)):
        HOOKS.authenticate(delivery, ACCOUNT)
    for read in (HOOKS.parse, HOOKS.redact):
        try:
            read(delivery)
        except NotUnderstood:
            continue
