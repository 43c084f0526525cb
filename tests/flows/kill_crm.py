"""What the kill story needs of a simulated CRM, whichever it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from fastapi import FastAPI

from app.domain.stage import StageRef

STAGES = ("Новая", "Классификация", "КП отправлено")
"""A deal is made in the second one and dragged into the third, which demands a client's action."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What the CRM itself shows of one deal: the stages that it was moved to, oldest first; the texts
    that Stepgate left; and how many people were told, None where the CRM has no notices.
    """

    moves: Sequence[StageRef]
    notes: Sequence[str]
    tasks: Sequence[str]
    notices: int | None


class SimulatedCrm(Protocol):
    """An account with the pipeline of `STAGES` and one manager, as the story uses it."""

    name: str
    before: StageRef
    gated: StageRef
    environment: Mapping[str, str]
    """What Stepgate must be told to live beside it."""

    def app(self) -> FastAPI:
        """The server."""

    def close(self) -> None:
        """Let go of whoever still reads."""

    async def install(self) -> None:
        """The admin connects Stepgate."""

    def storm(self, dice: Random) -> None:
        """Answers to writes get lost, in another way each time this is called."""

    def calm(self) -> None:
        """From now on every answer arrives."""

    def create(self) -> str:
        """The manager makes a deal in `before`; its id."""

    def drag(self, deal_id: str) -> None:
        """He drags it to `gated`; nothing of the client's happened."""

    def deals(self) -> Sequence[str]:
        """Ids of all deals."""

    def hook(self, deal_id: str, number: int) -> bytes:
        """The body of a hook about the deal, unlike that of any other `number`."""

    def trace(self, deal_id: str) -> Trace:
        """What it shows of a deal."""
