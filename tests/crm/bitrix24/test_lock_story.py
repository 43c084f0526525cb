"""The lock over the whole application and a portal: set up, tried by a seller, watched, cleaned up after."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, select

from app.crm.adapters.bitrix24.adapter import NAME
from app.db.tables import deal as deal_table
from app.db.tables import lock_trial, stage_move
from app.frontdoor.status import status_of
from app.inbox.process import Processor
from app.installations.audit import read_audit
from app.installations.store import change_settings
from app.lock.care import tend_trials
from app.lock.store import TrialStep
from app.wiring import PROJECTIONS, build_backfill
from tests.crm.bitrix24.gated import Gated
from tests.crm.bitrix24.kit import SERVER
from tests.crm.bitrix24.site import Site, make_site
from tests.mapping import checkpoint, gate, mapping
from tests.sandbox.bitrix24.role_kit import close_way, seller_role

NEW, PREPARING, OFFER, CONTRACT = "NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING"


@dataclass
class Keyring:
    """A portal with a gate on its third stage, and people who call our pages' API."""

    site: Site
    sessions: dict[int, str] = field(default_factory=dict)

    async def session(self, user_id: int, deal_id: str = "") -> str:
        """A fresh session of that person."""
        answer = await self.site.stepgate.http.post(
            f"/api/v1/session?crm={NAME}&deal_id={deal_id}", headers={"X-Auth-Token": self.proof(user_id)}
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def proof(self, user_id: int) -> str:
        """What the portal gives that person's page to prove him."""
        return f"{SERVER}rest/ {self.site.portal.apps.issue(self.site.app, user_id).access}"

    async def call(
        self, method: str, path: str, user_id: int = 0, proof: str = "", **more: Any
    ) -> httpx.Response:
        """A call of a page, by the administrator unless told otherwise."""
        token = await self.session(user_id or self.site.admin)
        headers = {"Authorization": f"Bearer {token}", **({"X-Auth-Token": proof} if proof else {})}
        return await self.site.stepgate.http.request(method, f"/api/v1/{path}", headers=headers, **more)

    async def lock(self) -> dict[str, Any]:
        """What the administrator's page shows."""
        answer = await self.call("GET", "lock?pipeline_id=0")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def stage(self) -> tuple[str, str]:
        """State and code of the only gate's lock."""
        [found] = (await self.lock())["stages"]
        return found["state"], found["code"]

    async def start(self, user_id: int = 0, stage: str = OFFER) -> httpx.Response:
        """The administrator starts a trial."""
        wish = {"pipeline_id": "0", "stage_id": stage, "user_id": str(user_id or self.site.seller)}
        return await self.call("POST", "lock/trials", json=wish)

    async def started(self) -> dict[str, Any]:
        """A trial that waits for the seller."""
        answer = await self.start()
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        assert found["state"] == "waiting"
        return found

    async def attempt(self, trial: dict[str, Any], user_id: int = 0, proof: str = "") -> httpx.Response:
        """The seller presses."""
        who = user_id or self.site.seller
        path = f"lock/trials/{trial['trial_id']}/attempt"
        return await self.call("POST", path, who, proof or self.proof(who))

    async def tried(self) -> dict[str, Any]:
        """A whole trial."""
        answer = await self.attempt(await self.started())
        assert answer.status_code == 200, answer.text
        await self.after_reading()
        found: dict[str, Any] = answer.json()
        return found

    async def note(self, trial: dict[str, Any]) -> dict[str, Any]:
        """What the card of the trial's deal tells the seller."""
        token = await self.session(self.site.seller, trial["deal_id"])
        card = await self.site.stepgate.http.get(
            f"/api/v1/deals/{trial['deal_id']}/checklist", headers={"Authorization": f"Bearer {token}"}
        )
        found: dict[str, Any] = card.json()["lock_trial"]
        return found

    async def after_reading(self) -> None:
        """The seller has had the time to read the answer."""
        self.site.clock.clock.advance(61)
        await self.tend()

    def close_all(self) -> None:
        """Set the seller's role as the page asks."""
        for start in (NEW, PREPARING):
            close_way(self.site.portal, self.site.seller, start, OFFER, CONTRACT, "WON")

    def trial_deals(self) -> list[int]:
        """Deals that we made and that are still there."""
        deals = self.site.portal.items[2].values()
        return [each.id for each in deals if each.origin_id.startswith("trial-")]

    async def settle(self) -> None:
        """Events heard and worked on, with all that is kept in step."""
        services = self.site.stepgate.services
        processor = Processor(
            services.db, services.clients.open, self.site.clock, PROJECTIONS, luck=lambda: 0.5
        )
        while await self.site.hear() or await processor.run_once("test"):
            pass

    async def in_ledger(self) -> list[str]:
        """Ids of all deals that the ledger knows."""

        def read(conn: Connection) -> list[str]:
            known = conn.scalars(select(deal_table.c.deal_id)).all()
            moved = conn.scalars(select(stage_move.c.deal_id)).all()
            return sorted({*known, *moved})

        return await self.site.stepgate.services.db.read(read)

    async def steps(self) -> list[str]:
        """How far all trials have come."""

        def read(conn: Connection) -> list[str]:
            return list(conn.scalars(select(lock_trial.c.state).order_by(lock_trial.c.started_at)))

        return await self.site.stepgate.services.db.read(read)

    async def set_row(self, **values: Any) -> None:
        """Leave the trial as a process that died would have left it."""
        await self.site.stepgate.services.db.write(
            lambda conn: conn.execute(lock_trial.update().values(values))
        )

    async def tend(self) -> None:
        """What is done about trials now and then."""
        await tend_trials(self.site.stepgate.services)


@pytest.fixture
async def ring(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Keyring]:
    """A connected portal with an enforcing gate before the third stage."""
    async with make_site(database_url, tmp_path, monkeypatch) as site:
        await site.install()
        seller_role(site.portal, site.seller)
        site.clock.clock.advance(60)
        await Gated(site).enforce(mapping([checkpoint("called")], [gate(OFFER, "called", mode="enforce")]))
        site.clock.clock.advance(60)
        yield Keyring(site)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_the_page_tells_what_to_set_and_where(ring: Keyring) -> None:
    found = await ring.lock()
    assert (found["is_supported"], found["plan"]["is_enough"]) == (True, None)
    assert found["roles_url"].endswith("/crm/configs/perms/")
    lines = {row["stage_id"]: [each["stage_id"] for each in row["closed"]] for row in found["matrix"]}
    assert lines[NEW] == lines[PREPARING] == [OFFER, CONTRACT, "WON"]
    assert set(lines) == {NEW, PREPARING, "WON", "LOSE"}
    [stage] = found["stages"]
    assert (stage["stage_id"], stage["mode"], stage["state"]) == (OFFER, "enforce", "unchecked")
    assert [each["stage_id"] for each in stage["closed_to"]] == [NEW, PREPARING, "WON", "LOSE"]
    assert found["trial"] is None


async def test_a_closed_lock_holds_and_leaves_nothing_behind(ring: Keyring) -> None:
    ring.close_all()
    done = await ring.tried()
    assert (done["state"], done["outcome"], done["code"]) == ("done", "holds", "refused_for_rights")
    tried = [(each["from_stage_id"], each["to_stage_id"], each["state"]) for each in done["results"]]
    assert tried == [
        (PREPARING, OFFER, "holds"),
        (NEW, OFFER, "holds"),
        (PREPARING, CONTRACT, "holds"),
        (NEW, CONTRACT, "holds"),
    ]
    assert await ring.stage() == ("holds", "refused_for_rights")
    assert ring.trial_deals() == []
    await ring.settle()
    assert await ring.in_ledger() == []
    actions = await ring.site.stepgate.services.db.read(lambda conn: read_audit(conn, 1))
    assert [each.action for each in actions][:2] == ["lock.attempt", "lock.trial"]


async def test_an_open_way_is_found_and_named(ring: Keyring) -> None:
    ring.close_all()
    seller_role(ring.site.portal, ring.site.seller).set_moves(NEW, [PREPARING, CONTRACT])
    done = await ring.tried()
    assert (done["outcome"], done["code"]) == ("leaks", "moved_by_seller")
    tried = {(each["from_stage_id"], each["to_stage_id"]): each["state"] for each in done["results"]}
    assert [way for way, state in tried.items() if state == "leaks"] == [(NEW, CONTRACT)]
    assert await ring.stage() == ("leaks", "moved_by_seller")
    assert ring.trial_deals() == []
    known = await ring.site.known()
    assert known
    now = ring.site.clock.now()
    status = await ring.site.stepgate.services.db.read(lambda conn: status_of(conn, known.id, "ru", now))
    assert [(each.stage_id, each.deal_id) for each in status.leaking_locks] == [(OFFER, "")]


async def test_the_hook_of_the_trial_s_deal_makes_no_deal_of_it(ring: Keyring) -> None:
    trial = await ring.started()
    ring.site.clock.clock.advance(5)
    await ring.settle()
    assert len(ring.trial_deals()) == 1
    assert await ring.in_ledger() == []
    card = await ring.call("GET", f"deals/{trial['deal_id']}/checklist", ring.site.admin)
    assert card.status_code == 200, card.text
    note = card.json()["lock_trial"]
    assert (note["trial_id"], note["state"], note["is_yours"]) == (trial["trial_id"], "waiting", False)
    assert card.json()["items"] == []


async def test_the_past_and_the_poll_leave_the_trial_s_deal_out(ring: Keyring) -> None:
    await ring.started()
    deal = ring.site.deal(PREPARING)
    ring.site.clock.clock.advance(30)
    known = await ring.site.known()
    assert known
    await build_backfill(ring.site.stepgate.services).run(known.id)
    await ring.site.poll()
    await ring.settle()
    assert len(ring.trial_deals()) == 1
    assert await ring.in_ledger() == [str(deal.id)]


async def test_the_seller_finds_the_trial_in_the_deal_s_card(ring: Keyring) -> None:
    trial = await ring.started()
    note = await ring.note(trial)
    assert (note["is_yours"], note["outcome"], note["stage_title"]) == (True, None, "КП отправлено")


async def test_the_deal_stays_until_the_seller_has_read_the_answer(ring: Keyring) -> None:
    ring.close_all()
    trial = await ring.started()
    await ring.attempt(trial)
    await ring.tend()
    assert len(ring.trial_deals()) == 1
    note = await ring.note(trial)
    assert (note["state"], note["outcome"]) == ("done", "holds")
    await ring.after_reading()
    assert ring.trial_deals() == []


async def test_only_the_chosen_seller_can_try(ring: Keyring) -> None:
    trial = await ring.started()
    other = ring.site.portal.add_user("Пётр", "Жуков").id
    assert code(await ring.attempt(trial, other)) == (403, "not_your_trial")
    assert code(await ring.attempt(trial, proof=ring.proof(other))) == (401, "proof_mismatch")
    assert code(await ring.attempt(trial, proof=f"{SERVER}rest/ {'0' * 70}"))[0] == 401
    assert await ring.steps() == [TrialStep.WAITING]
    assert (await ring.attempt(trial)).status_code == 200


async def test_a_trial_that_has_ended_is_not_tried_again(ring: Keyring) -> None:
    trial = await ring.started()
    await ring.attempt(trial)
    assert code(await ring.attempt(trial)) == (409, "trial_over")


async def test_an_administrator_who_presses_proves_nothing_about_sellers(ring: Keyring) -> None:
    trial = await ring.started()
    ring.site.portal.users[ring.site.seller].is_admin = True
    done = (await ring.attempt(trial)).json()
    assert (done["outcome"], done["code"]) == ("defeated", "admin_is_exempt")
    await ring.after_reading()
    assert ring.trial_deals() == []


async def test_an_administrator_is_not_picked_as_the_seller(ring: Keyring) -> None:
    assert code(await ring.start(ring.site.admin)) == (409, "admin_is_exempt")
    assert code(await ring.start(999)) == (404, "user_unknown")
    assert code(await ring.start(stage=CONTRACT)) == (404, "gate_unknown")
    assert ring.trial_deals() == []


async def test_sellers_do_not_start_or_see_locks(ring: Keyring) -> None:
    seller = ring.site.seller
    wish = {"pipeline_id": "0", "stage_id": OFFER, "user_id": str(seller)}
    assert (await ring.call("POST", "lock/trials", seller, json=wish)).status_code == 403
    assert (await ring.call("GET", "lock?pipeline_id=0", seller)).status_code == 403
    trial = await ring.started()
    assert (await ring.call("DELETE", f"lock/trials/{trial['trial_id']}", seller)).status_code == 403


async def test_a_plan_without_roles_is_told_apart_from_a_leak(ring: Keyring) -> None:
    ring.close_all()
    ring.site.portal.faults.role_rights = False
    ring.site.portal.config.license_type = "project"
    done = await ring.tried()
    assert (done["outcome"], done["code"]) == ("defeated", "plan_has_no_roles")
    found = await ring.lock()
    assert found["plan"] == {"is_enough": False, "title": "project"}


async def test_a_required_field_says_nothing_about_the_role(ring: Keyring) -> None:
    ring.site.portal.stages[2, OFFER].required.append("opportunity")
    ring.site.portal.stages[2, CONTRACT].required.append("opportunity")
    done = await ring.tried()
    assert (done["outcome"], done["code"]) == ("unknown", "required_field_instead")


async def test_one_trial_at_a_time(ring: Keyring) -> None:
    trial = await ring.started()
    assert code(await ring.start()) == (409, "trial_running")
    assert (await ring.call("DELETE", f"lock/trials/{trial['trial_id']}")).status_code == 204
    assert ring.trial_deals() == []
    assert (await ring.lock())["trial"] is None
    assert (await ring.start()).status_code == 201


async def test_with_writing_switched_off_nothing_is_made(ring: Keyring) -> None:
    known = await ring.site.known()
    assert known
    db = ring.site.stepgate.services.db
    await db.write(lambda conn: change_settings(conn, known.id, writes_off=True))
    assert code(await ring.start()) == (409, "writes_off")
    assert ring.trial_deals() == []


async def test_a_deal_whose_making_was_not_answered_is_found_and_deleted(ring: Keyring) -> None:
    ring.site.portal.faults.lost_write_rate = 1.0
    answer = await ring.start()
    ring.site.portal.faults.lost_write_rate = 0.0
    assert answer.status_code == 503
    assert len(ring.trial_deals()) == 1
    await ring.settle()
    assert await ring.in_ledger() == []
    await ring.tend()
    assert await ring.steps() == [TrialStep.MAKING]
    ring.site.clock.clock.advance(150)
    await ring.tend()
    assert await ring.steps() == [TrialStep.OVER]
    assert ring.trial_deals() == []
    await ring.settle()
    assert await ring.in_ledger() == []


async def test_a_crash_before_the_deletion_leaves_the_deal_to_whoever_tends_trials(ring: Keyring) -> None:
    await ring.started()
    await ring.set_row(state=TrialStep.CLEANING.value, outcome="holds")
    await ring.tend()
    assert await ring.steps() == [TrialStep.OVER]
    assert ring.trial_deals() == []
    assert (await ring.lock())["trial"]["outcome"] == "holds"


async def test_a_deal_that_the_portal_does_not_delete_now_is_deleted_later(ring: Keyring) -> None:
    await ring.started()
    await ring.set_row(state=TrialStep.CLEANING.value)
    ring.site.portal.faults.down = "503"
    await ring.tend()
    ring.site.portal.faults.down = ""
    await ring.tend()
    assert await ring.steps() == [TrialStep.CLEANING]
    ring.site.clock.clock.advance(301)
    await ring.tend()
    assert await ring.steps() == [TrialStep.OVER]
    assert ring.trial_deals() == []


async def test_an_attempt_that_died_can_be_made_again(ring: Keyring) -> None:
    ring.close_all()
    trial = await ring.started()
    until = ring.site.clock.now() + timedelta(minutes=3)
    await ring.set_row(state=TrialStep.TRYING.value, busy_until=until)
    assert code(await ring.attempt(trial)) == (409, "trial_busy")
    assert code(await ring.call("DELETE", f"lock/trials/{trial['trial_id']}")) == (409, "trial_busy")
    ring.site.clock.clock.advance(200)
    await ring.tend()
    done = await ring.attempt(trial)
    assert done.json()["outcome"] == "holds"


async def test_a_portal_that_is_away_leaves_the_trial_to_be_tried_again(ring: Keyring) -> None:
    ring.close_all()
    trial = await ring.started()
    token, proof = await ring.session(ring.site.seller), ring.proof(ring.site.seller)
    headers = {"Authorization": f"Bearer {token}", "X-Auth-Token": proof}
    ring.site.portal.faults.down = "503"
    path = f"/api/v1/lock/trials/{trial['trial_id']}/attempt"
    assert (await ring.site.stepgate.http.post(path, headers=headers)).status_code == 503
    ring.site.portal.faults.down = ""
    assert await ring.steps() == [TrialStep.WAITING]
    assert (await ring.attempt(trial)).json()["outcome"] == "holds"


async def test_a_trial_that_nobody_tries_is_cleaned_up_after_a_day(ring: Keyring) -> None:
    await ring.started()
    ring.site.clock.clock.advance(timedelta(hours=23).total_seconds())
    await ring.tend()
    assert len(ring.trial_deals()) == 1
    ring.site.clock.clock.advance(timedelta(hours=2).total_seconds())
    await ring.tend()
    assert ring.trial_deals() == []
    trial = (await ring.lock())["trial"]
    assert (trial["state"], trial["code"], trial["outcome"]) == ("done", "expired", None)
    assert await ring.stage() == ("unchecked", "")


async def test_a_trial_is_forgotten_long_after_its_deal(ring: Keyring) -> None:
    await ring.tried()
    ring.site.clock.clock.advance(timedelta(days=89).total_seconds())
    await ring.tend()
    assert await ring.steps() == [TrialStep.OVER]
    ring.site.clock.clock.advance(timedelta(days=2).total_seconds())
    await ring.tend()
    assert await ring.steps() == []


async def test_a_new_stage_before_the_gate_puts_the_lock_back_to_unchecked(ring: Keyring) -> None:
    ring.close_all()
    await ring.tried()
    ring.site.clock.clock.advance(5)
    portal = ring.site.portal
    portal.add_stage(0, "Расчёт", code="UC_1", sort=portal.stages[2, OFFER].sort - 5)
    await ring.site.refresh_catalog()
    document = mapping([checkpoint("called")], [gate(OFFER, "called", mode="enforce")])
    await Gated(ring.site).enforce(document)
    assert await ring.stage() == ("unchecked", "changed_since")


async def test_a_seller_s_real_move_shows_that_the_lock_leaks(ring: Keyring) -> None:
    ring.close_all()
    await ring.tried()
    deal = ring.site.deal(PREPARING)
    await ring.settle()
    ring.site.clock.clock.advance(60)
    seller_role(ring.site.portal, ring.site.seller).set_moves(PREPARING, ["ANY"])
    ring.site.move(deal, OFFER)
    await ring.settle()
    [stage] = (await ring.lock())["stages"]
    assert (stage["state"], stage["code"]) == ("leaks", "moved_by_seller")
    leak = stage["leak"]
    assert (leak["deal_id"], leak["by"], leak["title"]) == (str(deal.id), "Мария Ковалёва", "Сделка")
    assert leak["url"].endswith(f"/crm/deal/details/{deal.id}/")


async def test_an_administrator_s_own_passage_is_no_leak(ring: Keyring) -> None:
    ring.close_all()
    await ring.tried()
    deal = ring.site.deal(PREPARING)
    chief = ring.site.portal.add_user("Анна", "Глава", is_admin=True).id
    await ring.site.refresh_catalog()
    await ring.call("PATCH", "settings", chief, json={"timezone": "Europe/Moscow"})
    await ring.settle()
    ring.site.clock.clock.advance(60)
    ring.site.portal.update_item(deal, {"stage_id": OFFER}, ring.site.act(chief))
    await ring.settle()
    [stage] = (await ring.lock())["stages"]
    assert (stage["state"], stage["code"]) == ("defeated", "admin_is_exempt")
    assert stage["leak"]["by"] == "Анна Глава"


async def test_with_a_lock_that_holds_the_button_is_the_way_in(ring: Keyring) -> None:
    ring.close_all()
    await ring.tried()
    deal = ring.site.deal(PREPARING)
    ring.site.clock.clock.advance(60)
    ring.site.portal.add_call(deal, ring.site.act(), duration=90)
    await ring.settle()
    ring.site.clock.clock.advance(30)
    card = (await ring.call("GET", f"deals/{deal.id}/checklist")).json()
    assert card["forward"]["state"] == "ready"
    pressed = await ring.call("POST", f"deals/{deal.id}/forward", json={"stage_id": OFFER})
    assert pressed.status_code == 202
    await ring.settle()
    assert deal.stage_id == OFFER
    ring.site.clock.clock.advance(30)
    await ring.settle()
    assert await ring.stage() == ("holds", "refused_for_rights")
