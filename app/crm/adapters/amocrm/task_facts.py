"""Evidence out of completed tasks. https://www.amocrm.ru/developers/content/crm_platform/tasks-api"""

from collections.abc import Iterable
from datetime import datetime

from app.crm.adapters.amocrm.facts import TEXT_LIMIT
from app.crm.adapters.amocrm.records import Record, id_of, moment, reading
from app.crm.adapters.amocrm.wire import child
from app.domain.evidence import Evidence, EvidenceKind, Grade
from app.domain.own_traces import MARKER


def task_facts(deal_id: str, tasks: Iterable[Record], now: datetime) -> list[Evidence]:
    """Completed tasks: a seller's word, so grade D. The log says only that a task was completed."""
    facts = []
    for task in tasks:
        with reading():
            text, result = str(task.get("text") or ""), str(child(task, "result", "text") or "")
            if not task["is_completed"] or MARKER.search(text):
                continue
            facts.append(
                Evidence(
                    source_id=f"task:{task['id']}",
                    deal_id=deal_id,
                    kind=EvidenceKind.TASK,
                    grade=Grade.D,
                    occurred_at=moment(task["updated_at"]),
                    recorded_at=now,
                    subject=str(task.get("task_type_id") or ""),
                    text=(f"{text}: {result}" if text and result else text or result)[:TEXT_LIMIT],
                    author_id=id_of(task.get("updated_by")),
                )
            )
    return facts
