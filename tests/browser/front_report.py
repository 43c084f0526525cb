"""A believable conversion report and catalogue for the pages' tests."""

from typing import Any

JSON = dict[str, Any]

STAGES = [
    ("10", "Неразобранное", "entry", "#c1c1c1"),
    ("20", "Новая заявка", "open", "#99ccff"),
    ("25", "Первичные переговоры", "open", "#ffeab2"),
    ("30", "Классификация", "open", "#ffce5a"),
    ("40", "КП отправлено", "open", "#c1e0ff"),
    ("50", "Снятие возражений", "open", "#deff81"),
    ("60", "Счёт выставлен", "open", "#87f2c0"),
    ("142", "Успешно реализовано", "won", "#ccff66"),
    ("143", "Закрыто и не реализовано", "lost", "#d5d8db"),
]


def catalog() -> JSON:
    """One main pipeline and a second one, three people, two fields."""
    stages = [
        {"id": id_, "title": title, "kind": kind, "position": position, "color": color}
        for position, (id_, title, kind, color) in enumerate(STAGES)
    ]
    return {
        "pipelines": [
            {"id": "1", "title": "Продажи", "is_main": True, "stages": stages},
            {"id": "2", "title": "Сервис", "is_main": False, "stages": stages[1:3]},
        ],
        "fields": [
            {"id": "501", "title": "Требования", "kind": "textarea", "options": []},
            {
                "id": "502",
                "title": "Тип клиента",
                "kind": "select",
                "options": [{"id": "1", "label": "Выбирают"}, {"id": "2", "label": "Срочно"}],
            },
        ],
        "users": [
            {"id": "5", "name": "Мария Ильина", "is_admin": True, "is_active": True},
            {"id": "6", "name": "Иван Петров", "is_admin": False, "is_active": True},
        ],
        "loss_reasons": [],
        "unseen": [],
        "read_at": "2026-11-16T09:00:00Z",
    }


def step(position: int, title: str, entered: int, done: int, claimed: int | None, **changes: Any) -> JSON:
    """One step of 210 deals; the interval is wide enough to be seen."""
    share = done / entered if entered >= 5 else None
    return {
        "key": f"s{position}",
        "title": title,
        "position": position,
        "done": done,
        "claimed": claimed,
        "entered": entered,
        "dropped": entered - done,
        "step_rate": share,
        "step_interval": [max(0.0, share - 0.07), min(1.0, share + 0.06)] if share else None,
        "rate": done / 210,
        "rate_of": 210,
        "median_seconds": 1080.0 * 6**position,
        **changes,
    }


def report(**changes: Any) -> JSON:
    """Three segments; the first stops at opening the proposal, the last is too small for shares."""
    steps = [
        step(0, "Клиент оставил заявку", 210, 210, 210, median_seconds=None),
        step(1, "Клиент ответил на звонок", 210, 181, 205),
        step(2, "Клиент сформулировал требования", 181, 149, 171),
        step(3, "Клиент открыл КП", 149, 98, 139),
        step(4, "Клиент подтвердил условия", 98, 61, None),
        step(5, "Клиент оплатил счёт", 61, 38, 60),
    ]
    small = [
        step(0, "Клиент прислал ТЗ", 4, 4, 4, rate=None, step_interval=None),
        step(1, "Клиент принял заявку", 4, 2, 3, rate=None, step_interval=None),
    ]
    return {
        "pipeline_id": "1",
        "period": {"first": "2026-05-20", "last": "2026-11-16"},
        "order": "ordered",
        "as_of": "2026-11-16T09:04:00Z",
        "version": 3,
        "is_rebuilding": False,
        "sees": "everyone",
        "backfill": None,
        "deals": 302,
        "segments": [
            {"key": "choosing", "title": "Выбирают", "deals": 210, "steps": steps},
            {"key": "urgent", "title": "Срочно", "deals": 88, "steps": steps[:2]},
            {"key": "tender", "title": "Тендер", "deals": 4, "steps": small},
        ],
        "bottleneck": {
            "segment_key": "choosing",
            "segment_title": "Выбирают",
            "step_key": "s3",
            "step_title": "Клиент открыл КП",
            "dropped": 51,
            "entered": 149,
        },
        "truth_gap": [
            {"stage_id": "30", "stage_title": "Классификация", "statuses_say": 171, "clients_say": 149},
            {"stage_id": "40", "stage_title": "КП отправлено", "statuses_say": 139, "clients_say": 98},
            {"stage_id": "60", "stage_title": "Счёт выставлен", "statuses_say": 60, "clients_say": 38},
        ],
        **changes,
    }


def deals(after: str = "") -> JSON:
    """Two pages of deals behind a number; the second is asked for by the place where the first ended."""
    first = 51 if after else 1
    rows = [
        {
            "id": str(number),
            "title": f"Сделка {number}" if number != 2 else "",
            "stage_title": "КП отправлено",
            "responsible": "Иван Петров",
            "since": "2026-11-14T09:04:00Z",
            "url": f"https://crm.example/deals/{number}",
        }
        for number in range(first, first + (3 if after else 50))
    ]
    return {"deals": rows, "next": None if after else "50:x"}
