"""A lock of the CRM's own, a trial of it and a deal that may move on, for the pages' tests."""

from typing import Any

from tests.browser.front_data import JSON

STAGES = (("20", "Новая заявка"), ("25", "Первичные переговоры"), ("30", "Классификация"))
OFFER = ("40", "КП отправлено")
BILL = ("60", "Счёт выставлен")


def forward(**changes: Any) -> JSON:
    """The way to the next stage, open."""
    return {"stage_id": BILL[0], "stage_title": BILL[1], "state": "ready", "text": "", **changes}


def note(**changes: Any) -> JSON:
    """What the card of a trial deal is told; the viewer is the one who is asked to try."""
    return {
        "trial_id": "t1",
        "stage_title": OFFER[1],
        "state": "waiting",
        "outcome": None,
        "code": "",
        "text": "",
        "is_yours": True,
        **changes,
    }


def stage(of: tuple[str, str] = OFFER, **changes: Any) -> JSON:
    """A gate that moves deals back, whose lock was never tried."""
    return {
        "stage_id": of[0],
        "title": of[1],
        "mode": "enforce",
        "closed_to": _named(*STAGES),
        "state": "unchecked",
        "code": "",
        "text": "Ещё не проверено: запустите проверку с одним из продавцов.",
        "checked_at": None,
        "checked_by": "",
        "leak": None,
        **changes,
    }


def trial(**changes: Any) -> JSON:
    """A trial that waits for its seller."""
    return {
        "trial_id": "t1",
        "pipeline_id": "1",
        "stage_id": OFFER[0],
        "stage_title": OFFER[1],
        "user_id": "6",
        "user_name": "Иван Петров",
        "deal_id": "900",
        "deal_url": "https://example.bitrix24.ru/crm/deal/details/900/",
        "state": "waiting",
        "outcome": None,
        "code": "",
        "text": "",
        "started_at": "2026-11-16T09:20:00Z",
        "results": [],
        **changes,
    }


def held_trial() -> JSON:
    """The same trial when the CRM has refused both ways."""
    refused = "CRM не пустила: у продавца нет права на этот переход."
    ways = [
        {
            "from_stage_id": came_from[0],
            "from_stage_title": came_from[1],
            "to_stage_id": OFFER[0],
            "to_stage_title": OFFER[1],
            "state": "holds",
            "code": "refused_for_rights",
            "text": refused,
        }
        for came_from in STAGES[1:]
    ]
    return trial(state="done", outcome="holds", code="refused_for_rights", text=refused, results=ways)


def lock(*stages: JSON, **changes: Any) -> JSON:
    """A lock of two gates, one of which leaked, and a third that stops nobody yet."""
    leak = {
        "deal_id": "77",
        "title": "ООО «Ромашка», 40 рабочих мест",
        "url": "https://example.bitrix24.ru/crm/deal/details/77/",
        "by": "Анна Котова",
        "at": "2026-11-16T09:05:00Z",
    }
    leaking = stage(
        BILL,
        state="leaks",
        code="moved_by_seller",
        text="Продавец смог перевести сделку сам. Снимите эту стадию в его роли и проверьте ещё раз.",
        checked_at="2026-11-15T12:00:00Z",
        checked_by="Иван Петров",
        leak=leak,
    )
    rows = [*STAGES, OFFER]
    closed = [_named(OFFER, BILL)] * 3 + [_named(BILL)]
    matrix = [
        {"stage_id": id_, "title": title, "closed": targets}
        for (id_, title), targets in zip(rows, closed, strict=True)
    ]
    return {
        "is_supported": True,
        "roles_url": "https://example.bitrix24.ru/crm/configs/perms/",
        "plan": {"is_enough": True, "title": "Профессиональный"},
        "matrix": matrix,
        "stages": list(stages) or [stage(), leaking, stage(("50", "Снятие возражений"), mode="warn")],
        "trial": None,
        **changes,
    }


def leaking() -> JSON:
    """A lock that let somebody through, as the account's status tells it."""
    return {
        "pipeline_id": "1",
        "stage_id": OFFER[0],
        "stage_title": OFFER[1],
        "sentence": "Продавец смог перевести сделку сам.",
        "deal_id": "77",
        "by": "Анна Котова",
        "at": "2026-11-16T09:05:00Z",
    }


def huge() -> JSON:
    """A pipeline of a hundred stages with long names, half of them gated."""
    names = [(str(at), f"Согласование дополнительного соглашения с юристами № {at}") for at in range(100)]
    gated = names[50:]
    matrix = [
        {"stage_id": id_, "title": title, "closed": _named(*(one for one in gated if int(one[0]) > int(id_)))}
        for id_, title in names[:-1]
    ]
    return lock(*(stage(one, title=one[1] + "ъ" * 60) for one in gated), matrix=matrix)


def _named(*stages: tuple[str, str]) -> list[JSON]:
    return [{"stage_id": id_, "title": title} for id_, title in stages]
