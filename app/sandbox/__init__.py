"""Simulated CRM accounts for the demo and for end-to-end tests.

Each sub-package is one vendor. It imports nothing else of the product, so that the product
and its simulator cannot share a mistake.
"""

import importlib
import pkgutil

import typer


def discover() -> dict[str, typer.Typer]:
    """Command groups of every simulated CRM, keyed by the sub-package's name."""
    groups: dict[str, typer.Typer] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            command = importlib.import_module(f"{__name__}.{module.name}.cli")
            groups[module.name] = command.app
    return groups
