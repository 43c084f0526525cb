"""Client steps that Stepgate knows: what proves each of them and which earlier step it follows."""

from dataclasses import dataclass
from datetime import timedelta

from app.domain.evidence import Direction, EvidenceKind, Grade
from app.domain.trigger import Trigger

FIRST_TALK_GRACE = timedelta(minutes=15)
"""Call records may come a while after the call itself."""


def talked(seconds: int) -> Trigger:
    """A conversation of at least that many seconds, whoever called."""
    return Trigger(EvidenceKind.CALL, least_seconds=seconds)


CALLED_US = Trigger(EvidenceKind.CALL, Direction.INCOMING)
WROTE = Trigger(EvidenceKind.MESSAGE, Direction.INCOMING)
MAILED = Trigger(EvidenceKind.MAIL, Direction.INCOMING)
FILLED_FORM = Trigger(EvidenceKind.FORM)
CAME_FROM = Trigger(EvidenceKind.SOURCE)
BY_HAND = Trigger(EvidenceKind.MANUAL)


def tagged(tag: str) -> Trigger:
    """The deal got that tag."""
    return Trigger(EvidenceKind.TAG, subject=tag)


def task_says(part: str) -> Trigger:
    """A task was completed with a result in which `part` occurs."""
    return Trigger(EvidenceKind.TASK, contains=part)


@dataclass(frozen=True, slots=True)
class Step:
    """How a client step is proven.

    `fields` are patterns (see `stage_names`) of deal fields that record the step; with
    `fields_alone` such fields replace the triggers, because where the account writes the answer
    down, a mere conversation is no answer. `follows` names earlier steps, the nearest first: only
    what happens after one of them counts, because a client who wrote before he got a proposal has
    not reacted to it. A seller's own letter or message never proves anything.
    """

    triggers: tuple[Trigger, ...]
    follows: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    fields_alone: bool = False
    accepts: Grade = Grade.D
    is_optional: bool = False
    grace: timedelta = timedelta(0)


_REPLIED = (WROTE, MAILED, talked(60))
_AFTER_TALK = ("requirements", "brief", "told_task", "answered", "responded", "request")
_AFTER_OFFER = ("question", "proposal", "meeting", *_AFTER_TALK)
_AFTER_TERMS = ("terms", "confirmed_order", "winner", *_AFTER_OFFER)

STEPS: dict[str, Step] = {
    "request": Step((FILLED_FORM, CAME_FROM, CALLED_US, WROTE, MAILED)),
    "answered": Step((talked(40), WROTE, MAILED), grace=FIRST_TALK_GRACE),
    "told_task": Step((talked(120), WROTE, MAILED), fields=("задач|проблем|цель|task|problem|goal",)),
    "requirements": Step(
        (talked(180), WROTE, MAILED, FILLED_FORM),
        follows=("answered",),
        fields=("требован|потребн|requirement|need|техзад|=тз",),
        fields_alone=True,
    ),
    "budget": Step((BY_HAND,), fields=("бюджет|budget",), fields_alone=True, is_optional=True),
    "decider": Step(
        (BY_HAND,), fields=("=лпр|решает|решен|decision|decider",), fields_alone=True, is_optional=True
    ),
    "deadline": Step(
        (BY_HAND,), fields=("срок|deadline|timing|timeline|когда",), fields_alone=True, is_optional=True
    ),
    "address_deadline": Step(
        (talked(60), WROTE, MAILED, FILLED_FORM), follows=("request",), fields=("адрес|address",)
    ),
    "agreed_meeting": Step((WROTE, MAILED, talked(40)), follows=("request",)),
    "meeting": Step(
        (
            task_says("встреч"),
            task_says("показ"),
            task_says("презентац"),
            task_says("meeting"),
            task_says("demo"),
        ),
    ),
    "site_visit": Step((task_says("замер"), task_says("осмотр"), task_says("выезд"), task_says("visit"))),
    "trial": Step((WROTE, MAILED, talked(60), tagged("тест"), tagged("trial")), follows=_AFTER_TALK),
    "brief": Step((MAILED, FILLED_FORM, WROTE), fields=("=тз|техзад|бриф|анкет|brief",)),
    "clarified": Step((MAILED, WROTE, talked(60)), follows=("brief", "request")),
    "proposal": Step(
        (*_REPLIED, tagged("КП открыто")),
        follows=_AFTER_TALK,
        fields=("=кп|предложен|proposal|quote открыт|открыл|получ|просмотр|opened|received|viewed",),
    ),
    "question": Step(_REPLIED, follows=("proposal",), is_optional=True),
    "terms": Step(
        (
            *_REPLIED,
            task_says("подтверд"),
            task_says("соглас"),
            task_says("confirm"),
            tagged("условия подтверждены"),
        ),
        follows=_AFTER_OFFER,
        fields=("услов|terms подтвержд|соглас|confirm|agreed",),
    ),
    "decider_agreed": Step((*_REPLIED, tagged("лпр согласен")), follows=_AFTER_OFFER),
    "bid_accepted": Step(
        (MAILED, WROTE, talked(60), tagged("заявка принята")), follows=("clarified", "brief")
    ),
    "winner": Step((MAILED, WROTE, talked(60), tagged("победили")), follows=("bid_accepted", "brief")),
    "documents": Step((MAILED, WROTE, FILLED_FORM), follows=_AFTER_TALK, fields=("реквизит|=инн|details",)),
    "contract_review": Step(_REPLIED, follows=_AFTER_TERMS),
    "contract": Step(
        (tagged("договор подписан"), task_says("подписа"), task_says("signed")),
        fields=("договор|contract подпис|signed",),
    ),
    "invoice": Step(
        (WROTE, MAILED, talked(40), task_says("оплат")),
        follows=("contract", "contract_review", *_AFTER_TERMS),
    ),
    "prepayment": Step(
        (tagged("предоплата"), task_says("предоплат"), task_says("аванс")),
        fields=("предоплат|аванс|prepay|deposit",),
    ),
    "payment": Step(
        (tagged("оплачено"), tagged("paid"), task_says("оплатил"), task_says("paid")),
        fields=("оплачен|paid", "дата|date|факт|статус|сумма|status|amount|сделк|deal оплат|payment"),
    ),
    "accepted": Step(
        (task_says("принял"), task_says("получил"), WROTE, MAILED, talked(40)), follows=("payment",)
    ),
    "started": Step((WROTE, MAILED, talked(60)), follows=("accepted", "payment")),
    "rated": Step((FILLED_FORM,), fields=("=nps|=нпс|оценк|rating",), is_optional=True),
    "repeat": Step((tagged("повторная покупка"), task_says("повтор")), is_optional=True),
    "referred": Step((tagged("рекомендация"),), fields=("рекоменд|referr",), is_optional=True),
    "named_date": Step((WROTE, MAILED, talked(40)), follows=("proposal", "requirements", "answered")),
    "responded": Step((WROTE, MAILED, CALLED_US, talked(40), FILLED_FORM)),
    "confirmed_order": Step(
        (*_REPLIED, FILLED_FORM), follows=("responded", "proposal", "answered", "request")
    ),
}
