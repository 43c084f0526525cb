"""The queue of offline events: one row per object, read and cleared by the application."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from app.sandbox.bitrix24.apps import App, Apps
from app.sandbox.bitrix24.model import Notice
from app.sandbox.bitrix24.state import PortalState

ROW_SECONDS = 34 * 86_400.0


@dataclass(slots=True)
class OfflineRow:
    """What one handler has not read yet. `process_id` is set while somebody works on it."""

    id: int
    client_id: str
    connector: str
    event: str
    data: dict[str, object]
    at: float
    message_id: str
    process_id: str = ""
    error: bool = False


class OfflineQueue:
    """Rows by application and source key; repeated changes of one object collapse into one row."""

    def __init__(self, portal: PortalState, apps: Apps) -> None:
        self._portal, self._apps = portal, apps
        self.rows: dict[int, OfflineRow] = {}
        self.pinged: Callable[[App], None] | None = None
        portal.listeners.append(self.notice)

    def notice(self, notice: Notice) -> None:
        """Put a change into the queue of every application that asked for it."""
        for app in self._apps.by_client.values():
            if not app.installed:
                continue
            for handler in app.handlers:
                own = handler.connector and handler.connector == notice.connector
                if handler.offline and handler.event == notice.event and not own:
                    self._put(app, handler.connector, notice)
                    if self.pinged is not None:
                        self.pinged(app)

    def _put(self, app: App, connector: str, notice: Notice) -> None:
        key = json.dumps(notice.data, sort_keys=True)
        for row in self.rows.values():
            same = (row.client_id, row.connector, row.event) == (app.client_id, connector, notice.event)
            if same and not row.process_id and json.dumps(row.data, sort_keys=True) == key:
                row.at = notice.at
                return
        number = self._portal.take_id("offline")
        message = f"{self._portal.rng.getrandbits(128):032x}"
        self.rows[number] = OfflineRow(
            number, app.client_id, connector, notice.event, notice.data, notice.at, message
        )

    def waiting(self, app: App, connector: str) -> list[OfflineRow]:
        """Rows that nobody works on, oldest first; very old ones are gone."""
        edge = self._portal.now() - ROW_SECONDS
        for row in [row for row in self.rows.values() if row.at < edge]:
            del self.rows[row.id]
        mine = [
            row for row in self.rows.values() if (row.client_id, row.connector) == (app.client_id, connector)
        ]
        return sorted(mine, key=lambda row: row.id)
