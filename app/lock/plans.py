"""What an account's plan can do, asked seldom: a plan changes once a year."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.crm.errors import CrmError
from app.crm.port import RolesPlan
from app.errors import NotFound
from app.installations.services import Services
from app.lock.begin import locking_client

GOOD_FOR = timedelta(minutes=10)
UNTOLD = RolesPlan(None, "")


@dataclass
class Plans:
    """The plans of the accounts whose lock was looked at lately."""

    _kept: dict[int, tuple[RolesPlan, datetime]] = field(default_factory=dict)

    async def of(self, services: Services, installation_id: int) -> RolesPlan:
        """The account's plan; one that the CRM does not tell just now is not known."""
        now = services.clock.now()
        kept = self._kept.get(installation_id)
        if kept and now - kept[1] < GOOD_FOR:
            return kept[0]
        try:
            client = await locking_client(services, installation_id)
            plan = await client.roles_plan()
        except (CrmError, NotFound):
            return kept[0] if kept else UNTOLD
        self._kept[installation_id] = plan, now
        return plan
