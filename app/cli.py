"""`stepgate`: everything that an operator does."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.commands import (
    account,
    accounts,
    choices,
    deals,
    doctor,
    lanes,
    locks,
    mapping,
    objections,
    process,
    reports,
    transfer,
    versions,
    widgets,
)
from app.config import ConfigError
from app.crm.errors import AuthExpired, CrmError
from app.errors import StepgateError
from app.sandbox import discover

EPILOG = (
    "Settings come from the environment (STEPGATE_…) or a file .env; docs/configuration.md lists them. "
    "First steps: keygen, migrate, serve, then install. Something odd? doctor."
)
app = typer.Typer(
    name="stepgate",
    help="Client-action checkpoints over the stages of a sales pipeline.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command(rich_help_panel="Running")(process.serve)
app.command(rich_help_panel="Running")(process.worker)
app.command(rich_help_panel="Running")(process.migrate)
app.command(rich_help_panel="Running")(process.keygen)
app.command(rich_help_panel="Running")(doctor.doctor)
app.command(rich_help_panel="Accounts")(accounts.install)
app.command(rich_help_panel="Accounts")(accounts.backfill)
app.add_typer(account.account, name="account", rich_help_panel="Accounts")
app.add_typer(choices.writes, name="writes", rich_help_panel="Accounts")
app.add_typer(lanes.lanes, name="lanes", rich_help_panel="Accounts")
mapping.funnel.command()(versions.versions)
mapping.funnel.command()(versions.restore)
mapping.funnel.command()(versions.diff)
mapping.funnel.command()(transfer.export)
mapping.funnel.command("import")(transfer.import_)
app.add_typer(mapping.funnel, name="funnel", rich_help_panel="Mapping")
app.add_typer(mapping.gate, name="gate", rich_help_panel="Mapping")
app.add_typer(locks.lock, name="lock", rich_help_panel="Mapping")
app.add_typer(reports.report, name="report", rich_help_panel="Reading")
app.add_typer(deals.deal, name="deal", rich_help_panel="Reading")
app.add_typer(objections.objections, name="objections", rich_help_panel="Reading")
app.add_typer(widgets.widget, name="widget", rich_help_panel="Trying out and shipping")


@app.command(rich_help_panel="Trying out and shipping")
def demo(
    port: Annotated[
        int,
        typer.Option(
            min=1,
            max=65534,
            help="Port of the simulated CRM; Stepgate takes the next, a second CRM the one after.",
        ),
    ] = 9100,
    browser: Annotated[bool, typer.Option(help="Open the board in a browser.")] = True,
    seed: Annotated[int, typer.Option(help="The same number gives the same account.")] = 1,
    leads: Annotated[int, typer.Option(min=1, max=20_000, help="How many leads the account has.")] = 1_500,
    log: Annotated[
        Path | None, typer.Option(help="Fill the account from this event log (CSV).", exists=True)
    ] = None,
    crm: Annotated[str, typer.Option(help="Which simulated CRM; all, one after another, unless given.")] = "",
) -> None:
    """Start a simulated CRM and a Stepgate in it, filled with 180 days, and open the board.

    Nothing outside this machine is called; Ctrl-C ends it.
    """
    from app.demo import DemoError, DemoOptions, run

    try:
        run(DemoOptions(port=port, open_browser=browser, seed=seed, leads=leads, log=log, crm=crm))
    except DemoError as error:
        _fail(str(error))


def _mount_sandboxes() -> None:
    sandbox = typer.Typer(no_args_is_help=True, help="Simulated CRM accounts for demonstrations and tests.")
    for name, group in sorted(discover().items()):
        sandbox.add_typer(group, name=name)
    app.add_typer(sandbox, name="sandbox", rich_help_panel="Trying out and shipping")


_mount_sandboxes()


def main() -> None:
    """Run a verb; what is expected to go wrong ends in a sentence and status 1."""
    try:
        app()
    except ConfigError as error:
        for name, sentence in error.problems:
            print(f"{name}: {sentence}", file=sys.stderr)
        _exit(2)
    except StepgateError as error:
        for problem in error.problems:
            print(f"{problem.get('path', '')}: {problem.get('sentence', '')}", file=sys.stderr)
        _fail(error.sentence)
    except AuthExpired:
        _fail("The CRM does not accept our access. Connect the account again.")
    except CrmError as error:
        _fail(f"The CRM did not do it ({type(error).__name__}). Try again, or look at `stepgate doctor`.")


def _fail(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    _exit(1)


def _exit(status: int) -> None:
    raise SystemExit(status)


if __name__ == "__main__":
    main()
