"""A stage that was made in the CRM is met before anybody tells of it: then the catalog is read anew at once.

Nothing is rung for a stage that the CRM does not show at all (a pipeline that we may not read, a stage
that was deleted): the catalog that was read after the deal had changed does not know it either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.crm.port import DealLog
from app.db.lane import LaneKey, ring
from app.domain.deal import Deal
from app.domain.stage import Catalog, StageRef
from app.inbox.patience import TOUCHED
from app.inbox.receive import CATALOG_LANE
from app.installations.store import load_catalog
from app.ledger.sight import DealKey

REST = timedelta(minutes=1)
"""The catalog is not read anew for this more often: its reading costs calls."""

LAG = timedelta(minutes=2)
"""The CRM's clock may be ahead or behind, and a catalog is a moment older than its time says."""


@dataclass(frozen=True, slots=True)
class NewStages:
    """Rings for stages that no catalog names. Stages that were once named are remembered, so that the
    usual case costs nothing."""

    _named: dict[int, frozenset[StageRef]] = field(default_factory=dict)

    def look(
        self, conn: Connection, told: Mapping[DealKey, DealLog], now: datetime
    ) -> dict[DealKey, datetime]:
        """Have catalogs read that do not know where a deal stands. For deals whose account's catalog was
        read a moment ago: when to look again."""
        deals = {key: log.deal for key, log in told.items() if log.deal and not self._knows(key, log.deal)}
        catalogs = {tenant: load_catalog(conn, tenant) for tenant in sorted({key[0] for key in deals})}
        later: dict[DealKey, datetime] = {}
        rung: set[LaneKey] = set()
        for key, deal in deals.items():
            catalog = catalogs[key.installation_id]
            if catalog is None or catalog.read_at is None or not self._is_news(key, deal, catalog):
                continue
            if now - catalog.read_at < REST:
                later[key] = catalog.read_at + REST
            else:
                rung.add(LaneKey(key.installation_id, "account", CATALOG_LANE))
        ring(conn, sorted(rung), now, TOUCHED)
        return later

    def _knows(self, key: DealKey, deal: Deal) -> bool:
        return deal.stage in self._named.get(key.installation_id, ())

    def _is_news(self, key: DealKey, deal: Deal, catalog: Catalog) -> bool:
        named = frozenset(stage.ref for pipeline in catalog.pipelines for stage in pipeline.stages)
        self._named[key.installation_id] = named
        is_fresh = catalog.read_at is not None and catalog.read_at > deal.updated_at + LAG
        return deal.stage not in named and not is_fresh
