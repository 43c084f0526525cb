"""The product itself on a port of its own, with an account of the test's making, for the guided import."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine

from app.clock import SystemClock
from app.db.engine import open_database
from app.db.sqlite import sqlite_driver
from app.db.tables import metadata
from app.domain.stage import Catalog, DealField, Pipeline, Stage, StageKind, StageRef
from app.funnels.document import FunnelDocument
from app.funnels.propose import propose
from app.funnels.transfer.export import file_of
from app.funnels.transfer.file import Origin
from app.funnels.transfer.write import text_of
from app.installations.services import Services
from app.installations.sessions import SessionViewer, issue_session
from app.installations.store import save_catalog
from app.main import create_app
from app.wiring import Parts
from tests.application import settings_for
from tests.factories import NOW, add_installation
from tests.funnels.transfer.accounts import abroad, home
from tests.installations.portal import Portal, adapter_of
from tests.served import served

ORIGIN = Origin(account="Опора", crm="other", account_id="77", pipeline="Продажи", version=3)


@dataclass(frozen=True)
class ProductSite:
    """The running product with one account; its administrator is user 7."""

    port: int
    token: str

    def page(self, language: str = "ru", theme: str = "light") -> str:
        """The settings in a tab of their own."""
        fragment = f"token={self.token}&language={language}&theme={theme}"
        return f"http://127.0.0.1:{self.port}/embed/fake/1001/settings#{fragment}"


@contextmanager
def product_site(folder: Path, catalog: Catalog) -> Iterator[ProductSite]:
    """Serve the product with an account of that catalog, which has never been mapped."""
    url = f"sqlite:///{folder / 'stepgate.db'}"
    engine = create_engine(url, module=sqlite_driver())
    metadata.create_all(engine)
    engine.dispose()
    settings = settings_for(url, folder)
    # In a thread of its own: the browser keeps an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        tenant = thread.submit(lambda: asyncio.run(_filled(url, catalog))).result()
    app = create_app(settings, Parts({"fake": adapter_of(Portal())}, SystemClock()))
    with served(app) as running:
        yield ProductSite(running.port, _token(app.state.services, tenant))


async def _filled(url: str, catalog: Catalog) -> int:
    database = open_database(url)
    tenant = await database.write(add_installation)
    await database.write(lambda conn: save_catalog(conn, tenant, catalog, NOW))
    await database.close()
    return tenant


def _token(services: Services, tenant: int) -> str:
    viewer = SessionViewer(tenant, "7", is_admin=True, language="ru")
    return issue_session(services.vault, viewer, services.clock.now(), timedelta(hours=1))


def usual_file() -> str:
    """The proposed mapping of the Russian account as a file; one gate is strict, one person sees all."""
    account = home()
    document = propose(account, account.pipelines[0], "ru")
    document.segments[0].gates[1].mode = document.segments[0].gates[1].mode.ENFORCE
    return file_text(document, account)


def file_text(document: FunnelDocument, account: Catalog) -> str:
    """A file of another account."""
    return text_of(file_of(document, account, account.pipelines[0], ORIGIN, seeing_all=["2"]), "ru")


def huge(stages: int, fields: int) -> tuple[str, Catalog]:
    """A file and an account of very many stages and fields; every third name differs."""

    def account(other: str) -> Catalog:
        listed = tuple(
            Stage(StageRef("1", f"s{n}"), f"Стадия {_word(n)}{other * (n % 3 == 0)}", StageKind.OPEN, n)
            for n in range(stages)
        )
        deal_fields = tuple(
            DealField(f"f{n}", f"Поле {_word(n)}{other * (n % 3 == 0)}") for n in range(fields)
        )
        return Catalog((Pipeline("1", "Большая", listed, is_main=True),), abroad().users, deal_fields)

    before = account("")
    steps = [
        {
            "key": f"k{n}",
            "title": f"Клиент сделал {n}",
            "proof": {
                "triggers": [
                    {"kind": "field", "subject": f"f{n * 15 + m}"} for m in range(15) if n * 15 + m < fields
                ]
            },
        }
        for n in range(20)
    ]
    gates = [{"stage_id": f"s{n}", "checkpoint_keys": [f"k{n % 20}"]} for n in range(stages)]
    document = FunnelDocument.model_validate(
        {"segments": [{"key": "all", "title": "Все", "checkpoints": steps, "gates": gates}]}
    )
    return file_text(document, before), account(" иначе")


def _word(number: int) -> str:
    letters = "бвгджзклмнпрст"
    return "".join(letters[(number // len(letters) ** place) % len(letters)] + "а" for place in range(3))
