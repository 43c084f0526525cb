"""The doctor says what is wrong and what to do about it."""

import json
from dataclasses import replace

import pytest

from app.commands.checks import Health, check_keys
from app.crm.errors import Blocked, CrmError, PaymentRequired, RateLimited, Unavailable
from app.domain.stage import StageKind
from app.installations.vault import new_key
from tests.commands.shell import Shell

AMO = ("STEPGATE_AMOCRM_CLIENT_ID", "STEPGATE_AMOCRM_CLIENT_SECRET")


def test_the_doctor_finds_a_healthy_account_well(shell: Shell) -> None:
    shell.connect()
    found = json.loads(shell("doctor", "--json").output)
    assert {each["health"] for each in found} == {"ok"}
    assert {each["subject"].split(": ")[-1] for each in found} >= {"access", "CRM", "webhooks", "database"}


def test_the_doctor_warns_of_sandbox_origins(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.connect()
    monkeypatch.setenv("STEPGATE_SANDBOX_ORIGINS", "http://127.0.0.1:9100")
    assert "may act as CRMs" in shell("doctor").output
    shell("doctor", "--strict", status=1)


def test_the_doctor_says_what_to_do_about_what_is_broken(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "stepgate migrate" in shell("doctor", status=1).output
    shell.connect()
    shell.portal.is_revoked = True
    assert "connect" in shell("doctor", status=1).output
    monkeypatch.setenv("STEPGATE_SECRET_KEYS", "short")
    assert "keygen" in shell("doctor", status=1).output


def test_the_doctor_tells_of_a_mapping_that_names_what_the_crm_no_longer_has(shell: Shell) -> None:
    shell.connect()
    [pipeline, *others] = shell.portal.catalog.pipelines
    kept = tuple(stage for stage in pipeline.stages if stage.kind is not StageKind.OPEN)
    shell.portal.catalog = replace(shell.portal.catalog, pipelines=(replace(pipeline, stages=kept), *others))
    said = " ".join(shell("doctor").output.split())
    assert "names what the CRM no longer has" in said
    assert "publish it" in said


def test_the_doctor_does_not_blame_the_plan_when_the_crm_is_busy(shell: Shell) -> None:
    shell.connect()
    shell.portal.hook_fault = RateLimited(300)
    said = shell("doctor").output
    assert "the CRM does not serve us just now" in " ".join(said.split())
    assert "plan" not in said


def test_the_doctor_notices_a_lost_key(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.connect()
    monkeypatch.setenv("STEPGATE_SECRET_KEYS", new_key())
    assert "No key in STEPGATE_SECRET_KEYS opens the tokens" in shell("doctor", status=1).output


@pytest.mark.parametrize(
    ("fault", "status", "part"),
    [
        (RateLimited(300), 0, "The CRM asked for a pause. Nothing is lost."),
        (Blocked(), 1, "shut Stepgate out"),
        (PaymentRequired(), 1, "paid first"),
        (Unavailable(), 1, "does not answer as it should"),
    ],
)
def test_the_doctor_tells_what_the_crm_wants(shell: Shell, fault: CrmError, status: int, part: str) -> None:
    shell.connect()
    shell.portal.catalog_fault = fault
    said = " ".join(shell("doctor", status=status).output.split())
    assert part in said


def test_the_doctor_says_until_when_no_call_is_made(shell: Shell) -> None:
    shell.connect()
    shell.portal.pause = 300
    said = " ".join(shell("doctor").output.split())
    assert "makes no calls until" in said
    assert "in a minute" not in said


def test_the_doctor_wants_a_token_for_the_metrics_of_a_public_address(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.connect()
    monkeypatch.setenv("STEPGATE_PUBLIC_URL", "https://stepgate.example")
    assert "STEPGATE_METRICS_TOKEN is not set" in shell("doctor").output
    monkeypatch.setenv("STEPGATE_METRICS_TOKEN", "a long random text")
    assert "STEPGATE_METRICS_TOKEN" not in shell("doctor").output


def test_a_connected_accounts_crm_needs_its_keys() -> None:
    [finding] = check_keys({"one": AMO, "two": ("X",)}, {"one"})
    assert finding.health is Health.FAILURE
    assert "STEPGATE_AMOCRM_CLIENT_ID and STEPGATE_AMOCRM_CLIENT_SECRET" in finding.sentence


def test_without_accounts_the_keys_of_one_crm_are_enough() -> None:
    assert check_keys({"one": (), "two": ("X",)}, set()) == []
    [finding] = check_keys({"one": AMO, "two": ("X",)}, set())
    assert finding.health is Health.WARNING
    assert check_keys({}, {"fake"}) == []
