"""Which of our two languages a portal's is nearest to."""

RUSSIAN_SPEAKING = frozenset({"ru", "ua", "uk", "by", "be", "kz", "kk", "uz"})


def language_of(code: str) -> str:
    """`ru` or `en` for a portal's language code, empty for none."""
    if not code:
        return ""
    return "ru" if code.lower()[:2] in RUSSIAN_SPEAKING else "en"
