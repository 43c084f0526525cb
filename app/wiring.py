"""The composition: which part gets what. Nothing here decides anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pydantic import ValidationError
from sqlalchemy import Connection

from app.analytics.facts import refresh_deals
from app.backfill.progress import DEFAULT_DAYS, queue_backfill
from app.backfill.run import Backfill
from app.clock import Clock, SystemClock
from app.config import PREFIX, ConfigError, Settings, problems_of
from app.crm.port import CrmAdapter
from app.crm.registry import AdapterEnvironment, adapter_settings, load_adapters
from app.db.engine import Database, open_database
from app.domain.stage import Catalog
from app.funnels.propose import propose
from app.funnels.publish import ask_all_rebuilds, publish
from app.funnels.versions import latest_number
from app.inbox.process import Processor
from app.installations.audit import SYSTEM
from app.installations.care import Care
from app.installations.clients import ClientPool
from app.installations.forget import forget_installation
from app.installations.install import Installer
from app.installations.rate import RateLimiter
from app.installations.services import Services
from app.installations.spool import TokenSpool
from app.installations.store import Installation
from app.installations.tokens import TokenKeeper
from app.installations.vault import Vault
from app.lock.watch import watch_locks
from app.ticks import build_ticks
from app.worker import Worker

PROJECTIONS = (refresh_deals, watch_locks)
FIRST_NOTE = {
    "ru": "Предложено по названиям стадий. Пока только наблюдаем.",
    "en": "Proposed from the names of the stages. Only watching for now.",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a test or a simulation may bring along instead of the real thing."""

    registry: Mapping[str, CrmAdapter]
    clock: Clock


def build_services(settings: Settings, db: Database, parts: Parts) -> Services:
    """Everything that requests and tasks work with."""
    vault = Vault([key.get_secret_value() for key in settings.secret_keys])
    spool = TokenSpool(settings.spool_dir, vault)
    keeper = TokenKeeper(db, vault, spool, parts.registry, parts.clock)
    clients = ClientPool(db, parts.registry, keeper, RateLimiter(db, parts.clock))
    installer = Installer(
        db,
        vault,
        parts.registry,
        clients.open,
        parts.clock,
        settings.public_url,
        first_steps=(partial(publish_first_mapping, parts.registry), ask_for_past),
    )
    return Services(settings, db, parts.registry, vault, keeper, clients, installer, parts.clock)


def real_parts(settings: Settings) -> Parts:
    """The adapters at hand and the machine's clock. Raises ConfigError for an adapter's settings."""
    clock = SystemClock()
    environment = AdapterEnvironment(settings.public_url, settings.sandbox_origins, clock)
    try:
        return Parts(load_adapters(environment), clock)
    except ValidationError as error:
        raise ConfigError(problems_of(error, _prefix(error.title))) from None


def _prefix(settings_name: str) -> str:
    """How the names of an adapter's variables begin."""
    prefixes = {each.__name__: each.model_config.get("env_prefix") for each in adapter_settings().values()}
    return prefixes.get(settings_name) or PREFIX


def open_services(settings: Settings) -> Services:
    """The services on the configured database; close them at the end."""
    return build_services(settings, open_database(settings.database), real_parts(settings))


def build_backfill(services: Services) -> Backfill:
    """What reads the past; the panel's facts are measured at its end."""
    return Backfill(services.db, services.clients.open, services.clock, ask_all_rebuilds)


def build_worker(services: Services, *, lanes: int) -> Worker:
    """What works on deals and keeps house: inside the web process or on its own."""
    spool = TokenSpool(services.settings.spool_dir, services.vault)
    care = Care(
        services.db,
        services.keeper,
        services.installer,
        services.clients.open,
        services.clock,
        lambda installation_id: forget_installation(services.db, spool, installation_id),
    )

    async def refresh_catalog(installation_id: int) -> None:
        await services.installer.refresh_catalog(installation_id)

    def more() -> None:
        worker.wake()

    processor = Processor(
        services.db,
        services.clients.open,
        services.clock,
        PROJECTIONS,
        refresh_catalog=refresh_catalog,
        pause=care.pause,
        more=more,
    )
    ticks = build_ticks(services, care, build_backfill(services))
    worker = Worker(services.db, processor, ticks, services.clock, lanes=lanes)
    return worker


def publish_first_mapping(
    registry: Mapping[str, CrmAdapter], conn: Connection, known: Installation, catalog: Catalog, now: datetime
) -> None:
    """Put the proposed mapping in force in shadow mode: it shows what it would do and does nothing."""
    language = known.settings.language
    for pipeline in catalog.pipelines:
        if pipeline.is_archived or latest_number(conn, known.id, pipeline.id):
            continue
        document = propose(catalog, pipeline, language, unseen=registry[known.crm].unseen)
        note = FIRST_NOTE[language]
        publish(conn, known.id, pipeline.id, document, stages=pipeline.stages, by=SYSTEM, now=now, note=note)


def ask_for_past(conn: Connection, known: Installation, _: Catalog, now: datetime) -> None:
    """Have the last 180 days read into the ledger."""
    queue_backfill(conn, known.id, DEFAULT_DAYS, now)
