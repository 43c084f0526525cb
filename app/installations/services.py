"""What a request or a task works with, made once at start."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.clock import Clock
from app.config import Settings
from app.crm.port import CrmAdapter
from app.db.engine import Database
from app.errors import NotFound
from app.installations.clients import ClientPool
from app.installations.install import Installer
from app.installations.tokens import TokenKeeper
from app.installations.vault import Vault


@dataclass(frozen=True, slots=True)
class Services:
    """The composition, kept at `app.state.services`."""

    settings: Settings
    db: Database
    registry: Mapping[str, CrmAdapter]
    vault: Vault
    keeper: TokenKeeper
    clients: ClientPool
    installer: Installer
    clock: Clock

    async def close(self) -> None:
        """Give up the connections to CRMs and to the database."""
        await self.clients.close()
        await self.db.close()

    def adapter(self, crm: str) -> CrmAdapter:
        """The adapter of that name. Raises NotFound."""
        found = self.registry.get(crm)
        if found is None:
            raise NotFound("This CRM is not known here.", code="crm_unknown")
        return found
