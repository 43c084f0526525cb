"""Which methods there are, and what a caller needs for each."""

from collections.abc import Callable
from dataclasses import dataclass

from app.sandbox.bitrix24.rest.wire import Call

Run = Callable[[Call], object]
BASIC = "basic"
USER_SCOPES = {"user", "user_basic", "user_brief"}


@dataclass(frozen=True, slots=True)
class Method:
    """One REST method. `for_admin` and `for_app` say who may call it."""

    name: str
    scope: str
    run: Run
    for_admin: bool = False
    for_app: bool = False

    def in_scope(self, granted: list[str]) -> bool:
        """Whether an application with these scopes may call it."""
        if self.scope == BASIC:
            return True
        return bool(USER_SCOPES & set(granted)) if self.scope == "user" else self.scope in granted


METHODS: dict[str, Method] = {}


def method(
    *names: str, scope: str = "crm", for_admin: bool = False, for_app: bool = False
) -> Callable[[Run], Run]:
    """Make a function the implementation of these methods. Names are compared in lower case."""

    def keep(run: Run) -> Run:
        for name in names:
            METHODS[name.lower()] = Method(name, scope, run, for_admin, for_app)
        return run

    return keep
