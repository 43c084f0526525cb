"""Acting: what a person does in the interface, and what clients do to him."""

from fastapi import APIRouter
from starlette.requests import Request

from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import LOST, WON
from app.sandbox.amocrm.rest.wire import Json, account_of
from app.sandbox.amocrm.ui import shapes
from app.sandbox.amocrm.ui.session import CurrentUser
from app.sandbox.page_forms import UiError, form_of, number, words

router = APIRouter(prefix="/sandbox/api")


def _card(account: Account, lead_id: int) -> Json:
    return shapes.lead_card(account, account.live_lead(lead_id))


def _reason(form: Json) -> int | None:
    return number(form, "loss_reason_id") if form.get("loss_reason_id") else None


@router.post("/leads")
async def create(request: Request, user: CurrentUser) -> Json:
    """A new lead, straight into the stage that the form names; with a contact when it has a name."""
    account, form = account_of(request), await form_of(request)
    contacts = []
    if form.get("contact_name"):
        phone = words(form, "phone", "")
        person = account.create_contact(
            name=words(form, "contact_name"), phones=[phone] if phone else [], by=user.id
        )
        contacts = [person.id]
    lead = account.create_lead(
        name=words(form, "name"),
        price=number(form, "price", 0),
        pipeline_id=number(form, "pipeline_id"),
        status_id=number(form, "status_id"),
        responsible_user_id=user.id,
        by=user.id,
        contact_ids=contacts,
    )
    return _card(account, lead.id)


@router.post("/leads/{lead_id:int}/move")
async def move(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """Put a lead into another stage, as a drag on the board does."""
    account, form = account_of(request), await form_of(request)
    line = number(form, "pipeline_id") if form.get("pipeline_id") else None
    account.move_lead(lead_id, number(form, "status_id"), line, by=user.id, loss_reason_id=_reason(form))
    return _card(account, lead_id)


@router.post("/leads/move")
async def move_many(request: Request, user: CurrentUser) -> Json:
    """Put several leads into a stage in one mass action."""
    account, form = account_of(request), await form_of(request)
    ids = form.get("ids")
    if not isinstance(ids, list) or not all(isinstance(item, int) for item in ids):
        raise UiError(400, "bad_value", "Нужен список сделок: ids.")
    line = number(form, "pipeline_id") if form.get("pipeline_id") else None
    moved = account.move_leads(ids, number(form, "status_id"), line, by=user.id, loss_reason_id=_reason(form))
    return {"moved": moved}


@router.post("/leads/{lead_id:int}/won")
async def won(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """The deal is won."""
    account = account_of(request)
    account.move_lead(lead_id, WON, by=user.id)
    return _card(account, lead_id)


@router.post("/leads/{lead_id:int}/lost")
async def lost(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """The deal is lost, with a reason or without."""
    account, form = account_of(request), await form_of(request)
    account.move_lead(lead_id, LOST, by=user.id, loss_reason_id=_reason(form))
    return _card(account, lead_id)


@router.patch("/leads/{lead_id:int}")
async def edit(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """Name, price or responsible person."""
    account, form = account_of(request), await form_of(request)
    with account.batch():
        account.edit_lead(
            lead_id,
            by=user.id,
            name=words(form, "name") if "name" in form else None,
            price=number(form, "price") if "price" in form else None,
            responsible_user_id=(
                number(form, "responsible_user_id") if "responsible_user_id" in form else None
            ),
        )
    return _card(account, lead_id)


@router.delete("/leads/{lead_id:int}")
async def delete(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """Into the trash."""
    account_of(request).delete_lead(lead_id, by=user.id)
    return {"deleted": lead_id}


@router.post("/leads/{lead_id:int}/field")
async def set_field(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """Fill or clear one custom field."""
    account, form = account_of(request), await form_of(request)
    account.set_field("leads", lead_id, number(form, "field_id"), form.get("value"), by=user.id)
    return _card(account, lead_id)


@router.post("/leads/{lead_id:int}/tag")
async def tag(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """Hang a tag on the lead, or take it off with `remove`."""
    account, form = account_of(request), await form_of(request)
    change = account.remove_tag if form.get("remove") else account.add_tag
    change("leads", lead_id, words(form, "name"), by=user.id)
    return _card(account, lead_id)


@router.post("/leads/{lead_id:int}/note")
async def note(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """Write a note."""
    account, form = account_of(request), await form_of(request)
    account.add_note("leads", lead_id, words(form, "text"), by=user.id)
    return _card(account, lead_id)


@router.post("/leads/{lead_id:int}/call")
async def call(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """A call with the client: direction inbound or outbound, duration in seconds."""
    account, form = account_of(request), await form_of(request)
    direction = words(form, "direction", "inbound")
    author = user.id if direction == "outbound" else 0
    made = account.client_call(
        lead_id,
        direction=direction,
        duration=number(form, "duration", 120),
        result=words(form, "result", ""),
        by=author,
    )
    return _card(account, lead_id) | {"landed": {"entity": made.entity, "entity_id": made.entity_id}}


@router.post("/leads/{lead_id:int}/message")
async def message(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """A chat message, from the client unless `incoming` is false."""
    account, form = account_of(request), await form_of(request)
    account.add_message(
        lead_id,
        words(form, "text", "Здравствуйте! Посмотрели предложение, есть вопросы."),
        incoming=bool(form.get("incoming", True)),
        by=user.id,
        channel=words(form, "channel", "telegram"),
    )
    return _card(account, lead_id)


@router.post("/leads/{lead_id:int}/mail")
async def mail(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """A letter, from the client unless `incoming` is false."""
    account, form = account_of(request), await form_of(request)
    account.add_mail(
        lead_id,
        words(form, "subject", "Re: Коммерческое предложение"),
        words(form, "text", "Добрый день! Предложение получили, изучаем."),
        incoming=bool(form.get("incoming", True)),
        by=user.id,
    )
    return _card(account, lead_id)


@router.post("/leads/{lead_id:int}/form")
async def fill_form(request: Request, lead_id: int) -> Json:
    """The client fills in a form: `answers` are values by field id."""
    account, form = account_of(request), await form_of(request)
    given = form.get("answers", {})
    if not isinstance(given, dict):
        raise UiError(400, "bad_value", "Нужен объект: answers.")
    answers = {int(key): value for key, value in given.items() if str(key).isdigit()}
    account.fill_form(lead_id, words(form, "name", "Анкета"), answers)
    return _card(account, lead_id)


@router.post("/leads/{lead_id:int}/task")
async def add_task(request: Request, lead_id: int, user: CurrentUser) -> Json:
    """Plan a task; without a deadline it is due in a day."""
    account, form = account_of(request), await form_of(request)
    till = number(form, "complete_till", int(account.now()) + 86_400)
    account.add_task("leads", lead_id, words(form, "text"), complete_till=till, by=user.id)
    return _card(account, lead_id)


@router.post("/tasks/{task_id:int}/complete")
async def complete_task(request: Request, task_id: int, user: CurrentUser) -> Json:
    """Close a task with its result in words."""
    account, form = account_of(request), await form_of(request)
    if task_id not in account.tasks:
        raise UiError(404, "unknown_task", "Такой задачи нет.")
    task = account.complete_task(task_id, words(form, "result", ""), by=user.id)
    return _card(account, task.entity_id) if task.entity == "leads" and task.entity_id else {"id": task_id}
