"""Answers of the API become a value or one of our errors, whatever they look like."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.crm.adapters.amocrm import wire
from app.crm.errors import (
    AuthExpired,
    Blocked,
    CrmError,
    NotFound,
    PaymentRequired,
    RateLimited,
    Rejected,
    Unavailable,
    Unknown,
    Unsupported,
)
from app.crm.http import HttpReply

NGINX = b"<html><head><title>403 Forbidden</title></head><body><center>nginx</center></body></html>"
DOCS = Path(__file__).parents[2] / "fixtures" / "amocrm" / "docs"


def reply(status: int, body: Any = b"", **headers: str) -> HttpReply:
    """An answer; anything but bytes becomes JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpReply(status, headers, raw)


def test_a_read_names_path_token_and_parameters() -> None:
    request = wire.get("https://a.amocrm.ru", "leads/5", "T", [("with", "contacts")])
    assert (request.method, request.url) == ("GET", "https://a.amocrm.ru/api/v4/leads/5")
    assert request.params == (("with", "contacts"),)
    assert request.headers["Authorization"] == "Bearer T"
    assert not request.is_write
    assert "X-Context-User-ID" not in request.headers


def test_a_read_on_behalf_of_a_user_says_whose_rights_count() -> None:
    request = wire.get("https://a.amocrm.ru", "leads/5", "T", user_id="12")
    assert request.headers["X-Context-User-ID"] == "12"


def test_a_write_carries_its_body_and_is_known_as_one() -> None:
    request = wire.write("https://a.amocrm.ru", "PATCH", "leads/5", "T", {"price": 1})
    assert (request.method, request.json, request.is_write) == ("PATCH", {"price": 1}, True)


def test_no_content_is_none() -> None:
    assert wire.decode(reply(204)) is None


@pytest.mark.parametrize("status", [200, 201, 202])
def test_success_is_its_json_whatever_the_content_type_says(status: int) -> None:
    assert wire.decode(reply(status, {"id": 1}, **{"content-type": "text/html"})) == {"id": 1}


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000])
def test_a_success_that_is_no_json_is_no_answer(body: bytes) -> None:
    with pytest.raises(Unavailable) as caught:
        wire.decode(reply(200, body))
    assert not isinstance(caught.value, Unknown)


def test_a_write_answered_with_nonsense_may_have_happened() -> None:
    with pytest.raises(Unknown):
        wire.decode(reply(200, b"<html>"), is_write=True)


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_a_write_answered_with_an_empty_success_happened(body: bytes) -> None:
    assert wire.decode(reply(200, body), is_write=True) is None


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, {"status": 401}, AuthExpired),
        (401, NGINX, AuthExpired),
        (402, {}, PaymentRequired),
        (403, NGINX, Blocked),
        (403, b"", Blocked),
        (403, {"status": 403, "detail": "no rights"}, Unsupported),
        (403, {"error_code": 113}, Blocked),
        (403, {"code": "113"}, Blocked),
        (404, {}, NotFound),
        (400, {}, Rejected),
        (405, {}, Rejected),
        (409, {}, Rejected),
        (422, {}, Rejected),
        (425, {}, Unsupported),
        (426, {}, Unsupported),
        (429, {}, RateLimited),
        (500, b"", Unavailable),
        (502, NGINX, Unavailable),
        (504, b"", Unavailable),
        (301, b"", Unavailable),
        (418, b"", Unavailable),
    ],
)
def test_every_refusal_has_its_error(status: int, body: Any, expected: type[CrmError]) -> None:
    for is_write in (False, True):
        with pytest.raises(expected):
            wire.decode(reply(status, body), is_write=is_write)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateway_s_failure_leaves_a_write_unknown_and_a_read_undone(status: int) -> None:
    with pytest.raises(Unknown):
        wire.decode(reply(status), is_write=True)
    with pytest.raises(Unavailable) as caught:
        wire.decode(reply(status))
    assert not isinstance(caught.value, Unknown)


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({"retry_after": 300}, {}, 300),
        ({"retry_after": 17}, {"retry-after": "5"}, 17),
        ({}, {"retry-after": "5"}, 5),
        (NGINX, {"retry-after": "9"}, 9),
        (NGINX, {}, 300),
        ({"retry_after": "soon"}, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 300),
        ({"retry_after": 0}, {}, 1),
        ({"retry_after": 10**9}, {}, 3600),
        ([1], {}, 300),
    ],
)
def test_too_many_calls_says_how_long_to_wait(body: Any, headers: dict[str, str], seconds: float) -> None:
    with pytest.raises(RateLimited) as caught:
        wire.decode(reply(429, body, **headers))
    assert caught.value.retry_after == seconds


def test_a_refusal_keeps_the_vendor_s_words_but_not_too_many() -> None:
    with pytest.raises(Rejected) as caught:
        wire.decode(reply(400, b"\xd0\x9d\xd0\xb5\xd1\x82\xff" + b"x" * 9000))
    assert caught.value.vendor_text.startswith("Нет")
    assert len(caught.value.vendor_text) == wire.VENDOR_TEXT_LIMIT
    assert "Нет" not in str(caught.value)


def test_the_documentation_s_validation_errors_are_refusals() -> None:
    pages = json.loads((DOCS / "crm_platform__error-codes.json").read_text(encoding="utf-8"))
    bodies = [example["json"] for example in pages["examples"] if "json" in example]
    assert bodies
    for body in bodies:
        with pytest.raises(Rejected):
            wire.decode(reply(400, body))


def test_records_of_a_list_are_found_and_none_is_an_empty_list() -> None:
    value = {"_embedded": {"leads": [{"id": 1}, "nonsense"]}, "_links": {"next": {"href": "x"}}}
    assert wire.embedded(value, "leads") == [{"id": 1}]
    assert wire.embedded(None, "leads") == []
    assert wire.has_next(value)
    assert not wire.has_next(None)


@pytest.mark.parametrize("value", [{}, [], 5, {"_embedded": []}, {"_embedded": {"leads": {}}}])
def test_a_list_of_another_shape_is_no_empty_list(value: Any) -> None:
    with pytest.raises(Unavailable):
        wire.embedded(value, "leads")
