"""Believable answers of the API for the pages' tests: one deal, one funnel, one report."""

from typing import Any

JSON = dict[str, Any]


def fact(**changes: Any) -> JSON:
    """One proven fact; a talk on the phone unless told otherwise."""
    return {
        "kind": "call",
        "direction": "outgoing",
        "seconds": 252,
        "subject": "",
        "subject_title": "",
        "text": "",
        "channel": "",
        "author": "",
        "grade": "B",
        "occurred_at": "2026-11-14T07:31:00Z",
        "recorded_at": "2026-11-14T07:31:20Z",
        **changes,
    }


def trigger(kind: str, **changes: Any) -> JSON:
    """One trigger as in the document."""
    return {
        "kind": kind,
        "direction": None,
        "least_seconds": 0,
        "subject": "",
        "value": "",
        "contains": "",
        **changes,
    }


def need(kind: str, words: str, **changes: Any) -> JSON:
    """One kind of event that would prove a step, as the card's API tells it."""
    return {**trigger(kind, **changes), "subject_title": "", "words": words}


def item(key: str, title: str, request: str, **changes: Any) -> JSON:
    """One step of the checklist, not yet taken."""
    return {
        "key": key,
        "title": title,
        "request": request,
        "state": "unmet",
        "reason": "no_evidence",
        "grade": None,
        "accepts": "D",
        "is_optional": False,
        "met_at": None,
        "hint": "",
        "objections": [],
        "opens": None,
        "needs": [need("message", "сообщение клиента", direction="incoming")],
        "after": None,
        "before": [],
        "within_hours": None,
        "conditions": [],
        "facts": [],
        **changes,
    }


def met(key: str, title: str, proof: JSON) -> JSON:
    """One step that the client has taken."""
    return item(
        key,
        title,
        title,
        state="met",
        reason="proven",
        grade=proof["grade"],
        met_at=proof["occurred_at"],
        facts=[proof],
    )


def checklist(**changes: Any) -> JSON:
    """The card's answer: three of six steps taken, the proposal not opened."""
    quote = fact(
        kind="manual",
        direction=None,
        seconds=0,
        grade="D",
        text="нужно 40 мест до марта",
        channel="call",
        author="Иван Петров",
        occurred_at="2026-11-15T09:00:00Z",
    )
    form = fact(kind="form", direction=None, seconds=0, occurred_at="2026-11-14T07:12:00Z")
    opened = item(
        "opened",
        "Клиент открыл КП",
        "Открыть коммерческое предложение",
        hint=(
            "Анна, в КП на второй странице расчёт под ваши 40 мест. "
            "Посмотрите, пожалуйста: если цифры не те, пересчитаю сегодня."
        ),
        objections=[
            {"says": "Дорого", "answer": "Понимаю вас. С чем сравниваете? Покажу, из чего складывается цена."}
        ],
        opens={"stage_id": "40", "stage_title": "КП отправлено", "mode": "enforce"},
        needs=[
            need("call", "входящий звонок от 1 минуты", direction="incoming", least_seconds=60),
            need("message", "сообщение клиента", direction="incoming"),
            need("mail", "письмо клиента", direction="incoming"),
        ],
    )
    return {
        "revision": "r1",
        "as_of": "2026-11-16T09:04:00Z",
        "stale": False,
        "stale_reason": None,
        "backfill": None,
        "deal": {
            "id": "7",
            "title": "ООО «Ромашка», 40 рабочих мест",
            "pipeline_id": "1",
            "stage_id": "30",
            "stage_title": "Классификация",
        },
        "segment": {"key": "choosing", "title": "Выбирают"},
        "version": 3,
        "met": 3,
        "total": 6,
        "next_key": "opened",
        "items": [
            met("asked", "Клиент оставил заявку", form),
            met("answered", "Клиент ответил на звонок", fact()),
            met("needs", "Клиент сформулировал требования", quote),
            opened,
            item("agreed", "Клиент подтвердил условия", "Подтвердить условия"),
            item("paid", "Клиент оплатил счёт", "Оплатить счёт", accepts="B"),
        ],
        "stop": None,
        "waiting": None,
        "forward": None,
        "lock_trial": None,
        **changes,
    }


def stop(**changes: Any) -> JSON:
    """A move that was undone."""
    return {
        "log_id": "log-1",
        "action": "move_back",
        "state": "done",
        "from_stage_title": "Классификация",
        "to_stage_title": "КП отправлено",
        "moved_by": "Иван Петров",
        "occurred_at": "2026-11-16T09:04:00Z",
        "decided_at": "2026-11-16T09:04:02Z",
        "missing": [
            {"key": "opened", "title": "Клиент открыл КП", "request": "Открыть коммерческое предложение"}
        ],
        "is_contested": False,
        "objection": None,
        **changes,
    }


def opened_checklist() -> JSON:
    """The same deal after the client called for two minutes."""
    answer = checklist(revision="r2", met=4, next_key="agreed")
    call = fact(direction="incoming", seconds=120, occurred_at="2026-11-16T09:10:00Z")
    answer["items"][3] = {
        **answer["items"][3],
        "state": "met",
        "reason": "proven",
        "grade": "B",
        "met_at": call["occurred_at"],
        "facts": [call],
    }
    return answer
