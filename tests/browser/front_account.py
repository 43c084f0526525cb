"""What an account chose, what was set aside in it, and what its managers object to, for the pages' tests."""

from tests.browser.front_data import JSON


def settings(**changes: object) -> JSON:
    """An account as it begins: writing is on, everyone sees their own deals."""
    return {
        "language": "ru",
        "timezone": "Europe/Moscow",
        "writes_off": False,
        "panel_viewers": "own",
        "panel_user_ids": [],
        **changes,
    }


def parked() -> JSON:
    """A deal and a contact that could not be worked on."""
    deal = {
        "entity": "deal",
        "entity_id": "77",
        "title": "ООО «Ромашка», 40 рабочих мест",
        "url": "https://example.amocrm.ru/leads/detail/77",
        "error": "crm_refused",
        "sentence": "CRM не дала прочитать или изменить запись. Проверьте, на месте ли она.",
        "since": "2026-11-16T08:00:00Z",
    }
    contact = {
        **deal,
        "entity": "contact",
        "entity_id": "12",
        "title": "",
        "url": None,
        "error": "crashed",
        "sentence": "Обработка несколько раз обрывалась на полпути.",
    }
    return {"total": 2, "lanes": [deal, contact]}


def objection(**changes: object) -> JSON:
    """A manager's word against a stop."""
    return {
        "id": "log-1",
        "deal_id": "7",
        "deal_title": "ООО «Ромашка», 40 рабочих мест",
        "deal_url": "https://example.amocrm.ru/leads/detail/7",
        "log_id": "log-1",
        "from_stage_title": "Классификация",
        "to_stage_title": "КП отправлено",
        "missing": ["Клиент открыл КП"],
        "text": "Клиент звонил на мобильный и всё обсудил",
        "by": "Иван Петров",
        "at": "2026-11-16T09:10:00Z",
        "state": "open",
        "note": "",
        "closed_by": "",
        "closed_at": None,
        **changes,
    }


def objections(*rows: JSON) -> JSON:
    """The list of them."""
    return {"objections": list(rows), "open_count": sum(each["state"] == "open" for each in rows)}
