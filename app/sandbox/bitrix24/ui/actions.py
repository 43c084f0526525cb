"""Acting: what a person at the page does, and what the client does to him."""

from fastapi import APIRouter
from starlette.requests import Request

from app.sandbox.bitrix24.model import DEAL, INVOICE, Item, User
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.rest.changes import custom_value
from app.sandbox.bitrix24.rest.wire import Json, as_tree, portal_of
from app.sandbox.bitrix24.state import Act
from app.sandbox.bitrix24.ui import shapes
from app.sandbox.bitrix24.ui.board import visible_deal
from app.sandbox.bitrix24.ui.session import CurrentUser
from app.sandbox.page_forms import UiError, amount, flag, form_of, number, words

router = APIRouter(prefix="/sandbox/api")
DAY = 86_400.0
CLIENT = 0


@router.post("/deals")
async def create(request: Request, user: CurrentUser) -> Json:
    """A new deal, with a new contact when one is named."""
    portal, form = portal_of(request), await form_of(request)
    act = Act(by=user.id)
    values: Json = {
        "category_id": number(form, "category_id", 0),
        "opportunity": amount(form, "amount"),
        "assigned_by_id": user.id,
    }
    if form.get("stage_id"):
        values["stage_id"] = words(form, "stage_id")
    if form.get("contact_name"):
        first, _, last = words(form, "contact_name").partition(" ")
        phone = words(form, "phone", "")
        client = portal.create_client(first, act, last_name=last, phones=[phone] if phone else [])
        values["contact_ids"] = [client.id]
    return shapes.card(portal, portal.make_item(words(form, "title", "").strip(), act, values))


@router.patch("/deals/{deal_id}")
async def edit(request: Request, deal_id: int, user: CurrentUser) -> Json:
    """Other values for a deal."""
    portal, form = portal_of(request), await form_of(request)
    deal = visible_deal(portal, user, deal_id)
    changes: Json = {}
    if "title" in form:
        changes["title"] = words(form, "title")
    if "comments" in form:
        changes["comments"] = words(form, "comments")
    if "amount" in form:
        changes["opportunity"] = amount(form, "amount")
    if "assigned_by_id" in form:
        changes["assigned_by_id"] = number(form, "assigned_by_id")
    for name, value in as_tree(form.get("fields")).items():
        if name not in portal.user_fields:
            raise UiError(422, "unknown_field", "Такого поля у сделки нет.")
        changes[name] = custom_value(portal, portal.user_fields[name], value)
    portal.update_item(deal, changes, Act(by=user.id))
    return shapes.card(portal, deal)


@router.delete("/deals/{deal_id}")
async def delete(request: Request, deal_id: int, user: CurrentUser) -> Json:
    """A deal goes."""
    portal = portal_of(request)
    portal.delete_item(visible_deal(portal, user, deal_id), Act(by=user.id))
    return {"id": deal_id}


@router.post("/deals/{deal_id}/{what}")
async def act_on(request: Request, deal_id: int, what: str, user: CurrentUser) -> Json:
    """One of the acts of the list in the package's docstring; the answer is the fresh card."""
    portal, form = portal_of(request), await form_of(request)
    deal = visible_deal(portal, user, deal_id)
    run = ACTS.get(what)
    if run is None:
        raise UiError(404, "unknown_act", "Такого действия нет.")
    with portal.batch():
        run(portal, deal, user, form)
    return shapes.card(portal, deal)


def _move(portal: Portal, deal: Item, user: User, form: Json) -> None:
    portal.move_item(deal, words(form, "stage_id"), Act(by=user.id))


def _comment(portal: Portal, deal: Item, user: User, form: Json) -> None:
    portal.add_comment(deal.link, Act(by=user.id), words(form, "text"))


def _call(portal: Portal, deal: Item, user: User, form: Json) -> None:
    incoming = words(form, "direction", "inbound") == "inbound"
    portal.add_call(
        deal,
        Act(by=CLIENT if incoming else user.id),
        incoming=incoming,
        duration=number(form, "duration", 90),
        failed_code=words(form, "failed_code", ""),
        user_id=user.id,
        contact_only=flag(form, "contact_only", otherwise=False),
        transcript=words(form, "transcript", ""),
        by_hand=flag(form, "by_hand", otherwise=False),
    )


def _message(portal: Portal, deal: Item, user: User, form: Json) -> None:
    incoming = flag(form, "incoming", otherwise=True)
    portal.add_message(
        deal,
        Act(by=CLIENT if incoming else user.id),
        words(form, "text"),
        incoming=incoming,
        connector=words(form, "connector", "telegrambot"),
    )


def _mail(portal: Portal, deal: Item, user: User, form: Json) -> None:
    incoming = flag(form, "incoming", otherwise=True)
    act = Act(by=CLIENT if incoming else user.id)
    portal.add_mail(
        deal, act, subject=words(form, "subject", "Письмо"), text=words(form, "text", ""), incoming=incoming
    )


def _form(portal: Portal, deal: Item, user: User, form: Json) -> None:
    del user
    answers = {
        name: custom_value(portal, portal.user_fields[name], value)
        for name, value in as_tree(form.get("fields")).items()
        if name in portal.user_fields
    }
    name = words(form, "name", "Заявка с сайта")
    portal.add_form(deal, Act(by=CLIENT), form_id=number(form, "form_id", 5), name=name, answers=answers)


def _todo(portal: Portal, deal: Item, user: User, form: Json) -> None:
    deadline = amount(form, "deadline", portal.now() + DAY)
    title = words(form, "title")
    portal.add_todo(deal.link, Act(by=user.id), title=title, deadline=deadline, responsible_id=user.id)


def _task(portal: Portal, deal: Item, user: User, form: Json) -> None:
    portal.add_task(
        words(form, "title"),
        Act(by=user.id),
        responsible_id=user.id,
        crm=[f"D_{deal.id}"],
        deadline=amount(form, "deadline", portal.now() + DAY),
    )


def _invoice(portal: Portal, deal: Item, user: User, form: Json) -> None:
    values: Json = {
        "opportunity": amount(form, "amount", deal.opportunity),
        "parents": {DEAL: deal.id},
        "contact_ids": list(deal.contact_ids),
        "assigned_by_id": user.id,
    }
    portal.make_item(f"Счёт: {deal.title.strip()}", Act(by=user.id), values, INVOICE)


def _payment(portal: Portal, deal: Item, user: User, form: Json) -> None:
    portal.add_payment(deal, Act(by=user.id), amount(form, "amount", deal.opportunity))


def _document(portal: Portal, deal: Item, user: User, form: Json) -> None:
    portal.add_document(deal, Act(by=user.id), words(form, "title", "Коммерческое предложение"))


ACTS = {
    "move": _move,
    "comment": _comment,
    "call": _call,
    "message": _message,
    "mail": _mail,
    "form": _form,
    "todo": _todo,
    "task": _task,
    "invoice": _invoice,
    "payment": _payment,
    "document": _document,
}


@router.post("/activities/{activity_id}/complete")
async def complete(request: Request, activity_id: int, user: CurrentUser) -> Json:
    """An activity is done; for a task's activity the task is."""
    portal = portal_of(request)
    activity = portal.activities.get(activity_id)
    if activity is None:
        raise UiError(404, "unknown_activity", "Такого дела нет.")
    task = portal.tasks.get(activity.associated_id) if activity.provider_id == "CRM_TASKS_TASK" else None
    if task is not None:
        portal.complete_task(task, Act(by=user.id))
    else:
        portal.update_activity(activity, Act(by=user.id), completed=True)
    deal = portal.items[DEAL].get(dict(activity.bindings).get(DEAL, 0))
    return shapes.card(portal, deal) if deal else {}


@router.post("/payments/{payment_id}/pay")
async def pay(request: Request, payment_id: int) -> Json:
    """The client's money has come."""
    portal = portal_of(request)
    payment = portal.payments.get(payment_id)
    if payment is None:
        raise UiError(404, "unknown_payment", "Такой оплаты нет.")
    portal.pay(payment, Act(by=CLIENT, origin="robot"))
    return shapes.card(portal, portal.deal(payment.owner[1]))


@router.post("/invoices/{invoice_id}/move")
async def move_invoice(request: Request, invoice_id: int, user: CurrentUser) -> Json:
    """An invoice goes to the stage whose code ends with the given letter: S sent, P paid, D not paid."""
    portal, form = portal_of(request), await form_of(request)
    invoice = portal.item(INVOICE, invoice_id)
    letter = words(form, "stage_id")
    stages = portal.stages_of(INVOICE, invoice.category_id)
    code = next((stage.status_id for stage in stages if stage.status_id.endswith(f":{letter}")), letter)
    portal.update_item(invoice, {"stage_id": code}, Act(by=user.id))
    return shapes.card(portal, portal.deal(invoice.parents[DEAL]))
