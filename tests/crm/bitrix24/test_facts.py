"""Evidence and its grades: what the client did, what left a trace, and what a seller says."""

from datetime import timedelta
from typing import Any

import pytest

from app.crm.port import FindsDeals
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.stage import FieldKind
from app.domain.writeback import AddNote, AddTag, AddTask
from app.sandbox.bitrix24.model import DOCUMENT, INVOICE, Item
from app.sandbox.bitrix24.state import Act
from tests.crm.bitrix24.kit import Bench, make_adapter

IN, OUT = Direction.INCOMING, Direction.OUTGOING


async def facts(bench: Bench, deal: Item, kind: EvidenceKind) -> list[Evidence]:
    log = await bench.client.deal_log(str(deal.id), "")
    return [fact for fact in log.evidence if fact.kind is kind]


CALLS: list[tuple[dict[str, Any], Direction, int, Grade]] = [
    ({"duration": 95}, IN, 95, Grade.B),
    ({"duration": 40, "incoming": False}, OUT, 40, Grade.B),
    ({"duration": 0}, IN, 0, Grade.C),
    ({"duration": 0, "failed_code": "603-S"}, IN, 0, Grade.C),
    ({"duration": 12, "failed_code": "486", "incoming": False}, OUT, 0, Grade.C),
    ({"duration": 2}, IN, 2, Grade.B),
]


@pytest.mark.parametrize(("call", "direction", "seconds", "grade"), CALLS, ids=[str(row[0]) for row in CALLS])
async def test_a_call_is_as_strong_as_the_statistics_say(
    bench: Bench, call: dict[str, Any], direction: Direction, seconds: int, grade: Grade
) -> None:
    deal = bench.deal()
    bench.world.portal.add_call(deal, bench.act(), **call)
    found = await facts(bench, deal, EvidenceKind.CALL)
    assert [(fact.direction, fact.seconds, fact.grade) for fact in found] == [(direction, seconds, grade)]


async def test_a_call_that_was_typed_in_is_a_seller_s_word(bench: Bench) -> None:
    deal = bench.deal()
    bench.world.portal.add_call(deal, bench.act(), duration=600, by_hand=True)
    found = await facts(bench, deal, EvidenceKind.CALL)
    assert [(fact.seconds, fact.grade) for fact in found] in ([(0, Grade.D)], [])


async def test_without_the_right_to_statistics_a_call_is_a_trace(bench: Bench) -> None:
    deal = bench.deal()
    bench.world.portal.add_call(deal, bench.act(), duration=600)
    bench.world.registered.scope.remove("telephony")
    found = await facts(bench, deal, EvidenceKind.CALL)
    assert [(fact.seconds, fact.grade) for fact in found] == [(0, Grade.C)]


@pytest.mark.parametrize(("incoming", "grade"), [(True, Grade.B), (False, Grade.C)])
async def test_a_letter_of_the_client_is_his_word(bench: Bench, incoming: bool, grade: Grade) -> None:
    deal = bench.deal()
    bench.world.portal.add_mail(deal, bench.act(), subject="Счёт", incoming=incoming)
    found = await facts(bench, deal, EvidenceKind.MAIL)
    assert [(fact.direction, fact.grade) for fact in found] == [(IN if incoming else OUT, grade)]
    assert "Счёт" in found[0].text


async def test_messages_of_a_chat_are_told_apart_by_who_wrote_them(bench: Bench) -> None:
    deal, portal = bench.deal(), bench.world.portal
    portal.add_message(deal, bench.act(), "Я оплатил", incoming=True)
    bench.wait()
    portal.add_message(deal, bench.act(), "Спасибо", incoming=False)
    found = await facts(bench, deal, EvidenceKind.MESSAGE)
    assert [(fact.direction, fact.grade, fact.text) for fact in found] == [
        (IN, Grade.B, "Я оплатил"),
        (OUT, Grade.C, "Спасибо"),
    ]
    assert [fact.author_id for fact in found] == ["", str(bench.world.seller)]


async def test_a_chat_that_may_not_be_read_is_a_trace(bench: Bench) -> None:
    deal = bench.deal()
    bench.world.portal.add_message(deal, bench.act(), "Я оплатил", incoming=True)
    bench.world.registered.scope.remove("imopenlines")
    found = await facts(bench, deal, EvidenceKind.MESSAGE)
    assert [(fact.direction, fact.grade) for fact in found] == [(IN, Grade.C)]


async def test_later_messages_are_told_though_the_session_says_nothing(bench: Bench) -> None:
    bench.world.portal.faults.session_activity_updates = False
    deal, portal = bench.deal(), bench.world.portal
    portal.add_message(deal, bench.act(), "раз", incoming=True)
    first = await bench.client.deal_log(str(deal.id), "")
    bench.wait(7200)
    portal.add_message(deal, bench.act(), "два", incoming=True)
    second = await bench.client.deal_log(str(deal.id), first.cursor)
    assert [fact.text for fact in second.evidence if fact.kind is EvidenceKind.MESSAGE] == ["раз", "два"]


async def test_a_form_is_the_client_s_act(bench: Bench) -> None:
    deal = bench.deal()
    bench.world.portal.add_form(deal, bench.act(), form_id=7, name="Бриф")
    found = await facts(bench, deal, EvidenceKind.FORM)
    assert [(fact.direction, fact.grade, fact.subject) for fact in found] == [(IN, Grade.B, "7")]
    assert "Бриф" in found[0].text


async def test_comments_and_finished_work_are_a_seller_s_word(bench: Bench) -> None:
    deal, portal = bench.deal(), bench.world.portal
    portal.add_comment(deal.link, bench.act(), "Клиент согласен")
    task = portal.add_task("Позвонить", bench.act(), responsible_id=bench.world.seller, crm=[f"D_{deal.id}"])
    assert await facts(bench, deal, EvidenceKind.TASK) == []
    portal.complete_task(task, bench.act())
    notes = await facts(bench, deal, EvidenceKind.NOTE)
    tasks = await facts(bench, deal, EvidenceKind.TASK)
    assert [(fact.grade, fact.text) for fact in notes] == [(Grade.D, "Клиент согласен")]
    assert [(fact.grade, fact.subject) for fact in tasks] == [(Grade.D, "task")]


async def of_subject(bench: Bench, deal: Item, subject: str) -> list[Evidence]:
    return [fact for fact in await facts(bench, deal, EvidenceKind.FIELD) if fact.subject == subject]


async def test_a_paid_payment_and_an_invoice_s_stage_are_traces(bench: Bench) -> None:
    deal, portal = bench.deal(), bench.world.portal
    payment = portal.add_payment(deal, bench.act(), 5000.0)
    invoice = portal.make_item("Счёт", bench.act(), {"parents": {2: deal.id}}, entity_type_id=INVOICE)
    assert await of_subject(bench, deal, "payment") == []
    portal.pay(payment, bench.act())
    paid = await of_subject(bench, deal, "payment")
    assert [(fact.grade, fact.text.partition(".")[0]) for fact in paid] == [(Grade.C, "5000")]
    assert [fact.text for fact in await of_subject(bench, deal, "invoice")] == ["Новый"]
    portal.update_item(invoice, {"stage_id": "DT31_11:P"}, bench.act())
    (by_hand,) = await of_subject(bench, deal, "invoice")
    assert (by_hand.text, by_hand.grade, by_hand.author_id) == ("Оплачен", Grade.D, str(bench.world.seller))
    portal.update_item(invoice, {"stage_id": "DT31_11:S"}, Act(origin="robot"))
    assert [fact.grade for fact in await of_subject(bench, deal, "invoice")] == [Grade.C]


async def test_a_rule_may_name_a_payment_and_an_invoice_s_stage(bench: Bench) -> None:
    fields = {field.id: field for field in (await bench.client.get_catalog()).fields}
    assert fields["payment"].title == "Оплата по сделке"
    assert {fields[name].kind for name in ("payment", "invoice")} == {FieldKind.RECORD}
    assert [label for _, label in fields["invoice"].options] == [
        "Новый",
        "Отправлен",
        "Оплачен",
        "Не оплачен",
    ]
    assert "document" not in fields


@pytest.mark.parametrize("moves", [True, False])
async def test_a_signed_document_is_a_trace_where_the_operator_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, moves: bool
) -> None:
    deal, portal = bench.deal(), bench.world.portal
    portal.faults.signing_moves_document = moves
    document = portal.make_item("Договор", bench.act(), {"parents": {2: deal.id}}, entity_type_id=DOCUMENT)
    portal.sign_document(document)
    assert await of_subject(bench, deal, "document") == []
    monkeypatch.setenv("STEPGATE_BITRIX24_SIGNED_DOCUMENTS", "true")
    bench.client = make_adapter(bench.world, bench.clock).open_client(bench.session)
    (fact,) = await of_subject(bench, deal, "document")
    assert (fact.text, fact.grade) == (("Подписан всеми", Grade.C) if moves else ("Подготовка", Grade.D))
    fields = {field.id: field for field in (await bench.client.get_catalog()).fields}
    assert "Подписан всеми" in [label for _, label in fields["document"].options]
    assert isinstance(bench.client, FindsDeals)
    assert list(await bench.client.deals_of_record(f"document-{document.id}")) == [str(deal.id)]


async def test_a_portal_without_documents_to_sign_has_the_rest(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.world.portal.faults.smart_documents = False
    monkeypatch.setenv("STEPGATE_BITRIX24_SIGNED_DOCUMENTS", "true")
    bench.client = make_adapter(bench.world, bench.clock).open_client(bench.session)
    deal = bench.deal()
    bench.world.portal.make_item("Счёт", bench.act(), {"parents": {2: deal.id}}, entity_type_id=INVOICE)
    assert len(await of_subject(bench, deal, "invoice")) == 1
    assert "document" not in {field.id for field in (await bench.client.get_catalog()).fields}


async def test_when_a_field_was_filled_is_known_of_a_fresh_deal_only(bench: Bench) -> None:
    """The portal keeps no log of fields: a later reading shows that it was filled, not when."""
    bench.world.portal.add_field("Бюджет", "string", name="UF_CRM_BUDGET")
    deal = bench.deal(UF_CRM_BUDGET="100")
    (fact,) = await of_subject(bench, deal, "ufCrmBudget")
    assert (fact.is_dated, fact.occurred_at) == (True, bench.clock.now())
    bench.wait(3600)
    bench.move(deal, 2)
    (fact,) = await of_subject(bench, deal, "ufCrmBudget")
    assert (fact.is_dated, fact.occurred_at) == (False, bench.clock.now())


async def test_fields_have_the_names_of_their_choices_and_change_into_other_facts(bench: Bench) -> None:
    portal = bench.world.portal
    field = portal.add_field("Вид", "enumeration", name="UF_CRM_KIND", choices=["Опт", "Розница"])
    deal = bench.deal(source_id="WEB")
    choices = {label: number for number, label in field.items.items()}
    seen = []
    for label in ("Опт", "Розница"):
        portal.update_item(deal, {"UF_CRM_KIND": choices[label]}, bench.act())
        found = [fact for fact in await facts(bench, deal, EvidenceKind.FIELD) if fact.subject == "ufCrmKind"]
        seen += [(fact.source_id, fact.text, fact.grade) for fact in found]
    assert [(text, grade) for _, text, grade in seen] == [("Опт", Grade.D), ("Розница", Grade.D)]
    assert len({source_id for source_id, _, _ in seen}) == 2
    sources = await facts(bench, deal, EvidenceKind.SOURCE)
    assert [(fact.subject, fact.grade) for fact in sources] == [("Веб-сайт", Grade.C)]
    deal_read = await bench.client.get_deal(str(deal.id))
    assert deal_read.fields["ufCrmKind"] == ("Розница",)
    assert deal_read.source == "Веб-сайт"


async def test_a_call_of_a_contact_counts_for_his_one_open_deal(bench: Bench) -> None:
    deal = bench.deal()
    bench.wait()
    bench.world.portal.add_call(deal, bench.act(), duration=50, contact_only=True)
    found = await facts(bench, deal, EvidenceKind.CALL)
    assert [(fact.seconds, fact.contact_id) for fact in found] == [(50, str(deal.contact_ids[0]))]


async def test_a_call_of_a_contact_with_two_open_deals_proves_nothing(bench: Bench) -> None:
    deal = bench.deal()
    other = bench.deal(contact_ids=list(deal.contact_ids))
    bench.wait()
    bench.world.portal.add_call(deal, bench.act(), duration=50, contact_only=True)
    assert await facts(bench, deal, EvidenceKind.CALL) == []
    assert await facts(bench, other, EvidenceKind.CALL) == []


async def test_a_call_that_hangs_on_one_of_two_deals_is_that_one_s(bench: Bench) -> None:
    deal = bench.deal()
    other = bench.deal(contact_ids=list(deal.contact_ids))
    bench.wait()
    bench.world.portal.add_call(deal, bench.act(), duration=50)
    assert [fact.seconds for fact in await facts(bench, deal, EvidenceKind.CALL)] == [50]
    assert await facts(bench, other, EvidenceKind.CALL) == []


async def test_a_call_just_before_the_deal_was_made_is_about_it(bench: Bench) -> None:
    first = bench.deal()
    bench.world.portal.update_item(first, {"stage_id": "WON"}, bench.act())
    bench.wait(600)
    bench.world.portal.add_call(first, bench.act(), duration=30, contact_only=True)
    bench.wait(600)
    second = bench.deal(contact_ids=list(first.contact_ids))
    assert await facts(bench, first, EvidenceKind.CALL) == []
    assert [fact.seconds for fact in await facts(bench, second, EvidenceKind.CALL)] == [30]


async def test_what_we_wrote_ourselves_proves_nothing(bench: Bench) -> None:
    deal, mark = bench.deal(), "#ref:1f3a9c07"
    due = bench.clock.now() + timedelta(days=1)
    for command in (
        AddNote(str(deal.id), f"Нужен шаг\n{mark}"),
        AddTask(str(deal.id), f"Помочь\n{mark}", "", due),
        AddTag(str(deal.id), "нужен шаг клиента"),
    ):
        await bench.client.apply(command, mark)
    for activity in list(bench.world.portal.activities.values()):
        bench.world.portal.update_activity(activity, bench.act(), completed=True)
    log = await bench.client.deal_log(str(deal.id), "")
    assert {fact.kind for fact in log.evidence} <= {EvidenceKind.SOURCE}


async def test_kinds_of_fields_are_told_in_neutral_words(bench: Bench) -> None:
    told = {
        "string": FieldKind.TEXT,
        "double": FieldKind.NUMBER,
        "enumeration": FieldKind.CHOICE,
        "boolean": FieldKind.YES_NO,
        "datetime": FieldKind.DATE,
        "employee": FieldKind.PERSON,
        "url": FieldKind.LINK,
        "hlblock": FieldKind.OTHER,
    }
    for kind in told:
        bench.world.portal.add_field(f"Поле {kind}", kind)
    fields = {field.title: field.kind for field in (await bench.client.get_catalog()).fields}
    assert {kind: fields[f"Поле {kind}"] for kind in told} == told
