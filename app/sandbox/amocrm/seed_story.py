"""How one client goes his way, act by act, and how his manager moves the deal meanwhile."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.sandbox.amocrm import seed_words as words
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import LOST, WON, Lead
from app.sandbox.amocrm.seed_office import DAY, HOUR, Office, at_work


class Over(Exception):
    """The story has reached the present: what would come next has not happened yet."""


@dataclass(frozen=True, slots=True)
class Habit:
    """A kind of client. `chances` are his acts' probabilities, `pace` scales all waiting times."""

    kind: str
    pace: float
    chances: Mapping[str, float]
    bill: tuple[int, int]


URGENT = Habit(
    "Срочно",
    0.05,
    {"answer": 0.93, "task": 0.97, "needs": 0.93, "offer": 0.88, "terms": 0.86, "bill": 0.9, "pay": 0.86},
    (20, 160),
)
CHOOSING = Habit(
    "Выбирает",
    1.0,
    {"answer": 0.86, "task": 0.9, "needs": 0.84, "offer": 0.69, "terms": 0.64, "bill": 0.83, "pay": 0.72},
    (80, 900),
)
TENDER = Habit(
    "Тендер",
    1.6,
    {"answer": 0.9, "task": 0.92, "needs": 0.95, "offer": 0.62, "terms": 0.34, "bill": 0.92, "pay": 0.9},
    (400, 4200),
)
HABITS, SHARES = (CHOOSING, URGENT, TENDER), (0.58, 0.27, 0.15)


@dataclass
class Story:
    """One lead's life up to `now`. `hurry` is how readily the manager runs ahead of the client."""

    account: Account
    office: Office
    rng: random.Random
    habit: Habit
    lead: Lead
    manager: int
    at: float
    now: float
    hurry: float
    phone: str
    log: list[str] = field(default_factory=list)

    def tell(self) -> None:
        """Live it through to the end or to the present."""
        try:
            for step, stage in PATH:
                if not self._step(step, stage):
                    self._lose(step)
                    return
            self._go(WON)
        except Over:
            return

    def _step(self, step: str, stage: str) -> bool:
        """The client does the step or not; a hurried manager moves the deal all the same."""
        did = self.rng.random() < self.habit.chances[step]
        if did:
            ACTS[step](self)
        if stage and (did or self.rng.random() < self.hurry):
            self._wait(0.1, 2)
            self._go(self.office.stages[stage])
        return did

    def _lose(self, step: str) -> None:
        """Silence, a few attempts, and the end; some deals are simply left standing."""
        for _ in range(self.rng.randrange(3)):
            self._wait(20, 60)
            self._call("outbound", 0)
        if self.rng.random() < 0.3:
            later = [stage for _, stage in PATH[list(ACTS).index(step) :] if stage]
            if later and self.rng.random() < self.hurry:
                self._wait(10, 40)
                self._go(self.office.stages[later[0]])
        if self.rng.random() < 0.16:
            return
        self._wait(60, 260)
        reason = (
            "Не дозвонились"
            if step == "answer"
            else self.rng.choices(words.LOSS_REASONS, (6, 0.4, 2, 2, 1))[0]
        )
        named = None if self.rng.random() < 0.08 else self.office.reasons[reason]
        self._go(LOST, named)

    def _wait(self, least: float, most: float) -> None:
        """Let hours pass at this client's pace, into working time. Raises Over at the present."""
        self.at = at_work(
            self.rng, self.at + self.rng.uniform(least, most) * HOUR * max(self.habit.pace, 0.05)
        )
        if self.at >= self.now:
            raise Over

    def _go(self, status_id: int, reason_id: int | None = None) -> None:
        self.account.move_lead(
            self.lead.id,
            status_id,
            self.lead.pipeline_id,
            by=self.manager,
            at=self.at,
            loss_reason_id=reason_id,
        )

    def _call(self, direction: str, seconds: int) -> None:
        to_contact = self.lead.contact_ids and self.rng.random() < 0.12
        target = ("contacts", self.lead.contact_ids[0]) if to_contact else ("leads", self.lead.id)
        by = 0 if direction == "inbound" else self.manager
        self.account.add_call(
            *target,
            direction=direction,
            duration=seconds,
            phone=self.phone,
            by=by,
            at=self.at,
            responsible_user_id=self.manager,
        )

    def _reply(self) -> None:
        """The client speaks or writes to us."""
        way = self.rng.random()
        if way < 0.45:
            self.account.add_message(self.lead.id, self.rng.choice(words.QUESTIONS), at=self.at)
        elif way < 0.7:
            self.account.add_mail(
                self.lead.id, "Re: коммерческое предложение", "Посмотрели, пишу по делу.", at=self.at
            )
        else:
            self._call("inbound" if way < 0.85 else "outbound", self.rng.randrange(70, 420))

    def answer(self) -> None:
        """He picks up, often not at the first attempt."""
        while self.rng.random() < 0.3:
            self._wait(0.3, 5)
            self._call("outbound", 0)
        self._wait(0.1, 3)
        self._call("outbound", self.rng.randrange(45, 240))

    def task(self) -> None:
        """He tells what he is after."""
        self._wait(1, 30)
        self._call("outbound" if self.rng.random() < 0.6 else "inbound", self.rng.randrange(125, 700))

    def needs(self) -> None:
        """He states his requirements; the manager or a form writes them down."""
        self._wait(6, 70)
        text = self.rng.choice(words.REQUIREMENTS).format(
            n=self.rng.randrange(4, 90), month=self.rng.choice(words.MONTHS)
        )
        fields, by = self.office.fields, 0 if self.rng.random() < 0.35 else self.manager
        if self.habit is TENDER:
            self.account.add_mail(self.lead.id, "Техническое задание", text, at=self.at)
        self._fill("needs", text, by)
        if self.rng.random() < 0.55:
            self._fill("budget", self.lead.price or self.rng.randrange(50, 900) * 1000, by)
        if self.rng.random() < 0.6:
            self._fill("deadline", f"до {self.rng.choice(words.MONTHS)}", by)
        if self.habit is URGENT and fields:
            self._fill("address", f"ул. Лесная, {self.rng.randrange(1, 90)}", by)

    def offer(self) -> None:
        """The proposal goes out, and he reacts to it."""
        self._wait(2, 20)
        self.account.add_mail(
            self.lead.id,
            "Коммерческое предложение",
            "Во вложении.",
            incoming=False,
            by=self.manager,
            at=self.at,
        )
        self._wait(3, 60)
        self._reply()

    def terms(self) -> None:
        """He agrees to the terms."""
        self._wait(20, 150)
        self._reply()
        if self.rng.random() < 0.3:
            self.account.add_note(
                "leads", self.lead.id, self.rng.choice(words.REMARKS), by=self.manager, at=self.at
            )

    def bill(self) -> None:
        """He takes the bill and names the day."""
        self._wait(4, 40)
        self._reply()

    def pay(self) -> None:
        """Money comes: accounting tags the deal, or the manager closes his task."""
        self._wait(20, 110)
        if self.rng.random() < 0.7:
            self.account.add_tag("leads", self.lead.id, "оплачено", by=0, at=self.at)
            return
        task = self.account.add_task(
            "leads",
            self.lead.id,
            "Проверить оплату",
            complete_till=int(self.at + DAY),
            by=self.manager,
            at=self.at,
        )
        self.account.complete_task(task.id, "Клиент оплатил счёт", by=self.manager, at=self.at + 60)

    def _fill(self, name: str, value: object, by: int) -> None:
        origin = "robot" if by == 0 else "ui"
        self.account.set_field(
            "leads", self.lead.id, self.office.fields[name], value, by=by, at=self.at, origin=origin
        )


ACTS: Mapping[str, Callable[[Story], None]] = {
    "answer": Story.answer,
    "task": Story.task,
    "needs": Story.needs,
    "offer": Story.offer,
    "terms": Story.terms,
    "bill": Story.bill,
    "pay": Story.pay,
}
PATH = (
    ("answer", ""),
    ("task", "Первичные переговоры"),
    ("needs", "Классификация"),
    ("offer", "КП отправлено"),
    ("terms", "Снятие возражений"),
    ("bill", "Счёт выставлен"),
    ("pay", ""),
)
