"""Secrets open for their owner and purpose only, and outlive a change of keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.installations.vault import Vault, VaultError, new_key

KEY = new_key()


@given(st.integers(1, 2**40), st.text(max_size=20), st.binary(max_size=200))
def test_what_was_sealed_opens_again(tenant: int, purpose: str, value: bytes) -> None:
    vault = Vault([KEY])
    assert vault.open(tenant, purpose, vault.seal(tenant, purpose, value)) == value


@pytest.mark.parametrize(("tenant", "purpose"), [(2, "tokens"), (1, "hook_key")])
def test_a_row_copied_to_another_tenant_or_purpose_does_not_open(tenant: int, purpose: str) -> None:
    vault = Vault([KEY])
    with pytest.raises(VaultError):
        vault.open(tenant, purpose, vault.seal(1, "tokens", b"secret"))


def test_an_older_key_still_opens_and_recognises() -> None:
    old, fresh = Vault([KEY]), Vault([new_key(), KEY])
    assert fresh.open(1, "tokens", old.seal(1, "tokens", b"secret")) == b"secret"
    assert old.digest("hook_key", "abc") in fresh.digests("hook_key", "abc")


def test_resealing_moves_a_value_under_the_first_key() -> None:
    first = new_key()
    both = Vault([first, KEY])
    moved = both.reseal(1, "tokens", Vault([KEY]).seal(1, "tokens", b"secret"))
    assert Vault([first]).open(1, "tokens", moved) == b"secret"


def test_a_key_that_was_removed_opens_nothing() -> None:
    sealed = Vault([KEY]).seal(1, "tokens", b"secret")
    with pytest.raises(VaultError, match="not among the secret keys"):
        Vault([new_key()]).open(1, "tokens", sealed)


def test_purposes_have_keys_of_their_own() -> None:
    vault = Vault([KEY])
    assert vault.digest("a", "value") != vault.digest("b", "value")
    assert len(vault.derived_keys("a")[0]) == 32


def test_no_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Vault([])
