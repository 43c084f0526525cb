"""The report as a file for Excel: it guesses separators and numbers by the reader's language."""

import csv
from collections.abc import Mapping
from io import StringIO

from app.analytics.presentation import ConversionView, SegmentView, StepView
from app.domain.plain_text import disarmed

BOM = "﻿"
"""Without it Excel takes UTF-8 for the system's old code page."""

HEADERS: Mapping[str, tuple[str, ...]] = {
    "ru": (
        "Сегмент",
        "Шаг клиента",
        "Сделали шаг",
        "Из скольких",
        "Конверсия шага, %",
        "Остановились здесь",
        "От всех сделок, %",
        "Всего сделок",
        "По статусам CRM",
        "Медиана до шага, часов",
    ),
    "en": (
        "Segment",
        "Client's step",
        "Took the step",
        "Out of",
        "Step conversion, %",
        "Stopped here",
        "Of all deals, %",
        "All deals",
        "By CRM statuses",
        "Median time to step, hours",
    ),
}
SEPARATORS = {"ru": (";", ","), "en": (",", ".")}
"""Between cells, and within a number."""


def spreadsheet(view: ConversionView, language: str) -> bytes:
    """The report as CSV: in Russian with semicolons and decimal commas, else with commas and points.

    Texts that a spreadsheet would run as a formula are disarmed.
    """
    language = language if language in HEADERS else "en"
    cell, point = SEPARATORS[language]
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=cell)
    writer.writerow(HEADERS[language])
    for segment in view.segments:
        writer.writerows(_row(segment, step, point) for step in segment.steps)
    return (BOM + out.getvalue()).encode()


def _row(segment: SegmentView, step: StepView, point: str) -> list[str]:
    def share(rate: float | None) -> str:
        return "" if rate is None else f"{rate * 100:.1f}".replace(".", point)

    hours = "" if step.median_seconds is None else f"{step.median_seconds / 3600:.1f}".replace(".", point)
    return [
        disarmed(segment.title),
        disarmed(step.title),
        str(step.done),
        str(step.entered),
        share(step.step_rate),
        str(step.dropped),
        share(step.rate),
        str(step.rate_of),
        "" if step.claimed is None else str(step.claimed),
        hours,
    ]
