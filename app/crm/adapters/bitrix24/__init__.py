"""Bitrix24 behind the port. What is known and what is not: NOTES.md, quality.yaml."""

from app.crm.adapters.bitrix24.adapter import build
from app.crm.adapters.bitrix24.settings import Bitrix24Settings

SETTINGS = Bitrix24Settings

__all__ = ["SETTINGS", "build"]
