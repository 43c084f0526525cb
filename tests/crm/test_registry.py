"""Adapters are found by themselves, and every one is complete."""

import pytest

from app.clock import SystemClock
from app.crm.port import Capability, CrmAdapter
from app.crm.registry import AdapterEnvironment, adapter_settings, load_adapters

ADAPTERS = load_adapters(AdapterEnvironment("https://stepgate.test", (), SystemClock()))


def test_every_adapter_has_settings_of_its_own_prefix() -> None:
    settings = adapter_settings()
    assert set(settings) == set(ADAPTERS)
    for name, model in settings.items():
        assert model.model_config["env_prefix"] == f"STEPGATE_{name.upper()}_"
        assert all(field.description for field in model.model_fields.values())


@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=lambda adapter: adapter.name)
def test_an_adapter_is_complete(adapter: CrmAdapter) -> None:
    assert adapter.title
    assert 200 <= adapter.hook_reply < 300
    assert 0 < adapter.calls_per_second <= 7
    assert adapter.capabilities <= set(Capability)


def test_secrets_of_settings_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, model in adapter_settings().items():
        monkeypatch.setenv(f"STEPGATE_{name.upper()}_CLIENT_SECRET", "a-secret-value")
        assert "a-secret-value" not in repr(model())
