"""REST of the portal, one module per chapter of the documentation."""

from app.sandbox.bitrix24.rest import (
    activities,
    app_activities,
    app_events,
    around,
    basics,
    clients,
    deals,
    funnels,
    items,
    people,
    places,
    talks,
    telephony,
    timeline,
)

CHAPTERS = (
    activities,
    app_activities,
    app_events,
    around,
    basics,
    clients,
    deals,
    funnels,
    items,
    people,
    places,
    talks,
    telephony,
    timeline,
)
"""Modules whose import makes their methods known."""
