"""Deals that Stepgate makes to try a lock: no client stands behind them, so the ledger does not know them."""

from collections.abc import Mapping

from sqlalchemy import Connection, or_, select

from app.crm.port import DealLog
from app.db.prepared import prepared, value
from app.db.tables import lock_trial
from app.ledger.sight import DealKey

MAKING = "making"
_TRIALS = prepared(
    lambda: select(lock_trial.c.installation_id, lock_trial.c.deal_id, lock_trial.c.title).where(
        lock_trial.c.installation_id.in_(value("tenants", several=True)),
        or_(
            lock_trial.c.deal_id.in_(value("deals", several=True)),
            (lock_trial.c.deal_id == "") & (lock_trial.c.state == MAKING),
        ),
    )
)


def without_trials(conn: Connection, logs: Mapping[DealKey, DealLog]) -> dict[DealKey, DealLog]:
    """The logs of deals that have a client.

    A deal whose making is still under way is known by its title: the CRM's hook may be faster than its
    answer. No other deal escapes by that name, for the title is only good for those moments.
    """
    if not logs:
        return {}
    tenants, deals = sorted({key.installation_id for key in logs}), sorted({key.deal_id for key in logs})
    rows = _TRIALS.run(conn, tenants=tenants, deals=deals).all()
    if not rows:
        return dict(logs)
    made = {DealKey(row.installation_id, row.deal_id) for row in rows if row.deal_id}
    titles = {(row.installation_id, row.title) for row in rows if not row.deal_id}
    return {
        key: log
        for key, log in logs.items()
        if key not in made and (log.deal is None or (key.installation_id, log.deal.title) not in titles)
    }
