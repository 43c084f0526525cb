"""All that an operator sets, read from the environment at start and checked with sentences.

Names begin with `STEPGATE_`; a file `.env` in the working directory is read too. What belongs to
one CRM (client ids, secrets) is read by that CRM's adapter in its own folder.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "STEPGATE_"
ENV_FILE = ".env"
NOT_AN_ORIGIN = "is not an address like https://stepgate.example.com."


class ConfigError(Exception):
    """The settings cannot be used. `problems` are pairs of a variable's name and a sentence."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{name}: {sentence}" for name, sentence in problems))


class Settings(BaseSettings):
    """What an operator sets. Immutable; nothing is read when this module is imported."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: SecretStr = Field(
        SecretStr("sqlite:///var/stepgate.db"),
        description="Where data are kept: `sqlite:///path` or `postgresql://user:password@host/name`.",
    )
    public_url: str = Field(
        "http://127.0.0.1:8080",
        description="The address under which the CRM and browsers reach Stepgate, without a path.",
    )
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        description="Keys that seal tokens, separated by commas; the first seals, the others still open. "
        "`stepgate keygen` makes one.",
    )
    sandbox_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins such as `http://127.0.0.1:9100` that may act as CRM hosts beside the "
        "vendors' own domains, separated by commas. For demonstrations only.",
    )
    spool_dir: Path = Field(
        Path("var/spool"),
        description="A folder on a local disk where fresh tokens wait, sealed, until the database has them.",
    )
    workers: int = Field(
        16,
        ge=0,
        le=64,
        description="Deals that a web process works on at once; 0 leaves it to `stepgate worker`.",
    )
    session_minutes: int = Field(
        10, ge=1, le=60, description="How long a page may go on without asking the CRM who looks, in minutes."
    )
    strict_session_tokens: bool = Field(
        default=False,
        description="Refuse a proof of identity that was used before, instead of only counting it.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least that is logged: debug, info, warning or error."
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="`json` for machines, `console` for people."
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="The bearer token that opens /metrics and /openapi.json from elsewhere; "
        "without it they answer the machine itself only.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses of reverse proxies whose forwarding headers are believed.",
    )

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        scheme = value.get_secret_value().partition(":")[0].partition("+")[0]
        if scheme not in ("sqlite", "postgresql"):
            raise ValueError(
                "Stepgate keeps its data in SQLite or PostgreSQL: sqlite:///path or postgresql://…"
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        return origin_of(value)

    @field_validator("secret_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: Any) -> Any:
        return _split(value)

    @field_validator("secret_keys")
    @classmethod
    def _check_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not value:
            raise ValueError("is empty. Run `stepgate keygen` and put its output here.")
        for position, key in enumerate(value, start=1):
            try:
                Fernet(key.get_secret_value().encode())
            except ValueError:
                raise ValueError(
                    f"key {position} is not a key made by `stepgate keygen` (44 characters)."
                ) from None
        return value

    @field_validator("sandbox_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: Any) -> Any:
        return _split(value)

    @field_validator("sandbox_origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(origin_of(each) for each in value)

    @property
    def database(self) -> str:
        """The database URL in the clear; never log it."""
        return self.database_url.get_secret_value()


def load_settings(env_file: str | None = ENV_FILE, **overrides: Any) -> Settings:
    """The settings of this environment; `overrides` win over it. Raises ConfigError."""
    try:
        return Settings(_env_file=env_file, **overrides)
    except ValidationError as error:
        raise ConfigError(problems_of(error, PREFIX)) from None


def problems_of(error: ValidationError, prefix: str) -> list[tuple[str, str]]:
    """What is wrong, as pairs of a variable's name and a sentence; values never show."""
    return [
        (prefix + str(each["loc"][0]).upper() if each["loc"] else prefix + "*", _sentence(each))
        for each in error.errors(include_input=False, include_url=False)
    ]


def origin_of(url: str) -> str:
    """`scheme://host[:port]` in lower case. Raises ValueError with a sentence for anything more."""
    text = url.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(NOT_AN_ORIGIN) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(NOT_AN_ORIGIN)
    if parts.path or parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("must end after the host and port: no path, no password.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


_SENTENCES: Mapping[str, str] = {
    "missing": "is not set.",
    "int_parsing": "must be a whole number.",
    "bool_parsing": "must be true or false.",
    "greater_than_equal": "must be at least {ge}.",
    "less_than_equal": "must be at most {le}.",
    "literal_error": "must be one of: {expected}.",
}
_MISSING: Mapping[str, str] = {
    "secret_keys": "is not set. Run `stepgate keygen` and put its output here.",
}


def _sentence(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind == "missing" and error["loc"] and error["loc"][0] in _MISSING:
        return _MISSING[str(error["loc"][0])]
    template = _SENTENCES.get(kind)
    return template.format(**context) if template else error["msg"] + "."
