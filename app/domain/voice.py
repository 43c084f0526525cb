"""Whose action a sentence tells: a checkpoint must be the client's, not the seller's."""

from app.domain.translate import words_of

_CLIENT = frozenset(
    {
        "клиент", "клиентка", "клиенты", "покупатель", "покупатели", "заказчик", "он", "она", "тот", "гость",
        "пациент", "ученик", "партнер", "компания", "бухгалтерия", "директор", "юрист", "лпр",
        "client", "clients", "customer", "buyer", "prospect", "he", "she", "they", "guest", "one",
    }
)  # fmt: skip
_SELLER = (
    "менеджер", "продавец", "мы", "оператор", "сотрудник", "отдел", "специалист", "руководитель", "роп",
    "manager", "seller", "we", "sales", "rep", "agent", "team", "our",
)  # fmt: skip
_SELLER_VERBS = (
    "отправили", "отправил", "отправлен", "отправка", "выставили", "выставил", "выставлен", "позвонили",
    "перезвонили", "прозвонили", "подготовили", "подготовил", "подготовлен", "выслали", "выслан", "направили",
    "направлен", "рассчитали", "рассчитан", "отработали", "отработал", "отработан", "отработка", "снятие",
    "сняли", "сняты", "провели", "провел", "проведен", "презентовали", "назначили", "сделали", "сделан",
    "объяснили",
    "рассказали", "проконсультировали", "дожали", "дожим", "закрыли", "уточнили", "выявили", "выявлен",
    "квалифицировали", "составили", "составлен", "напомнили", "передали", "согласовали",
    "called", "emailed", "invoiced", "prepared", "presented", "handled", "qualified", "followed", "pitched",
    "negotiated", "issued", "delivered", "contacted", "scheduled", "overcame", "reminded", "closed",
)  # fmt: skip
_TO_CLIENT = ("клиенту", "клиента", "клиентом", "покупателю", "заказчику", "заказчика", "him", "them")
_SENT_BY_SELLER = ("proposal", "quote", "offer", "invoice", "contract", "presentation", "price", "email")


def describes_seller(title: str) -> bool:
    """True when `title` tells what the seller did or does, and not what the client did.

    Judged by the first words: who acts, or a verb that only a seller uses of himself.
    """
    words = words_of(title)
    words = words[1:] if words[:1] == ("the",) else words
    if not words:
        return False
    if words[0] in _CLIENT:
        return (
            len(words) > 2 and words[1] in ("was", "is", "got", "были", "был") and words[2] in _SELLER_VERBS
        )
    if words[0] in _SELLER or _is_verb(words[0]):
        return True
    if any(word in _CLIENT for word in words):
        return False
    if "sent" in words:
        return any(word in _SENT_BY_SELLER for word in words)
    if words[0] in _TO_CLIENT:
        return True
    return any(_is_verb(word) for word in words)


def _is_verb(word: str) -> bool:
    endings = ("", "о", "а", "ы")
    return word in _SELLER_VERBS or any(word == verb + end for verb in _SELLER_VERBS for end in endings)
