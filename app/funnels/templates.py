"""Ready-made orders of client steps, and how kinds of client differ from the usual order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

BANT = ("budget", "decider", "deadline")
"""Questions that may also be answered with "no" or "not known yet", so they never hold a deal up."""

TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "b2b_seven": (
        "request", "answered", "told_task", "requirements", "budget", "proposal", "terms", "invoice",
        "payment",
    ),
    "universal_six": (
        "request", "answered", "told_task", "requirements", *BANT, "meeting", "proposal", "question", "terms",
        "contract", "invoice", "payment", "started", "rated", "repeat", "referred",
    ),
}  # fmt: skip

SIDE_STEPS = frozenset(
    {*BANT, "meeting", "question", "contract", "started", "rated", "repeat", "referred"}
)  # fmt: skip
"""Steps of a template that are nice to have: they are optional there."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of client: how its options and tags are called, and what replaces the usual steps.

    `instead` maps a usual step to this kind's one; None drops it. `extra` follows its key.
    """

    key: str
    names: str
    instead: Mapping[str, str | None] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)


def _dropped(*steps: str) -> dict[str, str | None]:
    return dict.fromkeys(steps)


KINDS: tuple[Kind, ...] = (
    Kind(
        "urgent",
        "срочн|горящ|экстрен|urgent|rush|asap|emergency",
        {
            **_dropped(
                "proposal", "question", "terms", "invoice", "contract", "contract_review", "meeting", *BANT
            ),
            "told_task": "answered",
            "requirements": "address_deadline",
        },
    ),
    Kind(
        "tender",
        "тендер|аукцион|закупк|конкурс|госзак|tender|bid|=rfp",
        {
            **_dropped("question", "meeting", *BANT),
            "request": "brief",
            "answered": "clarified",
            "told_task": "clarified",
            "requirements": "clarified",
            "proposal": "bid_accepted",
            "terms": "winner",
        },
    ),
    Kind(
        "repeat",
        "повторн|постоян|действующ|лояльн|repeat|existing|returning|loyal|regular",
        {
            **_dropped("proposal", "question", "meeting", *BANT),
            "request": "responded",
            "answered": "responded",
            "told_task": "responded",
            "requirements": "confirmed_order",
            "terms": "confirmed_order",
        },
    ),
    Kind("choosing", "выбира|сравнив|изуча|choos|compar|shopping", extra={"proposal": "question"}),
)
