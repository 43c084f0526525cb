"""An account's choices: the page and the command line change them by the same function."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import Connection

from app.installations.audit import write_audit
from app.installations.store import InstallationSettings, PanelViewers, change_settings

MOST_PANEL_USERS = 500
UserId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class SettingsView(BaseModel):
    """What an account chose."""

    language: str
    timezone: str
    writes_off: bool
    panel_viewers: PanelViewers
    panel_user_ids: list[str]


class SettingsChange(BaseModel):
    """What to change; the rest stays. `timezone` is a name such as Europe/Moscow.

    `panel_viewers` says whose deals an ordinary viewer of the panel sees; people in
    `panel_user_ids` see everybody's in any case.
    """

    model_config = ConfigDict(extra="forbid")

    language: Literal["ru", "en"] | None = None
    timezone: Annotated[str, Field(max_length=64)] | None = None
    writes_off: bool | None = None
    panel_viewers: PanelViewers | None = None
    panel_user_ids: Annotated[list[UserId], Field(max_length=MOST_PANEL_USERS)] | None = None

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError("there is no such time zone")
        return value

    def changes(self) -> dict[str, Any]:
        """What is to be changed, by the names of `InstallationSettings`."""
        found = self.model_dump(exclude_none=True)
        if self.panel_user_ids is not None:
            found["panel_user_ids"] = tuple(dict.fromkeys(self.panel_user_ids))
        return found


def keep_choices(
    conn: Connection, installation_id: int, changes: Mapping[str, Any], *, by: str, now: datetime
) -> InstallationSettings:
    """Change what `changes` names, note who did it, and give all choices. Raises NotFound."""
    changed = change_settings(conn, installation_id, **changes)
    packed = changed.pack()
    detail = {name: packed[name] for name in changes}
    write_audit(conn, installation_id, actor=by, action="settings.change", now=now, detail=detail)
    return changed
