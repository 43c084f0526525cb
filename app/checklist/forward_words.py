"""Why a deal could not be moved on, in the words of whoever pressed."""

from app.domain.plain_text import shown
from app.domain.trigger_words import RUSSIAN, quote
from app.installations.store import Installation
from app.outbox.rows import OutboxRow

WRITES_OFF = (
    "Администратор выключил запись в CRM. Пока передвиньте сделку сами.",
    "An administrator has switched off writing to the CRM. Move the deal yourself for now.",
)
NOT_CONNECTED = (
    "Связи с CRM сейчас нет. Попросите администратора подключить Stepgate заново.",
    "There is no connection to the CRM just now. Ask an administrator to reconnect Stepgate.",
)
FIELD = (
    "CRM просит сначала заполнить поле {}. Заполните его и нажмите ещё раз.",
    "The CRM wants the field {} filled first. Fill it and press again.",
)
ANY_FIELD = (
    "CRM просит сначала заполнить обязательное поле сделки. Заполните его и нажмите ещё раз.",
    "The CRM wants a required field of the deal filled first. Fill it and press again.",
)
REASONS: dict[str, tuple[str, str]] = {
    "no_right": (
        "CRM не дала Stepgate прав на этот переход. Попросите администратора проверить доступ.",
        "The CRM gave Stepgate no right to this move. Ask an administrator to look at its access.",
    ),
    "deal_gone": ("Этой сделки в CRM больше нет.", "The CRM no longer has this deal."),
    "too_late": (
        "CRM долго не отвечала, и сделка осталась на месте. Нажмите ещё раз.",
        "The CRM did not answer for long, and the deal stayed where it was. Press again.",
    ),
    "unconfirmed": (
        "CRM так и не подтвердила переход. Посмотрите, где стоит сделка, и нажмите ещё раз.",
        "The CRM never confirmed the move. Look where the deal stands, and press again.",
    ),
}
OTHER = (
    "CRM не приняла переход. Попробуйте ещё раз; если не выйдет, позовите администратора.",
    "The CRM did not take the move. Try once more; if that does not help, call an administrator.",
)


def state_text(known: Installation, language: str) -> str:
    """Why nothing can be moved in this account now; empty when it can."""
    if known.settings.writes_off:
        return _in(language, WRITES_OFF)
    return "" if known.is_active else _in(language, NOT_CONNECTED)


def refusal_text(row: OutboxRow, language: str) -> str:
    """Why the CRM did not take this move."""
    if row.last_error == "field_required":
        field = shown(str(row.payload.get("field") or ""))
        return _in(language, FIELD).format(quote(field, language)) if field else _in(language, ANY_FIELD)
    return _in(language, REASONS.get(row.last_error, OTHER))


def _in(language: str, texts: tuple[str, str]) -> str:
    return texts[0] if language == RUSSIAN else texts[1]
