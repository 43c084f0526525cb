"""`batch`: up to fifty commands in one request, each of which may use the results before it.

https://apidocs.bitrix24.com/settings/how-to-call-rest-api/batch.html
"""

import re

from app.sandbox.bitrix24.limits import Limiter
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.dispatch import Caller, invoke, timing
from app.sandbox.bitrix24.rest.wire import Json, RestError, as_tree, query_tree, truth
from app.sandbox.bitrix24.rest.writes import plain_name

MOST = 50
REFERENCE = re.compile(r"\$result((?:\[[^\[\]]*\])+)")


def run_batch(portal: Portal, limiter: Limiter, params: Json, caller: Caller) -> Json:
    """All commands in their order; the answer is 200 even when each of them fails."""
    commands = as_tree(params.get("cmd"))
    halt, started = truth(params.get("halt")), portal.now()
    done: dict[str, Json] = {}
    errors: Json = {}
    for index, (key, command) in enumerate(commands.items()):
        try:
            if index >= MOST:
                raise RestError(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
            _stop_midway(portal, index, len(commands))
            done[key] = _run(portal, limiter, str(command), done, caller)
        except RestError as error:
            errors[key] = error.body
            if halt:
                break
    result = {
        "result": php_array({key: body["result"] for key, body in done.items()}),
        "result_error": php_array(errors),
        "result_total": php_array({key: body["total"] for key, body in done.items() if "total" in body}),
        "result_next": php_array({key: body["next"] for key, body in done.items() if "next" in body}),
        "result_time": php_array({key: body["time"] for key, body in done.items()}),
    }
    return {"result": result, "time": timing(portal, limiter, caller[0].client_id, "batch", started)}


def _stop_midway(portal: Portal, index: int, count: int) -> None:
    if portal.faults.tokens_expire_mid_batch and index >= (count + 1) // 2:
        raise RestError(401, "expired_token", "The access token provided has expired.")


def _run(portal: Portal, limiter: Limiter, command: str, done: dict[str, Json], caller: Caller) -> Json:
    name, _, query = command.partition("?")
    if plain_name(name) == "batch":
        raise RestError(400, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
    params = query_tree(query)
    found = {key: body["result"] for key, body in done.items()}
    return invoke(
        portal, limiter, name, {key: _filled(value, found) for key, value in params.items()}, caller
    )


def _filled(value: object, results: Json) -> object:
    """A value with its references to earlier results replaced."""
    if isinstance(value, dict):
        return {key: _filled(item, results) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    whole = REFERENCE.fullmatch(value)
    if whole:
        return _looked_up(whole.group(1), results)
    return REFERENCE.sub(lambda match: str(_looked_up(match.group(1), results)), value)


def _looked_up(path: str, results: Json) -> object:
    node: object = results
    for part in path.strip("[]").split("]["):
        if isinstance(node, list):
            node = node[int(part)] if part.isdigit() and int(part) < len(node) else None
        elif isinstance(node, dict):
            node = node.get(part)
        else:
            return ""
    return "" if node is None else node


def php_array(pairs: Json) -> object:
    """A map as the portal writes it: with the keys 0, 1, 2 … it is a list, and so is an empty one."""
    if list(pairs) == [str(index) for index in range(len(pairs))]:
        return list(pairs.values())
    return pairs
