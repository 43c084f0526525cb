"""Every adapter says how good it is, rule by rule, and names the tests that prove it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ADAPTERS = ROOT / "app" / "crm" / "adapters"
FOLDERS = sorted(path for path in ADAPTERS.iterdir() if (path / "__init__.py").exists())
GUIDE = (ROOT / "app" / "crm" / "ADDING_A_CRM.md").read_text(encoding="utf-8")
RULES = {
    "contract_suite",
    "every_refusal_has_an_error",
    "secrets_go_to_known_hosts_only",
    "hooks_are_bounded",
    "hooks_are_authentic",
    "every_captured_hook_is_read",
    "rotation_survives_lost_answers",
    "renamed_account_is_found",
    "removal_is_verified",
    "viewer_is_proven",
    "rate_and_bans_are_obeyed",
    "writes_can_be_found_again",
    "writes_change_only_what_is_meant",
    "evidence_has_honest_grades",
    "calls_are_attributed_or_left_out",
    "history_is_exact_and_resumable",
    "uncertainties_have_a_switch",
    "proven_on_a_live_account",
}
NEVER_EXEMPT = {"contract_suite", "secrets_go_to_known_hosts_only", "viewer_is_proven"}


def rules_of(folder: Path) -> dict[str, dict[str, Any]]:
    """What an adapter says of itself."""
    found: dict[str, dict[str, Any]] = yaml.safe_load((folder / "quality.yaml").read_text("utf-8"))["rules"]
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_an_adapter_answers_every_rule_and_no_other(folder: Path) -> None:
    assert set(rules_of(folder)) == RULES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_what_is_done_is_proven_and_what_is_not_says_why(folder: Path) -> None:
    for name, rule in rules_of(folder).items():
        assert rule["status"] in {"done", "exempt", "open"}, name
        if rule["status"] == "done":
            assert (ROOT / rule["proof"]).is_file(), name
        else:
            assert len(rule["reason"].split()) >= 5, name
            assert name not in NEVER_EXEMPT


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_an_adapter_has_notes_on_what_is_not_certain(folder: Path) -> None:
    notes = (folder / "NOTES.md").read_text(encoding="utf-8")
    assert "Live tests" in notes


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_is_explained_to_whoever_adds_a_crm(rule: str) -> None:
    assert f"`{rule}`" in GUIDE
