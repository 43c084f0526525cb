"""When two names mean the same thing, in Russian and English, without any network. Pure."""

import re
from collections.abc import Hashable
from functools import cache

from app.domain.stage import Stage, StageKind, StageRef
from app.domain.steps import STEPS
from app.domain.translate import Meaning, name_fits, translate_stage, words_of

STEM = 5
CLOSE_ENOUGH = 0.5
_FIELD_MEANINGS: tuple[tuple[str, str], ...] = (
    ("kind_of_client", "сегмент|segment"),
    (
        "kind_of_client",
        "тип|вид|катег|групп|type|category|kind клиент|покупат|заказчик|client|customer|buyer",
    ),
    ("reason", "причин|reason отказ|потер|проигр|loss|lost|refus"),
    ("paid_on", "дата|date|когда|when оплат|paid|payment"),
    ("city", "=город|города|=city|=town"),
    ("address", "адрес|address"),
    ("industry", "отрасл|сфера|industry|sector"),
    ("product", "товар|продукт|услуг|product|service|goods"),
    ("quantity", "колич|=штук|quantity|amount|=qty"),
    ("size", "размер|масштаб|size компан|бизнес|company|business"),
    ("offer", "=кп|предложен|proposal|quote|offer"),
    ("contract", "договор|контракт|contract|agreement"),
    ("competitor", "конкурент|competitor"),
    ("marks", "=теги|=тег|метк|=tags|marks|labels"),
)
_SOURCE_MEANINGS: tuple[tuple[str, str], ...] = (
    ("form", "форма|=form|callback"),
    ("site", "сайт|лендинг|=web|website|=site|landing"),
    ("call", "звон|телефон|=call|calls|phone"),
    ("mail", "почт|письм|mail|email"),
    ("telegram", "телеграм|telegram"),
    ("whatsapp", "вотсап|ватсап|whatsapp"),
    ("chat", "=чат|мессендж|=chat|messenger|livechat"),
    ("exhibition", "выставк|exhibition|=expo|fair|conference"),
    ("referral", "рекоменд|сарафан|referral|recommend"),
    ("ads", "реклам|директ|контекст|=ads|advert|adwords"),
    ("partner", "партн|partner"),
    ("repeat", "повтор|постоян|repeat|existing"),
    ("social", "соцсет|=вк|вконтакт|instagram|facebook|social"),
)
_CHOICE_MEANINGS: tuple[tuple[str, str], ...] = (
    ("urgent", "срочн|горящ|экстрен|urgent|rush|asap|emergency"),
    ("tender", "тендер|аукцион|закупк|конкурс|госзак|tender|bid|=rfp"),
    ("repeat", "повторн|постоян|действующ|лояльн|repeat|existing|returning|loyal|regular"),
    ("choosing", "выбира|сравнив|изуча|choos|compar|shopping"),
    ("yes", "=да|=yes|=true|=есть"),
    ("no", "=нет|=no|=false"),
    ("new", "новый|новая|новое|=new"),
    ("firm", "=юрлицо|юридич|=b2b|компания|company|business|legal"),
    ("private", "=физлицо|физич|=b2c|частн|private|individual|person"),
    ("wholesale", "=опт|оптов|wholesale|bulk"),
    ("retail", "розниц|рознич|retail"),
    ("high", "высок|=high|hot|горяч"),
    ("middle", "средн|medium|warm|тепл"),
    ("low", "низк|=low|cold|холодн"),
)
_LATIN = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
        "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
        "ф": "f", "х": "h", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "ь": "", "э": "e",
        "ю": "iu", "я": "ia",
    }
)  # fmt: skip
_SPELLINGS = (("kh", "h"), ("ts", "c"), ("y", "i"), ("shch", "sh"), ("ii", "i"), ("j", "i"), ("x", "ks"))


def plain(name: str) -> str:
    """The name without what people write differently: case, ё, punctuation, blanks."""
    return " ".join(re.findall(r"\w+", name.casefold().replace("ё", "е")))


def stage_meaning(title: str, kind: StageKind) -> Hashable | None:
    """What the client has done there, as the translator reads it; None where it reads nothing."""
    found = translate_stage(Stage(StageRef("-", "-"), title, kind, 0))
    return found.steps if found.meaning is Meaning.CLIENT_STEP else None


@cache
def field_meaning(title: str) -> Hashable | None:
    """What a field of the deal form records, or None."""
    words = words_of(title)
    found = {key for key, step in STEPS.items() if any(name_fits(each, words) for each in step.fields)}
    return _first(_FIELD_MEANINGS, title) if not found else tuple(sorted(found))


@cache
def source_meaning(title: str) -> Hashable | None:
    """What kind of source that is, or None."""
    return _first(_SOURCE_MEANINGS, title)


@cache
def choice_meaning(label: str) -> Hashable | None:
    """What a choice of a list says, or None."""
    return _first(_CHOICE_MEANINGS, label)


def person_name(name: str) -> Hashable | None:
    """The parts of a person's name whatever their order and alphabet; None for an empty name."""
    parts = sorted(_spelt(part) for part in plain(name).split())
    return tuple(parts) or None


def initials(name: str) -> Hashable | None:
    """A surname with the first letter of the given name, whichever stands first; None without both."""
    parts = [_spelt(part) for part in plain(name).split()]
    if len(parts) < 2:
        return None
    surname, given = (parts[-1], parts[0]) if len(parts[-1]) >= len(parts[0]) else (parts[0], parts[-1])
    return surname, given[:1]


@cache
def stems(name: str) -> frozenset[str]:
    """Beginnings of the words of a name, long enough to tell words apart."""
    return frozenset(word[:STEM] for word in words_of(name) if len(word) > 1)


def closeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two sets have in common, from 0 to 1."""
    together = one | other
    return len(one & other) / len(together) if together else 0.0


def _first(meanings: tuple[tuple[str, str], ...], title: str) -> str | None:
    words = words_of(title)
    return next((key for key, pattern in meanings if name_fits(pattern, words)), None)


def _spelt(part: str) -> str:
    text = part.translate(_LATIN)
    for before, after in _SPELLINGS:
        text = text.replace(before, after)
    return text
