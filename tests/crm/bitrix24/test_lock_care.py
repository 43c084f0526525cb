"""Trials that nobody ends: lost answers, deaths, a portal that is away, sellers who never come."""

from datetime import timedelta

from app.lock.store import TrialStep
from tests.crm.bitrix24.keyring import Keyring, code


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
