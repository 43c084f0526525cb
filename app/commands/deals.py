"""Everything that Stepgate knows of one deal, for the operator who is asked why."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, select

from app.checklist.forward import press_forward
from app.commands.session import (
    AccountOption,
    JsonOption,
    console,
    echo_json,
    opened,
    pick_account,
    pick_pipeline,
    pick_stage,
    run,
)
from app.db.tables import outbox
from app.domain.checklist import build_checklist
from app.domain.stage import Catalog, StageRef
from app.errors import NotFound
from app.evidence.contest import find_objection
from app.funnels.current import current_version
from app.installations.audit import OPERATOR
from app.installations.store import Installation, load_catalog
from app.ledger.read import answers_of, deal_of, evidence_of, moves_of
from app.verdicts.store import verdicts_of

deal = typer.Typer(no_args_is_help=True, help="What Stepgate knows of a deal.")
NO_CATALOG = Catalog(())


@deal.callback()
def _group() -> None:
    """What Stepgate knows of a deal."""


@deal.command()
def show(
    deal_id: Annotated[str, typer.Argument(help="The deal's id in the CRM.")],
    account: AccountOption = "",
    as_json: JsonOption = False,
) -> None:
    """Checkpoints, evidence, moves, verdicts and writes of a deal."""
    found, catalog = run(_read(deal_id, account))
    if as_json:
        echo_json(found)
    else:
        _print(found, catalog, console())


@deal.command()
def forward(
    deal_id: Annotated[str, typer.Argument(help="The deal's id in the CRM.")],
    stage: Annotated[str, typer.Argument(help="Id or name of the next gated stage.")],
    account: AccountOption = "",
) -> None:
    """Have a deal moved on to its next gated stage, as the button in its card does."""
    run(_forward(deal_id, stage, account))
    typer.echo("Stepgate moves the deal on; `stepgate deal show` tells when it is done.")


async def _forward(deal_id: str, stage: str, account: str) -> None:
    async with opened() as services:
        now = services.clock.now()

        def press(conn: Connection) -> None:
            known = pick_account(conn, account)
            found = deal_of(conn, known.id, deal_id)
            if found is None:
                raise NotFound(f"Deal {deal_id} is not known. Has the account's past been read?")
            _, pipeline = pick_pipeline(conn, known, found.stage.pipeline_id)
            wanted = pick_stage(pipeline, stage).ref.stage_id
            press_forward(conn, known, deal_id, wanted, by=OPERATOR, language="en", now=now)

        await services.db.write(press)


async def _read(deal_id: str, account: str) -> tuple[dict[str, Any], Catalog]:
    async with opened() as services:
        now = services.clock.now()

        def read(conn: Connection) -> tuple[dict[str, Any], Catalog]:
            known = pick_account(conn, account)
            catalog = load_catalog(conn, known.id) or NO_CATALOG
            return describe_deal(conn, known, deal_id, now), catalog

        return await services.db.read(read)


def describe_deal(conn: Connection, known: Installation, deal_id: str, now: datetime) -> dict[str, Any]:
    """All that the database holds of a deal, as plain values. Raises NotFound."""
    found = deal_of(conn, known.id, deal_id)
    if found is None:
        raise NotFound(f"Deal {deal_id} is not known. Has the account's past been read?")
    moves = moves_of(conn, known.id, deal_id)
    facts = evidence_of(conn, known.id, deal_id, moves)
    version = current_version(conn, known.id, found.stage.pipeline_id)
    answers = answers_of(conn, known.id, deal_id)
    checklist = build_checklist(version, found, facts, now, answers) if version else None
    writes = conn.execute(
        select(outbox)
        .where(outbox.c.installation_id == known.id, outbox.c.deal_id == deal_id)
        .order_by(outbox.c.seq)
    )
    verdicts = verdicts_of(conn, known.id, deal_id)
    objections = {log_id: find_objection(conn, known.id, log_id) for log_id in verdicts}
    return {
        "deal": plain(found),
        "version": version.number if version else None,
        "checkpoints": [plain(item) for item in checklist.items] if checklist else [],
        "evidence": plain(facts),
        "moves": plain(moves),
        "verdicts": [
            {**plain(each.verdict), "action": each.action, "objection": plain(objections[log_id])}
            for log_id, each in verdicts.items()
        ],
        "writes": [plain(dict(row._mapping)) for row in writes],
    }


def plain(value: Any) -> Any:
    """Values as JSON knows them."""
    if isinstance(value, StageRef):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(plain(each) for each in value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


Columns = Mapping[str, Callable[[Mapping[str, Any]], str]]
"""A column's title and how its cell is read from a row."""

CHECKPOINTS: Columns = {
    "step": lambda row: row["checkpoint"]["title"],
    "state": lambda row: row["result"]["state"],
    "why": lambda row: row["result"]["reason"],
    "grade": lambda row: row["result"]["grade"] or "",
}
EVIDENCE: Columns = {
    "when": lambda row: ("" if row["is_dated"] else "≤ ") + _moment(row["occurred_at"]),
    "kind": lambda row: row["kind"],
    "direction": lambda row: row["direction"] or "",
    "seconds": lambda row: str(row["seconds"]),
    "grade": lambda row: row["grade"],
    "id": lambda row: row["source_id"],
}
VERDICTS: Columns = {
    "when": lambda row: _moment(row["decided_at"]),
    "outcome": lambda row: row["outcome"],
    "why": lambda row: row["reason"],
    "mode": lambda row: row["mode"] or "",
    "done about it": lambda row: row["action"],
    "objection": lambda row: (row["objection"] or {}).get("text", ""),
    "answer": lambda row: (row["objection"] or {}).get("note", ""),
}
WRITES: Columns = {
    "when": lambda row: _moment(row["created_at"]),
    "what": lambda row: row["kind"],
    "state": lambda row: row["state"],
    "tries": lambda row: str(row["tries"]),
    "error": lambda row: row["last_error"],
}


def _print(found: Mapping[str, Any], catalog: Catalog, out: Console) -> None:
    def stage(text: str | None) -> str:
        known = catalog.stage(StageRef.parse(text)) if text else None
        return known.title if known else (text or "–")

    moves: Columns = {
        "when": lambda row: _moment(row["occurred_at"]),
        "from": lambda row: stage(row["from_stage"]),
        "to": lambda row: stage(row["to_stage"]),
        "by": lambda row: catalog.user_name(row["actor_id"]) or row["actor_id"],
        "origin": lambda row: row["origin"],
    }
    this = found["deal"]
    out.print(f"{this['id']} «{this['title']}», stage «{stage(this['stage'])}», as of {this['read_at']}")
    _table(out, "Checkpoints", CHECKPOINTS, found["checkpoints"])
    _table(out, "Evidence", EVIDENCE, found["evidence"])
    _table(out, "Moves", moves, found["moves"])
    _table(out, "Verdicts", VERDICTS, found["verdicts"])
    _table(out, "Writes", WRITES, found["writes"])


def _moment(text: str) -> str:
    return text[:16].replace("T", " ")


def _table(out: Console, title: str, columns: Columns, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        out.print(f"{title}: none")
        return
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name == "when")
    for row in rows:
        table.add_row(*(read(row) for read in columns.values()))
    out.print(table)
