"""What hangs beside a deal and a rule may name as if it were a field: payments, invoices, documents to sign.

https://apidocs.bitrix24.com/api-reference/crm/universal/invoice.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.crm.adapters.bitrix24.lists import REFUSALS, optional
from app.crm.adapters.bitrix24.records import (
    DOCUMENT,
    INVOICE,
    TEXT_LIMIT,
    Record,
    id_of,
    is_yes,
    moment,
    reading,
    stage_of,
)
from app.crm.adapters.bitrix24.wire import Answer, Command, child, rows_of
from app.crm.errors import CrmError
from app.domain.evidence import Evidence, EvidenceKind, Grade
from app.domain.stage import DealField, FieldKind

PAYMENT, INVOICE_STAGE, DOCUMENT_STAGE = "payment", "invoice", "document"
"""Names of the subjects; a portal's own fields have none such."""

FUNNELS = 3
"""Funnels of invoices, and of documents, whose stages are read; most portals have one."""

STAGE_LISTS = {INVOICE: "SMART_INVOICE_STAGE", DOCUMENT: "SMART_DOCUMENT_STAGE"}
SUBJECTS = {INVOICE: INVOICE_STAGE, DOCUMENT: DOCUMENT_STAGE}
TITLES: Mapping[str, Mapping[str, str]] = {
    "ru": {
        PAYMENT: "Оплата по сделке",
        INVOICE_STAGE: "Счёт: стадия",
        DOCUMENT_STAGE: "Документ на подпись: стадия",
    },
    "en": {
        PAYMENT: "Payment of the deal",
        INVOICE_STAGE: "Invoice: stage",
        DOCUMENT_STAGE: "Document to sign: stage",
    },
}


@dataclass(frozen=True, slots=True)
class SideNames:
    """What the portal has beside deals: fields for rules, and names of stages by their ids."""

    fields: tuple[DealField, ...] = ()
    stages: Mapping[str, str] = field(default_factory=dict)


def side_commands() -> dict[str, Command]:
    """Commands of a batch that bring the stages of invoices and documents; each list refers to a funnel."""
    found: dict[str, Command] = {}
    for kind, name in STAGE_LISTS.items():
        found[f"k{kind}"] = Command("crm.category.list", {"entityTypeId": kind})
        for place in range(FUNNELS):
            funnel = f"$result[k{kind}][categories][{place}][id]"
            found[f"k{kind}s{place}"] = Command(
                "crm.status.list", {"filter": {"ENTITY_ID": f"{name}_{funnel}"}, "order": {"SORT": "ASC"}}
            )
    return found


def side_names(told: Mapping[str, Answer | CrmError], language: str, kinds: Iterable[int]) -> SideNames:
    """The names out of those commands' answers; what a portal has not is left out."""
    titles = TITLES[language]
    fields = [DealField(PAYMENT, titles[PAYMENT], FieldKind.RECORD)]
    stages: dict[str, str] = {}
    for kind in kinds:
        of_kind: dict[str, str] = {}
        for place in range(FUNNELS):
            of_kind |= _stages(kind, told[f"k{kind}s{place}"])
        if of_kind:
            labels = dict.fromkeys(of_kind.values())
            options = tuple((label, label) for label in labels)
            fields.append(DealField(SUBJECTS[kind], titles[SUBJECTS[kind]], FieldKind.RECORD, options))
        stages |= of_kind
    return SideNames(tuple(fields), stages)


def stage_facts(
    deal_id: str, kind: int, records: Iterable[Record], names: SideNames, now: datetime
) -> list[Evidence]:
    """The stage that an invoice or a document of the deal has reached, by its name.

    Anybody may drag it there, so it is a weak fact: a trace when a robot or a service did it.
    """
    facts = []
    with reading():
        for item in records:
            stage = stage_of(item["categoryId"], item["stageId"])
            author = id_of(item.get("movedBy"))
            facts.append(
                Evidence(
                    source_id=f"{SUBJECTS[kind]}:{item['id']}:{stage.stage_id}",
                    deal_id=deal_id,
                    kind=EvidenceKind.FIELD,
                    grade=Grade.D if author else Grade.C,
                    occurred_at=moment(item.get("movedTime") or item["createdTime"]),
                    recorded_at=now,
                    subject=SUBJECTS[kind],
                    text=names.stages.get(stage.stage_id, stage.stage_id)[:TEXT_LIMIT],
                    author_id=author,
                )
            )
    return facts


def payment_facts(deal_id: str, payments: Iterable[Record], now: datetime) -> list[Evidence]:
    """Payments that came in; `empPaidId` is the person who ticked one by hand.

    https://apidocs.bitrix24.com/api-reference/crm/universal/payment/crm-item-payment-list.html
    """
    facts = []
    with reading():
        for row in payments:
            if not is_yes(row.get("paid")) or not row.get("datePaid"):
                continue
            by_hand = id_of(row.get("empPaidId"))
            facts.append(
                Evidence(
                    source_id=f"payment:{row['id']}",
                    deal_id=deal_id,
                    kind=EvidenceKind.FIELD,
                    grade=Grade.D if by_hand else Grade.C,
                    occurred_at=moment(row["datePaid"]),
                    recorded_at=now,
                    subject=PAYMENT,
                    text=f"{row.get('sum') or ''} {row.get('currency') or ''}".strip(),
                    author_id=by_hand,
                )
            )
    return facts


def _stages(kind: int, told: Answer | CrmError) -> dict[str, str]:
    """Names by id. Where a funnel is missing the list may hold anything: only its own stages count."""
    answer = optional(told, *REFUSALS)
    rows = rows_of(answer.value) if answer else []
    prefix = f"{STAGE_LISTS[kind]}_"
    return {
        str(row["STATUS_ID"]): str(row.get("NAME") or row["STATUS_ID"])
        for row in rows
        if str(child(row, "ENTITY_ID")).startswith(prefix) and row.get("STATUS_ID")
    }
