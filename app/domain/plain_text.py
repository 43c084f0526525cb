"""Text from outside, made fit to be shown or put into a table."""

LONGEST_TEXT = 512
_INVISIBLE = dict.fromkeys((*range(8234, 8239), *range(8294, 8298), 8203, 65279))
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def shown(text: str) -> str:
    """Text from outside, fit to be shown: one line, no characters that turn or hide it, not endless."""
    plain = "".join(
        each if each.isprintable() else " " for each in text[: 2 * LONGEST_TEXT].translate(_INVISIBLE)
    )
    plain = " ".join(plain.split())
    return plain if len(plain) <= LONGEST_TEXT else f"{plain[: LONGEST_TEXT - 1]}…"


def disarmed(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text


def has_letters(text: str) -> bool:
    """True when the text holds a letter of any alphabet, so that it can be somebody's words."""
    return any(each.isalpha() for each in text)
