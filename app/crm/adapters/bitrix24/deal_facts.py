"""Evidence out of a deal itself, its comments, invoices and payments."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from app.crm.adapters.bitrix24.activity_facts import MARKER, TEXT_LIMIT
from app.crm.adapters.bitrix24.records import Record, id_of, is_yes, moment, reading, stage_of
from app.domain.deal import Deal
from app.domain.evidence import Evidence, EvidenceKind, Grade
from app.domain.stage import StageRef

PAYMENT = "payment"
"""The subject of a paid payment, as if it were a field of the deal."""


def field_facts(deal: Deal, item: Record, now: datetime) -> list[Evidence]:
    """What stands in the fields of a deal with names for its choices, and its source.

    The portal keeps no log of fields, so a value is a fact when it is first seen, dated by the deal's
    last change. Who filled it in is not known either: a person's word, unless a robot changed the deal.
    """
    author = id_of(item.get("updatedBy"))
    facts = []
    for name, values in deal.fields.items():
        for value in values:
            facts.append(
                Evidence(
                    source_id=f"deal:{deal.id}:{_digest(name, value)}",
                    deal_id=deal.id,
                    kind=EvidenceKind.FIELD,
                    grade=Grade.D if author else Grade.C,
                    occurred_at=deal.updated_at,
                    recorded_at=now,
                    subject=name,
                    text=value[:TEXT_LIMIT],
                    author_id=author,
                )
            )
    return facts + _source(deal, now)


def comment_facts(deal_id: str, comments: Iterable[Record], now: datetime) -> list[Evidence]:
    """Comments of people: a seller's word. Ours prove nothing.

    https://apidocs.bitrix24.com/api-reference/crm/timeline/comments/crm-timeline-comment-list.html
    """
    with reading():
        return [
            Evidence(
                source_id=f"comment:{row['ID']}",
                deal_id=deal_id,
                kind=EvidenceKind.NOTE,
                grade=Grade.D if id_of(row.get("AUTHOR_ID")) else Grade.C,
                occurred_at=moment(row["CREATED"]),
                recorded_at=now,
                text=str(row.get("COMMENT") or "")[:TEXT_LIMIT],
                author_id=id_of(row.get("AUTHOR_ID")),
            )
            for row in comments
            if not MARKER.search(str(row.get("COMMENT") or ""))
        ]


def invoice_facts(deal_id: str, invoices: Iterable[Record], now: datetime) -> list[Evidence]:
    """A stage that an invoice of the deal has reached; anybody may drag it there, so a weak fact.

    https://apidocs.bitrix24.com/api-reference/crm/universal/invoice.html
    """
    facts = []
    with reading():
        for item in invoices:
            stage = stage_of(item["categoryId"], item["stageId"])
            author = id_of(item.get("movedBy"))
            facts.append(
                Evidence(
                    source_id=f"invoice:{item['id']}:{stage.stage_id}",
                    deal_id=deal_id,
                    kind=EvidenceKind.STAGE,
                    grade=Grade.D if author else Grade.C,
                    occurred_at=moment(item.get("movedTime") or item["createdTime"]),
                    recorded_at=now,
                    subject=str(StageRef(stage.pipeline_id, stage.stage_id)),
                    text=str(item.get("title") or "")[:TEXT_LIMIT],
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


def _source(deal: Deal, now: datetime) -> list[Evidence]:
    if not deal.source:
        return []
    return [
        Evidence(
            source_id=f"deal:{deal.id}:source",
            deal_id=deal.id,
            kind=EvidenceKind.SOURCE,
            grade=Grade.C,
            occurred_at=deal.created_at,
            recorded_at=now,
            subject=deal.source,
            text=deal.source[:TEXT_LIMIT],
            author_id=deal.created_by,
        )
    ]


def _digest(name: str, value: str) -> str:
    return hashlib.blake2b(f"{name}={value}".encode(), digest_size=10).hexdigest()
