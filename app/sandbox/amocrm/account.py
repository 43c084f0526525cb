"""The simulated account: one object that holds the state and offers every change as a method.

Seed it like this: `with account.silent(): account.create_lead(..., at=...)`. Each method takes
`by` (the acting user, 0 for a robot), `at` (unix seconds with a fraction, default now) and
`emit` (False keeps webhooks and pages quiet), and appends its events to `account.journal`.
"""

from app.sandbox.amocrm.config import SandboxConfig
from app.sandbox.amocrm.integrations import Integrations
from app.sandbox.amocrm.task_actions import TaskActions
from app.sandbox.amocrm.webhooks import WebhookService


class Account(TaskActions):
    """State and actions of one account; see the `*_actions` modules for the methods."""

    def __init__(self, config: SandboxConfig) -> None:
        super().__init__(config)
        self.integrations = Integrations(self)
        self.webhooks = WebhookService(self)

    @classmethod
    def empty(cls, config: SandboxConfig | None = None) -> "Account":
        """An account with the system fields and one administrator, and nothing else."""
        account = cls(config or SandboxConfig())
        account.add_system_fields()
        account.add_user("Администратор", email="admin@example.org", is_admin=True)
        return account
