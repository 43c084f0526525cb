"""The whole application in process, on a fresh database, in front of a given CRM."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from app.clock import Clock
from app.config import Settings, load_settings
from app.crm.port import CrmAdapter
from app.installations.services import Services
from app.installations.vault import new_key
from app.main import create_app
from app.wiring import Parts

PUBLIC_URL = "https://stepgate.test"


def settings_for(database_url: str, folder: Path, **changes: Any) -> Settings:
    """Settings of a test: nothing of the environment counts but what it sets on purpose."""
    given = {
        "database_url": database_url,
        "public_url": PUBLIC_URL,
        "secret_keys": new_key(),
        "spool_dir": folder / "spool",
        "workers": 0,
        **changes,
    }
    return load_settings(env_file=None, **given)


@dataclass(frozen=True)
class Running:
    """An application that runs, and a caller in front of it."""

    app: FastAPI
    http: httpx.AsyncClient

    @property
    def services(self) -> Services:
        """What its routes work with."""
        services: Services = self.app.state.services
        return services


@asynccontextmanager
async def running(settings: Settings, adapter: CrmAdapter, clock: Clock) -> AsyncIterator[Running]:
    """Start the application, and stop it at the end."""
    app = create_app(settings, Parts({adapter.name: adapter}, clock))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as http,
    ):
        yield Running(app, http)
