"""One lead's life: what its seller and its client do, each at its own hour, until the present ends it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from app.sandbox import seed_words as words
from app.sandbox.seed_account import SeedAccount
from app.sandbox.seed_office import LOST, Office, Seller
from app.sandbox.seed_time import DAY, HOUR, awake, working

TALKED, NO_ANSWER = 4, 6


class NotYet(Exception):
    """The next act lies in the future: the lead stands as it is now."""


@dataclass(frozen=True, slots=True)
class World:
    """What all leads share. `now` is the present in unix seconds; nothing happens after it."""

    account: SeedAccount
    office: Office
    rng: random.Random
    now: float


class Course:
    """A lead with its seller and its own moment, which only moves forward."""

    def __init__(
        self, world: World, seller: Seller, lead_id: int, moment: float, *, is_repeat: bool = False
    ) -> None:
        self.world = world
        self.seller = seller
        self.lead_id = lead_id
        self.moment = moment
        self.is_repeat = is_repeat
        self.stage = ""

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.world.rng.random() < probability

    def seller_waits(self, least: float, most: float) -> None:
        """Hours pass until the seller gets to it, in working time. Raises NotYet."""
        self._to(working(self._later(least, most), self.world.rng))

    def client_waits(self, least: float, most: float) -> None:
        """Hours pass until the client gets to it, by day. Raises NotYet."""
        self._to(awake(self._later(least, most), self.world.rng))

    def _later(self, least: float, most: float) -> float:
        return self.moment + self.world.rng.uniform(least, most) * HOUR

    def _to(self, moment: float) -> None:
        if moment >= self.world.now:
            raise NotYet
        self.moment = moment

    def _tick(self) -> float:
        """The moment of the next entry: a little after the one before."""
        self._to(self.moment + self.world.rng.uniform(5, 240))
        return self.moment

    def move(self, stage: str) -> None:
        """The seller puts the lead into a stage of its pipeline."""
        office = self.world.office
        stage_id = (office.repeat_stages if self.is_repeat else office.stages)[stage]
        self.world.account.move_lead(self.lead_id, stage_id, by=self.seller.user_id, at=self._tick())
        self.stage = stage

    def lose(self, reason: str | None) -> None:
        """The seller closes the lead as lost."""
        office = self.world.office
        reason_id = office.reasons[reason] if reason else None
        self.world.account.move_lead(
            self.lead_id,
            (office.repeat_stages if self.is_repeat else office.stages)[LOST],
            by=self.seller.user_id,
            at=self._tick(),
            loss_reason_id=reason_id,
        )
        self.stage = LOST

    def calls_out(self, seconds: int, result: str = "") -> None:
        """The seller calls; `seconds` of talk, 0 when nobody answers."""
        self._call("outbound", seconds, result, self.seller.user_id)

    def client_calls(self, seconds: int) -> None:
        """The client calls and is answered."""
        self._call("inbound", seconds, "", 0)

    def _call(self, direction: str, seconds: int, result: str, by: int) -> None:
        self.world.account.client_call(
            self.lead_id,
            direction=direction,
            duration=seconds,
            result=result or ("Разговор состоялся" if seconds else "Не взял трубку"),
            by=by,
            at=self._tick(),
        )
        self.moment += seconds

    def client_says(self, texts: Sequence[str]) -> None:
        """The client reacts in the way he likes: chat, letter or call."""
        rng, account = self.world.rng, self.world.account
        way = rng.random()
        if way < 0.45:
            channel = words.CHANNELS[self.lead_id % len(words.CHANNELS)]
            account.add_message(self.lead_id, rng.choice(texts), at=self._tick(), channel=channel)
        elif way < 0.75:
            account.add_mail(self.lead_id, "Re: " + words.COMPANY, rng.choice(texts), at=self._tick())
        else:
            self.client_calls(rng.randint(65, 420))

    def seller_writes(self, text: str) -> None:
        """A chat message of ours, which proves nothing about the client."""
        self.world.account.add_message(
            self.lead_id, text, incoming=False, by=self.seller.user_id, at=self._tick()
        )

    def seller_mails(self, subject: str) -> None:
        """A letter of ours."""
        self.world.account.add_mail(
            self.lead_id, subject, incoming=False, by=self.seller.user_id, at=self._tick()
        )

    def note(self, text: str) -> None:
        """A note of the seller, when he keeps notes."""
        if self.chance(self.seller.diligence):
            self.world.account.add_note("leads", self.lead_id, text, by=self.seller.user_id, at=self._tick())

    def fill(self, field: str, value: object) -> None:
        """The seller writes a field down."""
        field_id = self.world.office.fields[field]
        self.world.account.set_field(
            "leads", self.lead_id, field_id, value, by=self.seller.user_id, at=self._tick()
        )

    def tag(self, name: str) -> None:
        """The seller hangs a tag."""
        self.world.account.add_tag("leads", self.lead_id, name, by=self.seller.user_id, at=self._tick())

    def task(self, text: str) -> int:
        """A task for the next day; the answer is its id."""
        made = self.world.account.add_task(
            "leads",
            self.lead_id,
            text,
            complete_till=int(self.moment + DAY),
            by=self.seller.user_id,
            at=self._tick(),
        )
        return made.id

    def finish(self, task_id: int, result: str) -> None:
        """The task is done."""
        self.world.account.complete_task(task_id, result, by=self.seller.user_id, at=self._tick())
