"""Why a move between stages was refused, in our words.

The right to move is refused with the code `-` or `0` and words, or like any other missing right: which of
them a portal uses is not said. https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-update.html
"""

import re

from app.crm.errors import FieldRequired, NoRight, Rejected, Unsupported

REQUIRED = "crm_field_error_required"
NO_RIGHT_CODES = ("-", "0", "")
NO_RIGHT_WORDS = ("прав", "right", "permission", "access")
FIELD = re.compile(r"[«\"“„]([^«»\"“”„]{1,120})[»\"”“]")


def refused_move(error: Rejected | Unsupported) -> Rejected:
    """The refusal of a move: FieldRequired, NoRight, or Rejected for any other reason."""
    if isinstance(error, Unsupported):
        return NoRight(str(error))
    code, _, text = error.vendor_text.partition(": ")
    if code.strip() == REQUIRED:
        named = FIELD.search(text)
        return FieldRequired(error.vendor_text, named[1] if named else "")
    has_words = any(word in text.lower() for word in NO_RIGHT_WORDS)
    return NoRight(error.vendor_text) if code.strip() in NO_RIGHT_CODES and has_words else error
