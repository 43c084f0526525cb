"""Simulated CRM accounts for the demo and for end-to-end tests.

Each sub-package is one vendor. It imports nothing else of the product, so that the product
and its simulator cannot share a mistake.
"""

import importlib
import pkgutil
from types import ModuleType

import typer


def discover() -> dict[str, typer.Typer]:
    """Command groups of every simulated CRM, keyed by the sub-package's name."""
    return {name: importlib.import_module(f"{__name__}.{name}.cli").app for name in _vendors()}


def scenarios() -> dict[str, ModuleType]:
    """How the demo uses every simulated CRM: modules with `prepare`, keyed by name."""
    return {name: importlib.import_module(f"{__name__}.{name}.scenario") for name in _vendors()}


def _vendors() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
