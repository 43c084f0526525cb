"""The archive that an administrator uploads into his CRM."""

import importlib
import pkgutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, cast

import typer

from app.config import load_settings
from app.crm import adapters
from app.errors import NotFound
from app.installations.vault import new_key

widget = typer.Typer(no_args_is_help=True, help="The part of Stepgate that lives in the CRM's pages.")


@widget.callback()
def _group() -> None:
    """The part of Stepgate that lives in the CRM's pages."""


@widget.command()
def build(
    crm: Annotated[str, typer.Option(help="Which CRM: the name of an adapter.")],
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("build/widget.zip"),
) -> None:
    """Build the archive for STEPGATE_PUBLIC_URL. The same sources and address give the same bytes."""
    # The archive holds an address and no secret, so it needs no key either.
    public_url = load_settings(secret_keys=new_key()).public_url
    path = _builder(crm)(out, public_url)
    typer.echo(f"Wrote {path}. Upload it in the CRM's settings.")


def _builder(crm: str) -> Callable[[Path, str], Path]:
    """Every adapter's folder holds its archive's sources and `build.py`."""
    names = [found.name for found in pkgutil.iter_modules(adapters.__path__) if found.ispkg]
    if crm not in names:
        raise NotFound(f"There is no adapter {crm!r}. There are: {', '.join(names)}.")
    folder = f"{adapters.__name__}.{crm}.widget"
    if find_spec(folder) is None:
        raise NotFound(f"{crm} takes no archive: its application is set up by addresses alone.")
    module = importlib.import_module(f"{folder}.build")
    return cast("Callable[[Path, str], Path]", module.build_archive)
