"""Settings: defaults that run, mistakes told in sentences, values that never show."""

from pathlib import Path

import pytest

from app.config import ConfigError, Settings, load_settings, origin_of
from app.crm.registry import adapter_settings
from app.installations.vault import new_key

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"
KEY = new_key()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set but what the test sets."""
    import os

    for name in [name for name in os.environ if name.startswith("STEPGATE_")]:
        monkeypatch.delenv(name)


def problems(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, str]:
    """What is told about an environment, by variable."""
    for name, value in variables.items():
        monkeypatch.setenv(f"STEPGATE_{name}", value)
    with pytest.raises(ConfigError) as told:
        load_settings(env_file=None)
    return dict(told.value.problems)


def test_a_key_is_all_that_has_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPGATE_SECRET_KEYS", KEY)
    settings = load_settings(env_file=None)
    assert settings.database == "sqlite:///var/stepgate.db"
    assert (settings.sandbox_origins, settings.workers, settings.metrics_token) == ((), 16, None)


def test_a_missing_key_says_how_to_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "stepgate keygen" in problems(monkeypatch)["STEPGATE_SECRET_KEYS"]


def test_several_keys_are_told_apart_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPGATE_SECRET_KEYS", f" {new_key()} , {KEY},")
    assert len(load_settings(env_file=None).secret_keys) == 2


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("SECRET_KEYS", "too short", "key 1 is not a key"),
        ("SECRET_KEYS", " , ", "is empty"),
        ("DATABASE_URL", "mysql://u:hush@h/d", "SQLite or PostgreSQL"),
        ("PUBLIC_URL", "stepgate.example.com", "is not an address"),
        ("PUBLIC_URL", "https://stepgate.example.com/crm", "no path"),
        ("PUBLIC_URL", "https://u:hush@stepgate.example.com", "no path"),
        ("PUBLIC_URL", "https://stepgate.example.com:99999", "is not an address"),
        ("SANDBOX_ORIGINS", "http://127.0.0.1:9100,ftp://x", "is not an address"),
        ("WORKERS", "many", "whole number"),
        ("WORKERS", "-1", "at least 0"),
        ("WORKERS", "1000", "at most 64"),
        ("SESSION_MINUTES", "0", "at least 1"),
        ("LOG_LEVEL", "loud", "one of"),
        ("STRICT_SESSION_TOKENS", "perhaps", "true or false"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_without_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, part: str
) -> None:
    monkeypatch.setenv("STEPGATE_SECRET_KEYS", KEY)
    told = problems(monkeypatch, **{name: value})
    assert list(told) == [f"STEPGATE_{name}"]
    assert part in told[f"STEPGATE_{name}"]
    assert "hush" not in told[f"STEPGATE_{name}"]


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told = problems(monkeypatch, SECRET_KEYS="x", WORKERS="y", PUBLIC_URL="z")
    assert set(told) == {"STEPGATE_SECRET_KEYS", "STEPGATE_WORKERS", "STEPGATE_PUBLIC_URL"}


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = load_settings(
        env_file=None, secret_keys=KEY, metrics_token="hush", database_url="postgresql://u:hush@h/d"
    )
    assert KEY not in repr(settings)
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://Stepgate.Example.com/", "https://stepgate.example.com"),
        (" http://127.0.0.1:9100 ", "http://127.0.0.1:9100"),
        ("http://[::1]:9100", "http://[::1]:9100"),
    ],
)
def test_an_origin_is_written_one_way(given: str, origin: str) -> None:
    assert origin_of(given) == origin


def documented() -> set[str]:
    """The variables of the table."""
    rows = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| `STEPGATE_")]
    return {row.split("`")[1] for row in rows}


def expected() -> set[str]:
    """The variables that the program reads: its own, and the adapters'."""
    own = {f"STEPGATE_{name.upper()}" for name in Settings.model_fields}
    of_adapters = {
        f"{each.model_config.get('env_prefix')}{name}".upper()
        for each in adapter_settings().values()
        for name in each.model_fields
    }
    return own | of_adapters | {"STEPGATE_INSTALL_TOKEN"}


def test_the_table_of_the_documentation_is_complete() -> None:
    assert documented() == expected()
