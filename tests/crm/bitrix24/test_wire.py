"""Every documented answer, and many that are not, end in a value or in one of our errors."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crm.adapters.bitrix24 import wire
from app.crm.adapters.bitrix24.wire import Answer, Command
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

REFUSALS: list[tuple[int, Any, str, type[CrmError]]] = [
    (401, "expired_token", "The access token provided has expired.", AuthExpired),
    (401, "invalid_token", "Unable to get application by token", AuthExpired),
    (401, "NO_AUTH_FOUND", "Wrong authorization data", AuthExpired),
    (401, "authorization_error", "Unable to authorize user", AuthExpired),
    (401, "APPLICATION_NOT_FOUND", "Application not found", AuthExpired),
    (401, "ERROR_OAUTH", "Application not installed", AuthExpired),
    (401, "NOT_INSTALLED", "", AuthExpired),
    (401, "SOMETHING_NEW", "", AuthExpired),
    (500, "PORTAL_DELETED", "Portal was deleted", AuthExpired),
    (401, "PAYMENT_REQUIRED", "Payment required", PaymentRequired),
    (403, "ACCESS_DENIED", "REST is available only on commercial plans.", PaymentRequired),
    (401, "METHOD_CONFIRM_WAITING", "Waiting for confirmation", Unsupported),
    (403, "METHOD_CONFIRM_DENIED", "Denied", Unsupported),
    (401, "insufficient_scope", "The request requires higher privileges", Unsupported),
    (403, "insufficient_scope", "The request requires higher privileges", Unsupported),
    (403, "INVALID_CREDENTIALS", "Invalid request credentials", Unsupported),
    (403, "user_access_error", "The user does not have access to the application.", Unsupported),
    (403, "allowed_only_intranet_user", "", Unsupported),
    (403, "WRONG_AUTH_TYPE", "Current authorization type is denied", Unsupported),
    (403, "SOMETHING_NEW", "", Unsupported),
    (400, "ACCESS_DENIED", "Доступ запрещен.", Unsupported),
    (400, "", "Access denied.", Unsupported),
    (404, "ERROR_METHOD_NOT_FOUND", "Method not found!", Unsupported),
    (400, "NOT_FOUND", "Элемент не найден", NotFound),
    (400, "", "Not found", NotFound),
    (400, "", "Activity is not found.", NotFound),
    (400, "0", "Задача не найдена или недоступна", NotFound),
    (400, "INVALID_ARG_VALUE", "Invalid filter: field 'x' is not allowed in filter", Rejected),
    (400, "CRM_FIELD_ERROR_REQUIRED", "Не заполнено поле «Бюджет»", Rejected),
    (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", "", Rejected),
    (400, "UPDATE_DYNAMIC_ITEM_RESTRICTED", "", Rejected),
    (400, "-", "Нет прав на перевод в этот этап", Rejected),
    (400, 0, "Нет прав на перевод в этот этап", Rejected),
    (400, "100", "Could not find value for parameter {id}", Rejected),
    (400, None, "", Rejected),
    (400, "INVALID_REQUEST", "Https required", Rejected),
    (400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded", Rejected),
    (429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", RateLimited),
    (503, "QUERY_LIMIT_EXCEEDED", "Too many requests", RateLimited),
    (503, "OVERLOAD_LIMIT", "REST API is blocked due to overload", Blocked),
    (500, "INTERNAL_SERVER_ERROR", "Internal server error", Unavailable),
    (500, "ERROR_UNEXPECTED_ANSWER", "Server returned an unexpected response", Unavailable),
    (200, "wrong_client", "Wrong client", AuthExpired),
    (200, {"code": "NOT_FOUND", "message": "no such thing"}, "", NotFound),
    (200, ["x"], "", Rejected),
]


def reply(status: int, body: Any, **headers: str) -> HttpReply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpReply(status, {"content-type": "application/json", **headers}, content)


@pytest.mark.parametrize(
    ("status", "code", "text", "kind"), REFUSALS, ids=[f"{row[0]} {row[1]} {row[2][:12]}" for row in REFUSALS]
)
def test_every_refusal_has_its_error(status: int, code: Any, text: str, kind: type[CrmError]) -> None:
    with pytest.raises(kind) as caught:
        wire.decode(reply(status, {"error": code, "error_description": text}), "crm.item.get")
    assert not isinstance(caught.value, Unknown)


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"[]", b'"x"', b"{", b"null", b"\xff"])
@pytest.mark.parametrize("status", [200, 403, 500, 502, 503, 504])
def test_what_is_no_answer_is_lost_for_a_write_and_away_for_a_read(status: int, body: bytes) -> None:
    with pytest.raises(Unavailable) as read:
        wire.decode(reply(status, body), "crm.item.get")
    assert not isinstance(read.value, Unknown)
    with pytest.raises(Unknown):
        wire.decode(reply(status, body), "crm.item.update", is_write=True)


def test_a_server_s_error_leaves_a_write_unknown() -> None:
    with pytest.raises(Unknown):
        wire.decode(reply(500, {"error": "INTERNAL_SERVER_ERROR"}), "crm.item.update", is_write=True)
    with pytest.raises(RateLimited):
        wire.decode(reply(503, {"error": "QUERY_LIMIT_EXCEEDED"}), "crm.item.update", is_write=True)


def test_a_good_answer_has_its_value_its_pages_and_its_time() -> None:
    body = {
        "result": [1],
        "next": 50,
        "total": 70,
        "time": {"operating": 1.5, "operating_reset_at": 1790000600},
    }
    decoded = wire.decode(reply(200, body), "crm.activity.list")
    assert decoded.answer == Answer([1], 50, 70)
    assert [(each.method, each.used) for each in decoded.timings] == [("crm.activity.list", 1.5)]


@pytest.mark.parametrize(
    "time", [None, [], {}, {"operating": 0}, {"operating": "x", "operating_reset_at": None}]
)
def test_an_answer_may_say_nothing_of_its_time(time: Any) -> None:
    assert wire.decode(reply(200, {"result": True, "time": time}), "m").timings == ()


def test_a_renamed_portal_says_where_it_went() -> None:
    with pytest.raises(wire.Moved) as caught:
        wire.decode(reply(302, b"", location="https://new.bitrix24.ru/rest/m"), "m")
    assert caught.value.location == "https://new.bitrix24.ru/rest/m"


COMMANDS = {"a": Command("crm.item.get", {"id": 1}), "b": Command("crm.item.list"), "c": Command("profile")}


def test_a_batch_s_parts_stand_for_themselves() -> None:
    value = {
        "result": {"a": {"item": {}}, "b": {"items": []}},
        "result_error": {"c": {"error": "expired_token", "error_description": ""}},
        "result_next": {"b": 50},
        "result_total": {"b": 99},
        "result_time": {"a": {"operating": 2, "operating_reset_at": 5}},
    }
    told, timings = wire.unpack(value, COMMANDS, is_write=False)
    assert told["a"] == Answer({"item": {}})
    assert told["b"] == Answer({"items": []}, 50, 99)
    assert isinstance(told["c"], AuthExpired)
    assert [timing.method for timing in timings] == ["crm.item.get"]


def test_empty_maps_come_as_lists_and_numbered_ones_too() -> None:
    told, _ = wire.unpack({"result": [5], "result_error": []}, {"0": Command("m")}, is_write=False)
    assert told["0"] == Answer(5)
    told, _ = wire.unpack({"result": [], "result_error": []}, {"x": Command("m")}, is_write=True)
    assert isinstance(told["x"], Unknown)


def test_nested_parameters_become_brackets() -> None:
    params = {
        "filter": {"BINDINGS": [{"OWNER_ID": 5}], ">ID": 7},
        "select": ["ID", "ы"],
        "flag": True,
        "no": None,
    }
    assert wire.encode(params) == (
        "filter%5BBINDINGS%5D%5B0%5D%5BOWNER_ID%5D=5&filter%5B%3EID%5D=7"
        "&select%5B0%5D=ID&select%5B1%5D=%D1%8B&flag=Y"
    )


def test_a_batch_takes_fifty() -> None:
    with pytest.raises(ValueError, match="50"):
        wire.batch_of({str(number): Command("m") for number in range(51)})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from([200, 201, 400, 401, 403, 404, 429, 500, 503]),
    st.dictionaries(st.sampled_from(["error", "error_description", "result", "time", "next", "total"]), JSON),
    st.booleans(),
)
def test_any_json_is_a_value_or_one_of_our_errors(status: int, body: Any, is_write: bool) -> None:
    try:
        wire.decode(reply(status, body), "m", is_write=is_write)
    except CrmError:
        return
    assert "result" in body


@given(JSON)
def test_any_batch_is_taken_apart(value: Any) -> None:
    told, _ = wire.unpack(value, COMMANDS, is_write=False)
    assert set(told) == set(COMMANDS)
