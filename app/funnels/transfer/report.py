"""The report of an import: what stayed out, and what a person should look at."""

from dataclasses import dataclass, field

from app.funnels.transfer.report_words import LEFT_OUT_CODES, report_sentence


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One thing to know. `place` is where in the mapping; `is_left_out` says that it did not come over."""

    code: str
    place: str
    sentence: str
    is_left_out: bool


@dataclass(slots=True)
class Report:
    """Collects lines in one language."""

    language: str
    lines: list[ReportLine] = field(default_factory=list)
    _told: set[ReportLine] = field(default_factory=set)

    def tell(self, code: str, place: str, **names: str) -> None:
        """One more thing to know; the same is told once."""
        sentence = report_sentence(code, self.language, **names)
        line = ReportLine(code, place, sentence, code in LEFT_OUT_CODES)
        if line not in self._told:
            self._told.add(line)
            self.lines.append(line)
