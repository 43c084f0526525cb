"""A believable mapping, its state and the account's status for the settings page's tests."""

from typing import Any

from tests.browser.front_data import JSON, trigger


def checkpoint(key: str, title: str, request: str, triggers: list[JSON], accepts: str = "D") -> JSON:
    """One client step of the document."""
    proof = {"combine": "any", "least": 1, "within_hours": None, "after": "", "triggers": triggers}
    return {
        "key": key,
        "title": title,
        "request": request,
        "hint": "",
        "objections": [],
        "accepts": accepts,
        "is_optional": False,
        "before": [],
        "fresh_days": None,
        "proof": proof,
    }


def gate(stage_id: str, keys: list[str], mode: str = "shadow", grace_minutes: int = 0) -> JSON:
    """One gate of the document."""
    return {
        "stage_id": stage_id,
        "checkpoint_keys": keys,
        "mode": mode,
        "grace_minutes": grace_minutes,
    }


def document(mode: str = "shadow") -> JSON:
    """Two segments; the first has gates on five stages, all in the same mode but one."""
    incoming = [trigger("message", direction="incoming"), trigger("mail", direction="incoming")]
    steps = [
        checkpoint("asked", "Клиент оставил заявку", "Оставить заявку", [trigger("form")], "B"),
        checkpoint(
            "answered",
            "Клиент ответил на звонок",
            "Ответить на звонок",
            [trigger("call", least_seconds=40)],
            "B",
        ),
        checkpoint(
            "needs",
            "Клиент сформулировал требования",
            "Назвать требования",
            [*incoming, trigger("field", subject="501")],
            "C",
        ),
        checkpoint(
            "opened",
            "Клиент получил и открыл КП",
            "Открыть коммерческое предложение",
            [trigger("call", direction="incoming", least_seconds=60), *incoming],
        ),
        checkpoint("handled", "Менеджер отработал возражения", "Подтвердить условия", []),
        checkpoint("paid", "Клиент оплатил счёт", "Оплатить счёт", [trigger("tag", subject="оплачено")], "C"),
    ]
    gates = [
        gate("20", ["asked"], mode),
        gate("25", ["answered"], mode, 15),
        gate("30", ["needs"], mode),
        gate("40", ["opened"], "enforce" if mode == "warn" else mode, 60 if mode == "warn" else 0),
        gate("50", ["handled"], mode),
        gate("142", ["paid"], mode),
    ]
    urgent = [{"subject": "field:502", "operator": "equals", "value": "Срочно"}]
    return {
        "format": 1,
        "segments": [
            {
                "key": "urgent",
                "title": "Срочно",
                "conditions": urgent,
                "checkpoints": steps[:2],
                "gates": gates[:2],
            },
            {"key": "choosing", "title": "Выбирают", "conditions": [], "checkpoints": steps, "gates": gates},
        ],
    }


def problems() -> list[JSON]:
    """A seller's wording and a stage without a step."""
    return [
        {
            "path": "segments.1.checkpoints.4.title",
            "code": "sellers_wording",
            "sentence": "«Менеджер отработал возражения» описывает действие продавца. "
            "Попробуйте «Клиент подтвердил условия».",
            "severity": "warning",
        },
        {
            "path": "stages.60",
            "code": "no_client_step",
            "sentence": "За стадией «Счёт выставлен» нет шага клиента: в ней работает только продавец.",
            "severity": "warning",
        },
    ]


def funnel(mode: str = "shadow", number: int = 1, **changes: Any) -> JSON:
    """The editor's answer: a published version and no draft."""
    published = {
        "number": number,
        "published_at": "2026-11-02T09:00:00Z",
        "published_by": "5" if number > 1 else "",
        "published_by_name": "Мария Ильина" if number > 1 else "",
        "note": "",
        "document": document(mode),
    }
    return {
        "pipeline_id": "1",
        "published": published,
        "draft": None,
        "problems": problems(),
        "broken": [],
        "stage_counts": {"20": 34, "25": 28, "30": 22, "40": 19, "50": 14, "60": 9},
        "segment_counts": {"urgent": 41, "choosing": 126},
        "stage_meanings": {},
        "templates": ["b2b_seven", "universal_six"],
        **changes,
    }


def draft(revision: int, body: JSON) -> JSON:
    """What is being edited."""
    return {
        "revision": revision,
        "updated_at": "2026-11-16T09:00:00Z",
        "updated_by": "5",
        "updated_by_name": "Мария Ильина",
        "document": body,
    }


def status(**changes: Any) -> JSON:
    """A healthy account whose past has been read."""
    return {
        "crm": {
            "state": "active",
            "reason": "",
            "sentence_code": "ok",
            "host": "example.amocrm.ru",
            "paused_until": None,
            "catalog_read_at": "2026-11-16T09:00:00Z",
        },
        "hooks": {
            "state": "ok",
            "reason": "",
            "checked_at": "2026-11-16T09:00:00Z",
            "last_received_at": None,
            "quarantined": 0,
        },
        "backfill": {"state": "done", "done": 1500, "total": 1500},
        "writes": {"off": False, "waiting": 0, "done": 3, "refused": 0},
        "gates": {"shadow": 8, "warn": 0, "enforce": 0},
        "parked": 0,
        "broken_rules": [],
        "leaking_locks": [],
        **changes,
    }
