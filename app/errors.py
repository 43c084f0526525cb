"""Refusals that a caller may expect: each has its status, its code and its sentence.

StepgateError
├── BadRequest      400  the request makes no sense
├── Unauthorized    401  we do not know who asks
├── Forbidden       403  we know, and he may not
├── NotFound        404  there is none, or none for him
├── Conflict        409  somebody changed it meanwhile
├── Invalid         422  understood, but breaks a rule
├── Overloaded      503  too much at once; try again
└── CrmTrouble      503  the CRM does not answer as it should

A 500 is a bug.
"""

from typing import Any, ClassVar


class StepgateError(Exception):
    """An expected refusal. `code` is stable, `sentence` is for people, `problems` tell details."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal"
    default_sentence: ClassVar[str] = "Something went wrong on our side."

    def __init__(
        self, sentence: str = "", *, code: str = "", problems: list[dict[str, Any]] | None = None
    ) -> None:
        self.code = code or self.default_code
        self.sentence = sentence or self.default_sentence
        self.problems = problems or []
        super().__init__(self.sentence)


class BadRequest(StepgateError):
    """The request makes no sense."""

    status, default_code, default_sentence = 400, "bad_request", "The request could not be understood."


class Unauthorized(StepgateError):
    """We do not know who asks."""

    status, default_code, default_sentence = 401, "unauthorized", "Open this page from the CRM again."


class Forbidden(StepgateError):
    """We know who asks, and he may not."""

    status, default_code, default_sentence = 403, "forbidden", "Only an administrator may do this."


class NotFound(StepgateError):
    """There is none, or none for the one who asks."""

    status, default_code, default_sentence = 404, "not_found", "There is no such thing here."


class Conflict(StepgateError):
    """Somebody changed it meanwhile."""

    status, default_code, default_sentence = (
        409,
        "conflict",
        "Somebody changed this meanwhile. Reload and try again.",
    )


class Invalid(StepgateError):
    """Understood, but it breaks a rule."""

    status, default_code, default_sentence = 422, "invalid", "Some values cannot be accepted."


class Overloaded(StepgateError):
    """Too much at once."""

    status, default_code, default_sentence = (
        503,
        "overloaded",
        "Too many requests at once. Try again in a second.",
    )


class CrmTrouble(StepgateError):
    """The CRM does not answer as it should."""

    status, default_code, default_sentence = (
        503,
        "crm_unavailable",
        "The CRM does not answer. Try again in a minute.",
    )
