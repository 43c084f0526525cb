"""Tasks. https://www.amocrm.ru/developers/content/crm_platform/tasks-api"""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.sandbox import brackets
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import Refused, Task
from app.sandbox.amocrm.rest import shapes
from app.sandbox.amocrm.rest.caller import LOGGED_IN, Anyone, Caller
from app.sandbox.amocrm.rest.leads import in_range
from app.sandbox.amocrm.rest.wire import (
    Invalid,
    Json,
    Problem,
    account_of,
    hal,
    link,
    no_content,
    page_of,
    query_of,
    request_id,
    row_of,
    rows_of,
    text,
    whole,
)

router = APIRouter(prefix="/api/v4", dependencies=LOGGED_IN)


@router.get("/tasks")
async def list_tasks(request: Request) -> Response:
    """A page of tasks; filtering tasks is not a paid option."""
    account, wanted = account_of(request), brackets.child(query_of(request), "filter")
    found = [task for task in account.tasks.values() if _matches(task, wanted)]
    return page_of(request, found, "tasks", lambda task: shapes.task(account, task))


def _matches(task: Task, wanted: object) -> bool:
    pairs = (
        ("id", task.id),
        ("responsible_user_id", task.responsible_user_id),
        ("is_completed", int(task.is_completed)),
        ("task_type", task.task_type_id),
        ("task_type_id", task.task_type_id),
        ("entity_type", task.entity),
        ("entity_id", task.entity_id),
    )
    for key, value in pairs:
        choices = brackets.values(brackets.child(wanted, key))
        if choices and str(value) not in choices:
            return False
    return in_range(task.updated_at, brackets.child(wanted, "updated_at"))


@router.get("/tasks/{task_id:int}")
async def get_task(request: Request, task_id: int) -> Response:
    """One task, 204 when there is none."""
    account = account_of(request)
    task = account.tasks.get(task_id)
    return hal(shapes.task(account, task)) if task else no_content()


@router.post("/tasks")
async def add_tasks(request: Request, who: Anyone) -> Response:
    """New tasks; text and complete_till are required."""
    account, rows = account_of(request), await rows_of(request)
    for index, row in enumerate(rows):
        _check(row, index)
    made: list[Json] = []
    for index, row in enumerate(rows):
        task = _make(account, who, row, index)
        made.append(
            {
                "id": task.id,
                "request_id": request_id(row, index),
                "_links": link(account, f"tasks/{task.id}"),
            }
        )
    return hal({"_links": link(account, "tasks"), "_embedded": {"tasks": made}})


def _check(row: Json, index: int) -> None:
    for key, value in (
        ("text", text(row, "text", index)),
        ("complete_till", whole(row, "complete_till", index)),
    ):
        if value is None:
            raise Invalid((request_id(row, index), "FieldMissing", key, "This field is missing."))


def _make(account: Account, who: Caller, row: Json, index: int) -> Task:
    by, moment = whole(row, "created_by", index), whole(row, "created_at", index)
    try:
        return account.add_task(
            text(row, "entity_type", index),
            whole(row, "entity_id", index),
            str(row["text"]),
            complete_till=int(str(row["complete_till"])),
            by=who.user_id if by is None else by,
            at=None if moment is None else float(moment),
            responsible_user_id=whole(row, "responsible_user_id", index) or who.user_id,
            task_type_id=whole(row, "task_type_id", index) or 1,
            origin=who.origin,
        )
    except Refused as refused:
        raise Invalid((request_id(row, index), refused.code, "entity_id", refused.detail)) from None


@router.patch("/tasks")
async def edit_tasks(request: Request, who: Anyone) -> Response:
    """Change or complete several tasks."""
    account, rows = account_of(request), await rows_of(request)
    thin = [_edit(account, who, whole(row, "id", index) or 0, row, index) for index, row in enumerate(rows)]
    return hal({"_links": link(account, "tasks"), "_embedded": {"tasks": thin}})


@router.patch("/tasks/{task_id:int}")
async def edit_task(request: Request, task_id: int, who: Anyone) -> Response:
    """Change or complete one task."""
    return hal(_edit(account_of(request), who, task_id, await row_of(request), 0))


def _edit(account: Account, who: Caller, task_id: int, row: Json, index: int) -> Json:
    if task_id not in account.tasks:
        raise Problem(404, "Not Found", "Task not found")
    by = whole(row, "updated_by", index)
    author = who.user_id if by is None else by
    with account.batch():
        task = account.edit_task(
            task_id,
            by=author,
            text=text(row, "text", index),
            complete_till=whole(row, "complete_till", index),
            responsible_user_id=whole(row, "responsible_user_id", index),
            origin=who.origin,
        )
    if row.get("is_completed") and not task.is_completed:
        result = row.get("result")
        words = str(result.get("text", "")) if isinstance(result, dict) else ""
        account.complete_task(task_id, words, by=author, origin=who.origin)
    return {
        "id": task_id,
        "updated_at": task.updated_at,
        "request_id": request_id(row, index),
        "_links": link(account, f"tasks/{task_id}"),
    }
