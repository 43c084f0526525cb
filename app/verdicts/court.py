"""What the hearings of several deals in one transaction share, read at once where it can be."""

from datetime import datetime

from sqlalchemy import Connection

from app.domain.funnel import FunnelVersion
from app.domain.stage import Catalog
from app.domain.verdict import Verdict
from app.funnels.current import CurrentVersions
from app.installations.store import Installation, get_installation, load_catalog
from app.ledger.sight import DealKey, Sight
from app.outbox.rows import OPEN_STATES, WriteState, states_of
from app.verdicts.store import save_verdicts


class Court:
    """The deals of `sight` at `now`; verdicts are gathered and stored together by `store`."""

    def __init__(self, sight: Sight, versions: CurrentVersions, now: datetime) -> None:
        self.sight, self.versions, self.now = sight, versions, now
        self.writes = states_of(sight.conn, sight.keys)
        self._accounts: dict[int, Installation] = {}
        self._catalogs: dict[int, Catalog | None] = {}
        self._gathered: dict[tuple[int, str], tuple[Verdict, str]] = {}

    @property
    def conn(self) -> Connection:
        """The transaction that everything happens in."""
        return self.sight.conn

    def account(self, installation_id: int) -> Installation:
        """The installation of that id. Raises NotFound."""
        if installation_id not in self._accounts:
            self._accounts[installation_id] = get_installation(self.conn, installation_id)
        return self._accounts[installation_id]

    def catalog(self, installation_id: int) -> Catalog | None:
        """The account's pipelines as last read, or None."""
        if installation_id not in self._catalogs:
            self._catalogs[installation_id] = load_catalog(self.conn, installation_id)
        return self._catalogs[installation_id]

    def version(self, installation_id: int, pipeline_id: str) -> FunnelVersion | None:
        """The version in force in that pipeline, or None."""
        return self.versions.of(installation_id, pipeline_id)

    def has_writes(self, key: DealKey) -> bool:
        """Whether anything was ever to be written for the deal."""
        return bool(self.writes[key])

    def has_open_writes(self, key: DealKey) -> bool:
        """Whether something may still have to be written for the deal."""
        return any(state in OPEN_STATES for state in self.writes[key])

    def has_new_writes(self, key: DealKey) -> bool:
        """Whether something may not have been tried yet."""
        return WriteState.NEW in self.writes[key]

    def note_new_write(self, key: DealKey) -> None:
        """Something is to be written for the deal now."""
        self.writes[key] = [*self.writes[key], WriteState.NEW]

    def gather(self, installation_id: int, verdict: Verdict, action: str) -> None:
        """Have the verdict stored, in the order of the first word on each move."""
        self._gathered[installation_id, verdict.log_id] = verdict, action

    def store(self) -> None:
        """Store what was gathered, so that queries see it."""
        save_verdicts(self.conn, [(tenant, *said) for (tenant, _), said in self._gathered.items()])
        self._gathered.clear()
