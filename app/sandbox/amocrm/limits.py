"""Request limits: per integration, per account, and the block that follows when they are ignored."""

from collections import deque

from app.sandbox.amocrm.state import AccountState


class Limiter:
    """Sliding windows of one second over the account's clock."""

    def __init__(self, account: AccountState) -> None:
        self._account = account
        self._by_integration: dict[str, deque[float]] = {}
        self._by_account: deque[float] = deque()
        self._refused: deque[float] = deque()
        self.refused_total = 0

    def allows(self, integration: str) -> bool:
        """Count one request; False when it is over a limit. Enough excess turns into a lasting ban."""
        faults, now = self._account.faults, self._account.now()
        if not faults.rate_limit:
            return True
        mine = self._by_integration.setdefault(integration, deque())
        for window in (mine, self._by_account):
            while window and window[0] <= now - 1.0:
                window.popleft()
        account_room = faults.account_rps - faults.noise_rps
        if len(mine) < faults.integration_rps and len(self._by_account) < account_room:
            mine.append(now)
            self._by_account.append(now)
            return True
        self._count_refusal(now)
        return False

    def _count_refusal(self, now: float) -> None:
        self.refused_total += 1
        self._refused.append(now)
        while self._refused and self._refused[0] <= now - 60.0:
            self._refused.popleft()
        if len(self._refused) > self._account.faults.ban_after:
            self._account.faults.ip_ban = True
            self._refused.clear()
