"""What the lock says to people, in both languages."""

from app.domain.lock import LockCode, LockState
from app.domain.plain_text import shown
from app.domain.trigger_words import RUSSIAN, quote

LONGEST_STAGE = 80

STATES: dict[LockState, tuple[str, str]] = {
    LockState.UNCHECKED: (
        "Ещё не проверено: запустите проверку с одним из продавцов.",
        "Not tried yet: start a check with one of the sellers.",
    ),
    LockState.HOLDS: (
        "Замок держит: CRM не пускает продавца сюда вручную.",
        "The lock holds: the CRM does not let a seller in here by hand.",
    ),
    LockState.LEAKS: (
        "Замок пропускает: проверьте строку этой стадии в роли продавца.",
        "The lock leaks: look at this stage in the sellers' role.",
    ),
    LockState.DEFEATED: ("Замок здесь не действует.", "The lock does not work here."),
    LockState.UNKNOWN: ("Проверка не дала ответа.", "The check gave no answer."),
}
CODES: dict[LockCode, tuple[str, str]] = {
    LockCode.REFUSED_FOR_RIGHTS: (
        "CRM не пустила: у продавца нет права на этот переход.",
        "The CRM refused: the seller has no right to this move.",
    ),
    LockCode.MOVED_BY_SELLER: (
        "Сотрудник смог перевести сделку сам. Снимите эту стадию в его роли и проверьте ещё раз. "
        "Если это администратор CRM, роль ни при чём.",
        "Somebody could move the deal himself. Take this stage out of his role and check once more. "
        "Where it was an administrator of the CRM, the role is all right.",
    ),
    LockCode.ADMIN_IS_EXEMPT: (
        "Это был администратор, а на администраторов роли не действуют. Проверьте с обычным продавцом.",
        "It was an administrator, and roles do not bind administrators. Check with an ordinary seller.",
    ),
    LockCode.PLAN_HAS_NO_ROLES: (
        "На этом тарифе CRM нет ролей с переходами по стадиям. Stepgate вернёт сделку сам, как и раньше.",
        "The CRM's plan has no roles for moves between stages. Stepgate moves such deals back itself, "
        "as before.",
    ),
    LockCode.REQUIRED_FIELD_INSTEAD: (
        "CRM попросила заполнить обязательное поле, поэтому о роли ничего не известно. "
        "Отключите поле на время проверки.",
        "The CRM asked for a required field, so the role was not put to the test. Make the field optional "
        "for the check.",
    ),
    LockCode.REFUSED_BY_CRM: (
        "CRM отказала по другой причине, о роли это ничего не говорит. Попробуйте ещё раз.",
        "The CRM refused for another reason, which says nothing about the role. Try again.",
    ),
    LockCode.CANNOT_EDIT: (
        "Этот продавец вообще не может менять сделку. Дайте ему право на изменение своих сделок "
        "или выберите другого.",
        "This seller may not change the deal at all. Let him change his own deals, or pick another seller.",
    ),
    LockCode.CRM_UNAVAILABLE: (
        "CRM не ответила, проверка остановлена. Запустите её ещё раз.",
        "The CRM did not answer, so the check has stopped. Start it again.",
    ),
    LockCode.NOT_PLACED: (
        "Stepgate не смог поставить пробную сделку перед этой стадией. Переподключите Stepgate "
        "от имени администратора CRM.",
        "Stepgate could not put the trial deal before this stage. Reconnect Stepgate as an administrator "
        "of the CRM.",
    ),
    LockCode.CHANGED_SINCE: (
        "После проверки изменились стадии или правила. Проверьте ещё раз.",
        "Stages or gates have changed since the check. Check once more.",
    ),
    LockCode.EXPIRED: (
        "За сутки продавец не нажал кнопку, пробная сделка удалена.",
        "The seller did not press the button within a day; the trial deal is deleted.",
    ),
    LockCode.CANCELLED: ("Проверка отменена.", "The check was called off."),
    LockCode.UNTRIED: (
        "Этот переход не пробовали: проверяются ближайшие.",
        "This way was not tried: only the nearest ones are.",
    ),
}


def lock_text(state: LockState, code: LockCode, language: str) -> str:
    """A sentence or two about a lock, a way or a trial."""
    found = CODES.get(code) or STATES[state]
    return found[0] if language == RUSSIAN else found[1]


def trial_title(stage_title: str, language: str) -> str:
    """What a trial's deal is called: nobody shall take it for a client."""
    name = quote(shown(stage_title)[:LONGEST_STAGE], language)
    if language == RUSSIAN:
        return f"Stepgate: проверка замка {name}, не клиент, удалится сама"
    return f"Stepgate: check of the lock {name}, not a client, deletes itself"
