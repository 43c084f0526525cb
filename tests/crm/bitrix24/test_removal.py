"""The app is removed in the portal, with its data or without, and perhaps installed again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from app.db.tables import installation
from app.funnels.versions import latest_number
from app.installations.credentials import load_credential
from app.installations.store import InstallationState, get_installation, set_state
from app.ledger.read import deal_of
from app.sandbox.bitrix24.installs import add_app, remove_app
from tests.crm.bitrix24.gated import Gated
from tests.crm.bitrix24.site import Site, make_site
from tests.mapping import checkpoint, gate, mapping
from tests.tenants import count_rows

OFFER = "PREPAYMENT_INVOICE"


@pytest.fixture
async def site(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """A portal with our app connected, a mapping in its second version and a deal that we know."""
    async with make_site(database_url, tmp_path, monkeypatch) as site:
        await site.install()
        site.clock.clock.advance(60)
        await Gated(site).enforce(mapping([checkpoint("called")], [gate(OFFER, "called", mode="warn")]))
        site.deal()
        await site.settle()
        site.clock.clock.advance(60)
        yield site


async def id_of(site: Site) -> int:
    known = await site.known()
    assert known
    return known.id


async def state_of(site: Site, installation_id: int) -> InstallationState:
    known = await site.stepgate.services.db.read(lambda conn: get_installation(conn, installation_id))
    return known.state


async def has_tokens(site: Site, installation_id: int) -> bool:
    services = site.stepgate.services
    found = await services.db.read(lambda conn: load_credential(conn, services.vault, installation_id))
    return found is not None


async def kept(site: Site, installation_id: int) -> dict[str, int]:
    found = await site.stepgate.services.db.read(lambda conn: count_rows(conn, installation_id))
    return {name: count for name, count in found.items() if count}


async def version_of(site: Site, installation_id: int) -> int | None:
    return await site.stepgate.services.db.read(lambda conn: latest_number(conn, installation_id, "0"))


@pytest.mark.parametrize("clean", [False, True])
async def test_tokens_are_gone_with_the_event_itself(site: Site, clean: bool) -> None:
    before = await id_of(site)
    remove_app(site.portal, site.app, clean=clean)
    await site.hear()
    assert await state_of(site, before) is InstallationState.DISABLED
    assert not await has_tokens(site, before)


async def test_without_clean_a_second_installation_finds_its_mapping_again(site: Site) -> None:
    before = await id_of(site)
    assert await version_of(site, before) == 2
    remove_app(site.portal, site.app, clean=False)
    await site.hear()
    await site.tend()
    site.clock.clock.advance(3600)
    add_app(site.portal, site.app, site.admin)
    await site.install()
    assert await id_of(site) == before
    assert await state_of(site, before) is InstallationState.ACTIVE
    assert await version_of(site, before) == 2
    assert (await kept(site, before))["deal"] == 1


async def test_with_clean_not_one_row_stays(site: Site) -> None:
    before = await id_of(site)
    remove_app(site.portal, site.app, clean=True)
    await site.hear()
    assert await site.known() is None
    await site.tend()
    assert await kept(site, before) == {}
    left = await site.stepgate.services.db.read(lambda conn: conn.execute(select(installation)).all())
    assert left == []
    await site.tend()


@pytest.mark.parametrize("is_wiped_first", [False, True])
async def test_after_a_clean_removal_everything_begins_anew(site: Site, is_wiped_first: bool) -> None:
    before = await id_of(site)
    remove_app(site.portal, site.app, clean=True)
    await site.hear()
    if is_wiped_first:
        await site.tend()
    site.clock.clock.advance(60)
    add_app(site.portal, site.app, site.admin)
    await site.install()
    fresh = await id_of(site)
    assert fresh != before
    await site.tend()
    assert await kept(site, before) == {}
    assert (await state_of(site, fresh), await has_tokens(site, fresh)) == (InstallationState.ACTIVE, True)
    assert await version_of(site, fresh) == 1
    deal = site.deal()
    await site.settle()
    assert await site.stepgate.services.db.read(lambda conn: deal_of(conn, fresh, str(deal.id)))


@pytest.mark.parametrize("clean", [False, True])
async def test_a_removal_that_arrives_after_the_next_installation_changes_nothing(
    site: Site, clean: bool
) -> None:
    before = await id_of(site)
    site.portal.faults.delay_min = site.portal.faults.delay_max = 600
    remove_app(site.portal, site.app, clean=clean)
    site.clock.clock.advance(60)
    add_app(site.portal, site.app, site.admin)
    await site.install()
    site.clock.clock.advance(1200)
    await site.hear()
    assert await id_of(site) == before
    assert (await state_of(site, before), await has_tokens(site, before)) == (InstallationState.ACTIVE, True)


async def test_an_account_whose_connection_is_dead_is_removed_too(site: Site) -> None:
    before = await id_of(site)

    def kill(conn: Connection) -> None:
        set_state(conn, before, InstallationState.REAUTH_REQUIRED, "token_refused")

    await site.stepgate.services.db.write(kill)
    remove_app(site.portal, site.app, clean=True)
    await site.hear()
    await site.tend()
    assert await kept(site, before) == {}


async def test_who_posts_a_removal_without_the_secret_removes_nothing(site: Site) -> None:
    before = await id_of(site)
    url = next(row.url for row in site.app.handlers if row.event == "ONAPPUNINSTALL")
    form = {"event": "ONAPPUNINSTALL", "data[CLEAN]": "1", "auth[member_id]": site.portal.member_id}
    answer = await site.stepgate.http.post(url, data={**form, "auth[application_token]": "f" * 32})
    assert answer.status_code == 403
    assert await state_of(site, before) is InstallationState.ACTIVE
