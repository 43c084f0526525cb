"""Payments, documents, tasks, notices: what stands around deals.

https://apidocs.bitrix24.com/api-reference/crm/universal/payment/index.html
https://apidocs.bitrix24.com/api-reference/tasks/index.html
https://apidocs.bitrix24.com/api-reference/chats/messages/im-notify-personal-add.html
"""

from app.sandbox.bitrix24.model import Document, Payment, Task
from app.sandbox.bitrix24.rest.items import kind_of, readable
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.table import moment_of
from app.sandbox.bitrix24.rest.wire import PAGE, Answer, Call, Json, RestError, as_list, whole

TASK_FIELDS = (
    "id",
    "title",
    "description",
    "responsibleId",
    "createdBy",
    "createdDate",
    "changedDate",
    "closedDate",
    "deadline",
    "status",
)


def _payment(call: Call, payment: Payment) -> Json:
    return {
        "id": payment.id,
        "accountNumber": f"{payment.owner[1]}/{payment.id}",
        "paid": "Y" if payment.is_paid else "N",
        "datePaid": call.portal.iso(payment.paid_at) or None,
        "empPaidId": None,
        "paySystemId": 1,
        "sum": payment.amount,
        "currency": payment.currency,
        "paySystemName": "Оплата по счёту",
    }


@method("crm.item.payment.list")
def payments(call: Call) -> object:
    """The payments of a record."""
    item = readable(call, kind_of(call), call.number("entityId"))
    return [_payment(call, row) for row in call.portal.payments.values() if row.owner == item.link]


@method("crm.item.payment.get")
def payment(call: Call) -> object:
    """One payment."""
    found = call.portal.payments.get(call.number("id"))
    if found is None:
        raise RestError(400, "0", "Payment not found")
    return _payment(call, found)


def _document(call: Call, document: Document) -> Json:
    return {
        "id": str(document.id),
        "title": document.title,
        "number": document.number,
        "entityTypeId": str(document.owner[0]),
        "entityId": str(document.owner[1]),
        "createTime": call.portal.iso(document.created),
        "createdBy": str(document.created_by),
        "publicUrl": f"{call.portal.config.origin}/~doc{document.id}",
    }


@method("crm.documentgenerator.document.list", scope="documentgenerator")
def documents(call: Call) -> object:
    """The documents of a record."""
    wanted = call.tree("filter")
    link = (whole(wanted.get("entityTypeId")) or 2, whole(wanted.get("entityId")) or 0)
    found = [_document(call, row) for row in call.portal.documents.values() if row.owner == link]
    return Answer({"documents": found}, len(found))


@method("crm.documentgenerator.document.get", scope="documentgenerator")
def document(call: Call) -> object:
    """One document."""
    found = call.portal.documents.get(call.number("id"))
    if found is None:
        raise RestError(400, "0", "Document not found")
    return {"document": _document(call, found)}


def _task(call: Call, task: Task, select: list[str]) -> Json:
    iso = call.portal.iso
    row: Json = {
        "id": str(task.id),
        "title": task.title,
        "description": task.description,
        "responsibleId": str(task.responsible_id),
        "createdBy": str(task.created_by),
        "createdDate": iso(task.created),
        "changedDate": iso(task.changed),
        "closedDate": iso(task.closed) or None,
        "deadline": iso(task.deadline) or None,
        "status": str(task.status),
    }
    if "UF_CRM_TASK" in select or "ufCrmTask" in select:
        row["ufCrmTask"] = list(task.crm) or False
    return row


def _known_task(call: Call) -> Task:
    found = call.portal.tasks.get(call.number("taskId"))
    if found is None:
        raise RestError(400, "0", "Задача не найдена или недоступна")
    return found


@method("tasks.task.get", scope="task")
def get_task(call: Call) -> object:
    """One task; the records that it is tied to only when they are selected."""
    return {"task": _task(call, _known_task(call), [str(name) for name in call.items("select")])}


@method("tasks.task.list", scope="task")
def tasks(call: Call) -> object:
    """Tasks, filtered by their record or id."""
    wanted, select = call.tree("filter"), [str(name) for name in call.items("select")]
    tied = as_list(wanted.get("UF_CRM_TASK"))
    edge = whole(wanted.get(">ID")) or 0
    rows = [
        task
        for task in call.portal.tasks.values()
        if task.id > edge and (not tied or any(str(name) in task.crm for name in tied))
    ]
    begin = max(call.start, 0)
    more = begin + PAGE if len(rows) > begin + PAGE else None
    found = [_task(call, task, select) for task in rows[begin : begin + PAGE]]
    return Answer({"tasks": found}, len(rows), more)


@method("tasks.task.add", scope="task")
def add_task(call: Call) -> object:
    """A new task."""
    given = call.tree("fields")
    responsible = whole(given.get("RESPONSIBLE_ID"))
    if not given.get("TITLE") or not responsible:
        raise RestError(400, "0", "Не указано название или ответственный")
    task = call.portal.add_task(
        str(given["TITLE"]),
        call.act,
        responsible_id=responsible,
        crm=[str(name) for name in as_list(given.get("UF_CRM_TASK"))],
        deadline=moment_of(given.get("DEADLINE"), call.portal.config.utc_offset),
        text=str(given.get("DESCRIPTION") or ""),
    )
    return {"task": _task(call, task, ["UF_CRM_TASK"])}


@method("tasks.task.complete", scope="task")
def complete_task(call: Call) -> object:
    """A task is done."""
    task = _known_task(call)
    call.portal.complete_task(task, call.act)
    return {"task": _task(call, task, [])}


@method("im.notify.personal.add", "im.notify.system.add", "im.notify", scope="im")
def notify(call: Call) -> object:
    """A notice for one person; with the same TAG it takes the earlier one's place."""
    number = whole(call.param("USER_ID")) or whole(call.param("TO"))
    if number not in call.portal.users:
        raise RestError(400, "USER_ID_EMPTY", "USER_ID can't be empty")
    text = call.text("MESSAGE")
    if not text:
        raise RestError(400, "MESSAGE_EMPTY", "Message can't be empty")
    user = call.portal.users[number]
    return call.portal.notify(number, call.act, text, call.text("TAG")).id if user.is_active else False
