"""How one client step is worded; the playbooks hold many."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """One step in one language. `objections` are keys of the playbook's objections."""

    title: str
    request: str
    hint: str
    objections: tuple[str, ...] = ()
