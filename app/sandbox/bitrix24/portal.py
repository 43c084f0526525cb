"""The simulated portal: one object that holds the state and offers every change as a method.

Seed it like this: `with portal.silent(): portal.create_item("Сделка", Act(by=3, at=...))`. Each
change takes an `Act`: who (0 is nobody in particular), when, and whether a person at the page (ui),
the API (api) or the portal's own automation (robot) makes it.
"""

from app.sandbox.bitrix24.apps import Apps
from app.sandbox.bitrix24.config import SandboxConfig
from app.sandbox.bitrix24.events import EventService
from app.sandbox.bitrix24.model import DEAL
from app.sandbox.bitrix24.offline import OfflineQueue
from app.sandbox.bitrix24.state import Act
from app.sandbox.bitrix24.timeline_actions import TimelineActions

SOURCES = {
    "CALL": "Звонок",
    "EMAIL": "Электронная почта",
    "WEB": "Веб-сайт",
    "WEBFORM": "CRM-форма",
    "RECOMMENDATION": "По рекомендации",
    "TRADE_SHOW": "Выставка",
    "1|OPENLINE": "Онлайн-чат",
}


class Portal(TimelineActions):
    """State and actions of one portal; see the `*_actions` modules for the methods."""

    def __init__(self, config: SandboxConfig) -> None:
        super().__init__(config)
        self.sources = dict(SOURCES)
        self.trigger_targets: dict[str, str] = {}
        self.apps = Apps(self)
        self.offline = OfflineQueue(self, self.apps)
        self.events = EventService(self, self.apps)
        self.offline.pinged = self.events.ping

    @classmethod
    def empty(cls, config: SandboxConfig | None = None) -> "Portal":
        """A portal with one administrator and the funnel of invoices, and no funnel of deals."""
        portal = cls(config or SandboxConfig())
        portal.add_user("Администратор", "", email="admin@example.org", is_admin=True)
        portal.add_side_stages()
        return portal

    def fire_trigger(self, code: str, deal_id: int) -> bool:
        """An application's trigger: moves the deal forward when an administrator has placed it on a stage."""
        target = self.stage(DEAL, self.trigger_targets.get(code, ""))
        deal = self.items[DEAL].get(deal_id)
        if target is None or deal is None or target.category_id != deal.category_id:
            return False
        order = [stage.status_id for stage in self.stages_of(DEAL, deal.category_id)]
        if order.index(target.status_id) <= order.index(deal.stage_id):
            return False
        return self.move_item(deal, target.status_id, Act(origin="robot"))
