"""Prints the description of the API, from which the page's types are made."""

import json

from app.clock import SystemClock
from app.config import load_settings
from app.installations.vault import new_key
from app.main import create_app
from app.wiring import Parts


def describe() -> str:
    """The interface as OpenAPI in JSON; the same for every installation."""
    settings = load_settings(env_file=None, secret_keys=new_key())
    return json.dumps(create_app(settings, Parts({}, SystemClock())).openapi(), ensure_ascii=False, indent=1)


if __name__ == "__main__":
    print(describe())  # noqa: T201  this is what the program is for
