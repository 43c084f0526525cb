"""What an operator sets for amoCRM: `STEPGATE_AMOCRM_…`."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class AmocrmSettings(BaseSettings):
    """The integration's keys. Empty keys switch amoCRM off."""

    model_config = SettingsConfigDict(
        env_prefix="STEPGATE_AMOCRM_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    client_id: str = Field("", description="The integration's id (UUID), from its card in amoCRM.")
    client_secret: SecretStr = Field(
        SecretStr(""), description="The integration's secret key. It signs widget tokens: keep it safe."
    )
    authorize_url: str = Field(
        "https://www.amocrm.ru/oauth",
        description="Where an admin gives consent; for Kommo `https://www.kommo.com/oauth`.",
    )
    write_as_robot: bool = Field(
        default=True,
        description="Sign moves back as a robot's instead of the person's who connected Stepgate.",
    )
    service_name: str = Field("Stepgate", description="The name under which notes appear in a deal's feed.")

    @property
    def is_configured(self) -> bool:
        """True when the integration's keys are there."""
        return bool(self.client_id and self.client_secret.get_secret_value())
