"""Evidence out of a deal itself and its comments."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from app.crm.adapters.bitrix24.activity_facts import MARKER
from app.crm.adapters.bitrix24.records import TEXT_LIMIT, Record, id_of, moment, reading
from app.domain.deal import Deal
from app.domain.evidence import Evidence, EvidenceKind, Grade


def field_facts(deal: Deal, item: Record, now: datetime) -> list[Evidence]:
    """What stands in the fields of a deal with names for its choices, and its source.

    The portal keeps no log of fields, so a value is a fact when it is first seen: it was filled in no
    later than the deal's last change, and when exactly is known only of a deal that nobody has changed
    since it was made. Who filled it in is not known either: a person's word, unless a robot changed the deal.
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
                    is_dated=deal.updated_at == deal.created_at,
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
