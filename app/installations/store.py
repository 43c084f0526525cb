"""Installations as rows: who they are, how they fare, and their catalog."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from app.crm.port import Account, Grant
from app.db.tables import installation
from app.domain.stage import Catalog
from app.errors import NotFound
from app.installations.catalog import pack_catalog, unpack_catalog

LANGUAGES = ("ru", "en")


class InstallationState(StrEnum):
    """How an installation fares. Only an active one calls its CRM."""

    ACTIVE = "active"
    REAUTH_REQUIRED = "reauth_required"
    """The CRM takes our tokens no more: an admin has to connect again."""
    PAUSED = "paused"
    """The CRM shut us out or wants to be paid; we ask again now and then."""
    DISABLED = "disabled"
    """Removed in the CRM: no tokens are left."""


class PanelViewers(StrEnum):
    """Whose deals the panel counts for a viewer who is no administrator."""

    OWN = "own"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class InstallationSettings:
    """What an account chose. `writes_off` is the kill switch for everything written to the CRM.

    `panel_viewers` says whose deals an ordinary viewer of the panel sees; people in
    `panel_user_ids` see everybody's in any case, as administrators do.
    """

    language: str = "ru"
    timezone: str = "Europe/Moscow"
    writes_off: bool = False
    panel_viewers: PanelViewers = PanelViewers.OWN
    panel_user_ids: tuple[str, ...] = ()

    def pack(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "language": self.language,
            "timezone": self.timezone,
            "writes_off": self.writes_off,
            "panel_viewers": self.panel_viewers.value,
            "panel_user_ids": list(self.panel_user_ids),
        }

    def shows_all_to(self, user_id: str) -> bool:
        """True when that person, who is no administrator, sees everybody's numbers in the panel."""
        return self.panel_viewers is PanelViewers.EVERYONE or user_id in self.panel_user_ids

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> "InstallationSettings":
        """What `pack` wrote; missing values get their defaults."""
        return cls(
            language=str(packed.get("language", "ru")),
            timezone=str(packed.get("timezone", "Europe/Moscow")),
            writes_off=bool(packed.get("writes_off", False)),
            panel_viewers=PanelViewers(packed.get("panel_viewers", PanelViewers.OWN)),
            panel_user_ids=tuple(map(str, packed.get("panel_user_ids", ()))),
        )


@dataclass(frozen=True, slots=True)
class Installation:
    """The plugin in one CRM account, without its secrets and its catalog."""

    id: int
    crm: str
    external_id: str
    host: str
    title: str
    state: InstallationState
    state_reason: str
    service_user_id: str
    settings: InstallationSettings
    catalog_read_at: datetime | None
    created_at: datetime
    removed_at: datetime | None

    @property
    def account(self) -> Account:
        """Who it is in the CRM."""
        return Account(self.id, self.external_id, self.host)

    @property
    def is_active(self) -> bool:
        """True when its CRM may be called."""
        return self.state is InstallationState.ACTIVE


_COLUMNS = [column for column in installation.c if column.name != "catalog"]


def get_installation(conn: Connection, installation_id: int) -> Installation:
    """The installation of that id. Raises NotFound."""
    row = conn.execute(select(*_COLUMNS).where(installation.c.id == installation_id)).one_or_none()
    if row is None:
        raise NotFound("This account is not connected to Stepgate.", code="installation_unknown")
    return _read(row)


def find_installation(conn: Connection, crm: str, external_id: str) -> Installation | None:
    """The installation of that account of that CRM, or None."""
    query = select(*_COLUMNS).where(installation.c.crm == crm, installation.c.external_id == external_id)
    row = conn.execute(query).one_or_none()
    return _read(row) if row else None


def list_installations(conn: Connection) -> list[Installation]:
    """All of them, oldest first."""
    return [_read(row) for row in conn.execute(select(*_COLUMNS).order_by(installation.c.id))]


def first_settings(grant: Grant) -> InstallationSettings:
    """What a new account begins with: its own language where the CRM tells it."""
    if grant.language in LANGUAGES:
        return InstallationSettings(language=grant.language)
    return InstallationSettings()


def save_grant(conn: Connection, crm: str, grant: Grant, now: datetime) -> tuple[Installation, bool]:
    """The installation of a consent, made or brought back to life; True when it is new."""
    known = find_installation(conn, crm, grant.external_id)
    values = {
        "host": grant.host,
        "title": grant.title,
        "state": InstallationState.ACTIVE.value,
        "state_reason": "",
        "service_user_id": grant.user_id,
        "removed_at": None,
    }
    if known:
        conn.execute(update(installation).where(installation.c.id == known.id).values(**values))
        return get_installation(conn, known.id), False
    new_id = conn.execute(
        insert(installation)
        .values(
            crm=crm,
            external_id=grant.external_id,
            settings=first_settings(grant).pack(),
            created_at=now,
            **values,
        )
        .returning(installation.c.id)
    ).scalar_one()
    return get_installation(conn, new_id), True


def set_state(
    conn: Connection,
    installation_id: int,
    state: InstallationState,
    reason: str = "",
    removed_at: datetime | None = None,
) -> None:
    """Say how the installation fares; `reason` is a stable code."""
    conn.execute(
        update(installation)
        .where(installation.c.id == installation_id)
        .values(state=state.value, state_reason=reason, removed_at=removed_at)
    )


def pause_installation(conn: Connection, installation_id: int, state: InstallationState, reason: str) -> bool:
    """Say that an active installation cannot be served; False when it was not active any more.

    What was said first stays: it knows best why.
    """
    done = conn.execute(
        update(installation)
        .where(installation.c.id == installation_id, installation.c.state == InstallationState.ACTIVE.value)
        .values(state=state.value, state_reason=reason)
    )
    return done.rowcount == 1


def resume_installation(conn: Connection, installation_id: int) -> bool:
    """The CRM serves us again; False when the installation was not paused."""
    done = conn.execute(
        update(installation)
        .where(installation.c.id == installation_id, installation.c.state == InstallationState.PAUSED.value)
        .values(state=InstallationState.ACTIVE.value, state_reason="")
    )
    return done.rowcount == 1


def rename_host(conn: Connection, installation_id: int, host: str) -> None:
    """The account lives at another host now."""
    conn.execute(update(installation).where(installation.c.id == installation_id).values(host=host))


def change_settings(conn: Connection, installation_id: int, **changes: Any) -> InstallationSettings:
    """Change some of an account's choices and give all of them. Raises NotFound."""
    changed = replace(get_installation(conn, installation_id).settings, **changes)
    conn.execute(
        update(installation).where(installation.c.id == installation_id).values(settings=changed.pack())
    )
    return changed


def load_catalog(conn: Connection, installation_id: int) -> Catalog | None:
    """The catalog as last read from the CRM, or None when it was never read."""
    query = select(installation.c.catalog, installation.c.catalog_read_at)
    row = conn.execute(query.where(installation.c.id == installation_id)).one_or_none()
    if row is None or row.catalog is None:
        return None
    return unpack_catalog(row.catalog, row.catalog_read_at)


def save_catalog(conn: Connection, installation_id: int, catalog: Catalog, now: datetime) -> None:
    """Keep the catalog as read at `now`."""
    conn.execute(
        update(installation)
        .where(installation.c.id == installation_id)
        .values(catalog=pack_catalog(catalog), catalog_read_at=now)
    )


def _read(row: Row[Any]) -> Installation:
    return Installation(
        id=row.id,
        crm=row.crm,
        external_id=row.external_id,
        host=row.host,
        title=row.title,
        state=InstallationState(row.state),
        state_reason=row.state_reason,
        service_user_id=row.service_user_id,
        settings=InstallationSettings.unpack(row.settings),
        catalog_read_at=row.catalog_read_at,
        created_at=row.created_at,
        removed_at=row.removed_at,
    )
