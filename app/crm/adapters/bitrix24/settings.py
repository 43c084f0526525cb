"""What an operator sets for Bitrix24: `STEPGATE_BITRIX24_…`."""

from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Bitrix24Settings(BaseSettings):
    """The app's keys. Empty keys switch Bitrix24 off."""

    model_config = SettingsConfigDict(
        env_prefix="STEPGATE_BITRIX24_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    client_id: str = Field("", description="The app's id (`local.…` or `app.…`), from its card in Bitrix24.")
    client_secret: SecretStr = Field(
        SecretStr(""), description="The app's secret key. It renews tokens: keep it safe."
    )
    portal: str = Field(
        "",
        description="The portal of a local app, such as `example.bitrix24.ru`, so that it can be connected "
        "from outside too. A Market app needs none: it is opened inside Bitrix24.",
    )
    box_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Hosts of self-hosted portals that may connect, separated by commas. Cloud portals "
        "need no entry.",
    )
    notify: bool = Field(
        default=True, description="Tell whoever leads the deal by a notification when a note is left in it."
    )

    offline_events: bool = Field(
        default=True,
        description="Have the portal keep a list of changes for us, so that an event that got lost is found "
        "by the next poll.",
    )

    plans_without_roles: Annotated[tuple[str, ...], NoDecode] = Field(
        ("project", "free"),
        description="Plans on which roles refuse no move between stages, separated by commas. The lock is "
        "not offered there.",
    )

    signed_documents: bool = Field(
        default=False,
        description="Take the stage of a document to sign as a trace of the client's signature. Nobody has "
        "tried yet on a live portal whether signing moves it.",
    )

    @field_validator("box_hosts", "plans_without_roles", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return value

    @property
    def is_configured(self) -> bool:
        """True when the app's keys are there."""
        return bool(self.client_id and self.client_secret.get_secret_value())
