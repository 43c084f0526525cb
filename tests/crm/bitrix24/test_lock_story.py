"""The lock over the whole application and a portal: set up, tried by a seller, watched, cleaned up after."""

from app.frontdoor.status import status_of
from app.installations.audit import read_audit
from app.installations.store import change_settings
from app.lock.store import TrialStep
from app.wiring import build_backfill
from tests.crm.bitrix24.gated import Gated
from tests.crm.bitrix24.keyring import CONTRACT, NEW, OFFER, PREPARING, Keyring, code
from tests.crm.bitrix24.kit import SERVER
from tests.mapping import checkpoint, gate, mapping
from tests.sandbox.bitrix24.role_kit import seller_role


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
