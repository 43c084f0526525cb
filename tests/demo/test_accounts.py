"""Several accounts in one demo: one Stepgate knows them all."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.demo import DemoError
from app.demo.run import DemoOptions, run, settings_of
from app.sandbox import scenarios


@dataclass
class Account:
    """As much of an account's scenario as settings are made of."""

    environment: dict[str, str] = field(default_factory=dict)


def test_what_two_accounts_set_is_a_list_with_both() -> None:
    accounts = [
        Account({"ORIGINS": "http://a", "ONE_ID": "1"}),
        Account({"ORIGINS": "http://b", "TWO_ID": "2"}),
    ]
    assert settings_of(accounts) == {"ORIGINS": "http://a,http://b", "ONE_ID": "1", "TWO_ID": "2"}


def test_every_simulated_crm_says_how_its_demo_starts() -> None:
    for name, module in scenarios().items():
        account = module.prepare(
            port=9400,
            public_url="http://127.0.0.1:9401",
            archive=Path("widget.zip"),
            seed=1,
            leads=5,
            log=None,
        )
        assert account.crm == name
        assert account.board_url.startswith(account.origin)
        assert isinstance(account.needs_archive, bool)
        assert account.environment["STEPGATE_SANDBOX_ORIGINS"] == account.origin


def test_an_unknown_crm_is_named_with_those_that_there_are() -> None:
    with pytest.raises(DemoError, match="There is no simulated CRM 'other'"):
        run(DemoOptions(crm="other", open_browser=False))
