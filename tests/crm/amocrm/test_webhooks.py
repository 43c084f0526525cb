"""Hooks: who they are about, whose they are, and what is refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crm.adapters.amocrm.webhooks import AmocrmWebhooks
from app.crm.errors import NotUnderstood, WrongAccount
from app.crm.events import ContactTouched, DealTouched, InboundEvent, Unhandled
from app.crm.port import Account, Delivery
from tests.crm.amocrm.hook_samples import SAMPLES, body_of

HOOKS = AmocrmWebhooks()
ACCOUNT = Account(1, "32427762", "etesttask.amocrm.ru")
DOCUMENTED = Path(__file__).parents[2] / "fixtures" / "amocrm" / "webhooks"
ABOUT: dict[str, list[InboundEvent]] = {
    "096_leads_status": [DealTouched("25399013")],
    "097_contacts_add": [ContactTouched("10952709")],
    "098_contacts_add": [ContactTouched("10959143")],
    "099_task_update": [DealTouched("33322211")],
    "100_unsorted_add": [Unhandled("unsorted")],
    "101_unsorted_update": [Unhandled("unsorted")],
    "102_unsorted_delete": [DealTouched("2132111")],
    "103_unsorted_delete": [DealTouched("2132111")],
    "104_leads_mail_in": [DealTouched("4921027")],
    "105_leads_status": [DealTouched("4831596")],
}


def delivery(body: bytes) -> Delivery:
    """A request as the door got it."""
    return Delivery({}, body, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_known_hook_says_whom_it_is_about(name: str) -> None:
    flat, about = SAMPLES[name]
    assert HOOKS.parse(delivery(body_of(flat))) == about
    HOOKS.authenticate(delivery(body_of(flat)), ACCOUNT)


@pytest.mark.parametrize("path", sorted(DOCUMENTED.glob("*.form")), ids=lambda path: path.stem)
def test_every_hook_of_the_documentation_says_whom_it_is_about(path: Path) -> None:
    assert HOOKS.parse(delivery(path.read_bytes().strip())) == ABOUT[path.stem]


def test_no_documented_hook_is_left_out() -> None:
    assert {path.stem for path in DOCUMENTED.glob("*.form")} == set(ABOUT)


@pytest.mark.parametrize(
    "flat",
    [
        "leads[add][0][id]=0",
        "leads[add][0][id]=-5",
        "leads[add][0][id]=007",
        "leads[add][0][id]=5.0",
        "leads[add][0][id]=",
        "leads[add][0][id]=12345678901234567890",
        "leads[add][0][id]=٣",
        "leads[add][0][id][x]=5",
        "leads[add][0][name]=x",
        "leads[add][0]=5",
        "leads=5",
        '{"leads":{"add":[{"id":5}]}}',
        "Leads[add][0][id]=5",
        "leads[note][0][text]=x",
        "account[id]=32427762",
        "",
    ],
)
def test_a_hook_about_nobody_is_not_understood(flat: str) -> None:
    with pytest.raises(NotUnderstood):
        HOOKS.parse(delivery(body_of(flat) if flat else b""))


@pytest.mark.parametrize(
    "flat", ["account[id]=99", "account[id]=99&account[subdomain]=etesttask", "account[id][x]=32427762"]
)
def test_a_hook_of_another_account_is_refused(flat: str) -> None:
    with pytest.raises(WrongAccount):
        HOOKS.authenticate(delivery(body_of(flat)), ACCOUNT)


def test_an_old_hook_names_only_the_subdomain() -> None:
    HOOKS.authenticate(delivery(b"account[subdomain]=etesttask"), ACCOUNT)
    with pytest.raises(WrongAccount):
        HOOKS.authenticate(delivery(b"account[subdomain]=another"), ACCOUNT)


def test_a_host_with_a_port_has_no_subdomain_to_compare() -> None:
    local = Account(1, "32427762", "127.0.0.1:9100")
    HOOKS.authenticate(delivery(b"account[subdomain]=sandbox"), local)


def test_a_hook_without_the_account_rests_on_its_secret_address() -> None:
    HOOKS.authenticate(delivery(b"leads[add][0][id]=5"), ACCOUNT)
    HOOKS.authenticate(delivery(b"account[subdomain][x]=5"), ACCOUNT)


def test_a_body_that_cannot_be_read_is_left_to_the_parser() -> None:
    HOOKS.authenticate(delivery(b"a[=1"), ACCOUNT)


def test_the_body_is_kept_as_it_came() -> None:
    assert HOOKS.redact(delivery(b"leads[add][0][id]=5")) == b"leads[add][0][id]=5"


@given(st.binary(max_size=2000))
def test_arbitrary_bytes_are_events_or_not_understood(body: bytes) -> None:
    try:
        events = HOOKS.parse(delivery(body))
    except NotUnderstood:
        return
    assert events
    assert all(isinstance(event, DealTouched | ContactTouched | Unhandled) for event in events)


@pytest.mark.parametrize(
    ("body", "moved"),
    [
        (b"leads[add][0][id]=5", True),
        (b"leads[status][0][id]=5&leads[status][0][old_status_id]=1", True),
        (b"leads[update][0][id]=5&leads[status][0][id]=5", True),
        (b"leads[status][0][id]=5&leads[update][0][id]=5", True),
        (b"unsorted[add][0][lead_id]=5", True),
        (b"leads[update][0][id]=5", False),
        (b"leads[responsible][0][id]=5", False),
        (b"leads[note][0][note][element_id]=5", False),
        (b"task[add][0][element_type]=2&task[add][0][element_id]=5", False),
    ],
)
def test_a_hook_says_whether_the_lead_may_have_come_into_a_stage(body: bytes, moved: bool) -> None:
    [event] = HOOKS.parse(delivery(body))
    assert isinstance(event, DealTouched)
    assert (event.deal_id, event.moved) == ("5", moved)
