"""How REST answers look: hal+json, problem+json, pages and links."""

import json
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox import brackets
from app.sandbox.amocrm.account import Account

Json = dict[str, object]
DEFAULT_LIMIT = 50
Item = TypeVar("Item")
VALIDATION = "Request validation failed"


class Problem(Exception):
    """A refusal with a status and a sentence."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail


class Invalid(Exception):
    """A body that does not validate: (request_id, code, dotted path, detail) each."""

    def __init__(self, *errors: tuple[str, str, str, str]) -> None:
        super().__init__(VALIDATION)
        self.errors = errors


def hal(content: object, status: int = 200) -> Response:
    """A success answer."""
    text = json.dumps(content, ensure_ascii=False)
    return Response(text, status, media_type="application/hal+json")


def problem(status: int, title: str, detail: str, **extra: object) -> Response:
    """An error answer; `extra` holds keys such as validation-errors or retry_after."""
    body = {"title": title, "type": f"https://httpstatus.es/{status}", "status": status, "detail": detail}
    text = json.dumps({**extra, **body}, ensure_ascii=False)
    return Response(text, status, media_type="application/problem+json")


def invalid(error: Invalid) -> Response:
    """The 400 answer: paths are dotted with indexes and name no field id."""
    grouped: dict[str, list[Json]] = {}
    for request_id, code, path, detail in error.errors:
        grouped.setdefault(request_id, []).append({"code": code, "path": path, "detail": detail})
    listed = [{"request_id": key, "errors": errors} for key, errors in grouped.items()]
    return problem(400, "Bad Request", VALIDATION, **{"validation-errors": listed})


def no_content() -> Response:
    """The empty answer for an empty list and for an unknown id."""
    return Response(status_code=204)


def account_of(request: Request) -> Account:
    """The account behind the application."""
    account: Account = request.app.state.account
    return account


def link(account: Account, path: str) -> Json:
    """A `_links` map with the address of a resource."""
    return {"self": {"href": f"{account.config.origin}/api/v4/{path}"}}


def linked(account: Account, entity: str, number: int | None) -> list[Json]:
    """One embedded record with its address, or none."""
    return [{"id": number, "_links": link(account, f"{entity}/{number}")}] if number else []


def query_of(request: Request) -> brackets.Tree:
    """The query string as a tree (filter, order …)."""
    return brackets.parse(request.query_params.multi_items())


def with_of(request: Request) -> set[str]:
    """The names in `with=`."""
    return {name.strip() for name in request.query_params.get("with", "").split(",") if name.strip()}


def window(request: Request, most: int) -> tuple[int, int]:
    """(page, limit) of the query. Raises Invalid when the switch refuses a limit above `most`."""
    page = _whole(request.query_params.get("page"), 1)
    limit = _whole(request.query_params.get("limit"), DEFAULT_LIMIT)
    if limit > most and account_of(request).faults.event_limit_mode == "refuse":
        raise Invalid(("0", "InvalidValue", "limit", f"The limit must not be greater than {most}."))
    return page, min(limit, most)


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdigit() and int(text) > 0 else otherwise


def page_of(
    request: Request,
    items: Sequence[Item],
    key: str,
    shape: Callable[[Item], Json],
    *,
    most: int = 250,
    extra: Callable[[int, int], Json] | None = None,
) -> Response:
    """One page of a list, 204 when it is empty; the last page has no `next`."""
    page, limit = window(request, most)
    start = (page - 1) * limit
    chosen = items[start : start + limit]
    if not chosen:
        return no_content()
    body: Json = {"_page": page, "_links": _page_links(request, page, limit, start + limit < len(items))}
    if extra:
        pages = -(-len(items) // limit)
        body |= extra(len(items), pages)
    return hal(body | {"_embedded": {key: [shape(item) for item in chosen]}})


def totals(total: int, pages: int) -> Json:
    """The counters that users and custom fields carry."""
    return {"_total_items": total, "_page_count": pages}


def _page_links(request: Request, page: int, limit: int, more: bool) -> Json:
    kept = [(key, value) for key, value in request.query_params.multi_items() if key not in {"page", "limit"}]

    def address(number: int) -> Json:
        query = urlencode([*kept, ("limit", str(limit)), ("page", str(number))])
        return {"href": f"{account_of(request).config.origin}{request.url.path}?{query}"}

    links: Json = {"self": address(page)}
    if more:
        links["next"] = address(page + 1)
    if page > 1:
        links |= {"first": address(1), "prev": address(page - 1)}
    return links


async def body_of(request: Request) -> object:
    """The JSON body. Raises Problem (400) when it is none."""
    try:
        parsed: object = json.loads(await request.body() or b"null")
    except ValueError:
        raise Problem(400, "Bad Request", "Request body is not valid JSON") from None
    return parsed


async def rows_of(request: Request, most: int = 250) -> list[Json]:
    """The array that writing to a collection takes. Raises Invalid (an object) or Problem (too many)."""
    parsed = await body_of(request)
    if not isinstance(parsed, list) or not parsed or not all(isinstance(row, dict) for row in parsed):
        raise Invalid(("0", "InvalidType", "", "This value should be of type array."))
    if len(parsed) > most:
        raise Problem(422, "Unprocessable Entity", f"The number of entities must not exceed {most}")
    return parsed


async def row_of(request: Request) -> Json:
    """The one object that writing to a resource takes. Raises Invalid for anything else."""
    parsed = await body_of(request)
    if not isinstance(parsed, dict):
        raise Invalid(("0", "InvalidType", "", "This value should be of type object."))
    return parsed


def request_id(row: Json, index: int) -> str:
    """What is echoed as request_id: the caller's own, or the index as text."""
    return str(row.get("request_id", index))


def whole(row: Json, key: str, index: int = 0) -> int | None:
    """An integer of the body, None when absent or null. Raises Invalid for other types."""
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid((request_id(row, index), "InvalidType", key, "This value should be of type int."))
    return value


def text(row: Json, key: str, index: int = 0) -> str | None:
    """A text of the body, None when absent or null. Raises Invalid for other types."""
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise Invalid((request_id(row, index), "InvalidType", key, "This value should be of type string."))
    return value
