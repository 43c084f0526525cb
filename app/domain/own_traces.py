"""What Stepgate itself leaves in a deal: it says nothing about the client and is never evidence."""

import re

from app.domain.evidence import Evidence, EvidenceKind
from app.domain.wording import LANGUAGES, tag_text

MARKER = re.compile(r"#ref:[0-9a-f]{8}")
"""What our own notes and tasks carry, so that they can be found again."""

OWN_TAGS = frozenset(tag_text(language).casefold() for language in LANGUAGES)


def is_own_trace(fact: Evidence) -> bool:
    """True for our warning tag, and for notes and tasks that carry our marker."""
    match fact.kind:
        case EvidenceKind.TAG:
            return fact.subject.strip().casefold() in OWN_TAGS
        case EvidenceKind.NOTE | EvidenceKind.TASK:
            return MARKER.search(fact.text) is not None
        case _:
            return False
