"""Finds the adapters: every folder of `crm/adapters/` is one."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from app.clock import Clock
from app.crm import adapters
from app.crm.http import Transport
from app.crm.port import CrmAdapter


@dataclass(frozen=True, slots=True)
class AdapterEnvironment:
    """What an adapter is built from, beside its own settings.

    `trusted_origins` may act as CRM hosts beside the vendor's own domains; `transport` replaces
    the network in tests.
    """

    public_url: str
    trusted_origins: tuple[str, ...]
    clock: Clock
    transport: Transport | None = None


def load_adapters(environment: AdapterEnvironment) -> dict[str, CrmAdapter]:
    """Every adapter by its name. Raises pydantic's ValidationError for settings that make no sense."""
    built = [module.build(environment) for module in _packages()]
    return {adapter.name: adapter for adapter in built}


def adapter_settings() -> dict[str, type[BaseSettings]]:
    """The settings that each adapter reads by itself, by the adapter's name."""
    return {module.__name__.rpartition(".")[2]: module.SETTINGS for module in _packages()}


def unset_keys() -> dict[str, tuple[str, ...]]:
    """The variables of each adapter's client id and secret that are empty, by the adapter's name.

    Without them nobody can consent, no token is renewed and nobody's identity can be checked.
    """
    return {name: tuple(_empty(kind)) for name, kind in adapter_settings().items()}


def _empty(kind: type[BaseSettings]) -> Iterator[str]:
    given = kind()
    for name in ("client_id", "client_secret"):
        value = getattr(given, name, "")
        if not (value.get_secret_value() if isinstance(value, SecretStr) else value):
            yield f"{kind.model_config.get('env_prefix', '')}{name}".upper()


def _packages() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(adapters.__path__):
        if found.ispkg:
            yield importlib.import_module(f"{adapters.__name__}.{found.name}")
