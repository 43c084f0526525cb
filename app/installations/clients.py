"""One CRM client for each installation, with its live token and its share of the rate."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.crm.errors import AuthExpired
from app.crm.port import Account, CrmAdapter, CrmClient
from app.db.engine import Database
from app.installations.rate import RateLimiter
from app.installations.store import InstallationState, get_installation
from app.installations.tokens import TokenKeeper


@dataclass(slots=True)
class InstallationSession:
    """What a client needs of the installation; see `crm.port.Session`."""

    account: Account
    per_second: float
    saved_calls: float
    keeper: TokenKeeper
    limiter: RateLimiter

    async def access_token(self) -> str:
        """A token that is good now."""
        return await self.keeper.access_token(self.account.installation_id)

    async def refused_token(self, token: str) -> str:
        """Another one after `token` was refused."""
        return await self.keeper.refused_token(self.account.installation_id, token)

    async def admit(self, priority: int) -> None:
        """Wait for leave to make a call."""
        tenant = self.account.installation_id
        await self.limiter.admit(tenant, self.per_second, priority, self.saved_calls)

    async def punish(self, seconds: float, reason: str) -> None:
        """Stop all calls of the account for that long."""
        await self.limiter.punish(self.account.installation_id, seconds, reason)

    async def moved(self, host: str) -> None:
        """The account lives at another host now."""
        await self.keeper.moved(self.account.installation_id, host)

    def pace(self, per_second: float, saved_calls: float) -> None:
        """The account's plan allows calls at another rate."""
        self.per_second, self.saved_calls = per_second, saved_calls


class ClientPool:
    """Opens clients and keeps them while their account stays where it is."""

    def __init__(
        self,
        db: Database,
        registry: Mapping[str, CrmAdapter],
        keeper: TokenKeeper,
        limiter: RateLimiter,
    ) -> None:
        self._db, self._registry = db, registry
        self._keeper, self._limiter = keeper, limiter
        self._open: dict[int, tuple[Account, CrmClient]] = {}
        self._left: list[CrmClient] = []

    async def open(self, installation_id: int) -> CrmClient:
        """The client of an installation. Raises NotFound for none, AuthExpired for a removed one."""
        known = await self._db.read(lambda conn: get_installation(conn, installation_id))
        if known.state is InstallationState.DISABLED:
            raise AuthExpired(f"installation {installation_id} was removed in the CRM")
        kept = self._open.get(installation_id)
        if kept and kept[0] == known.account:
            return kept[1]
        adapter = self._registry[known.crm]
        session = InstallationSession(
            known.account, adapter.calls_per_second, adapter.saved_calls, self._keeper, self._limiter
        )
        client = adapter.open_client(session)
        if kept:
            # Somebody may be in the middle of a call at the old address.
            self._left.append(kept[1])
        self._open[installation_id] = (known.account, client)
        return client

    async def close(self) -> None:
        """Give up all connections, at the end of the process."""
        clients = [*self._left, *(client for _, client in self._open.values())]
        self._left.clear()
        self._open.clear()
        for client in clients:
            await client.close()
