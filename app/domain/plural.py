"""Counting words in Russian and English."""


def russian(number: int, one: str, few: str, many: str) -> str:
    """`number` with the form that Russian wants after it: 1 минута, 2 минуты, 5 минут."""
    tens, units = number % 100, number % 10
    if units == 1 and tens != 11:
        form = one
    elif units in (2, 3, 4) and tens not in (12, 13, 14):
        form = few
    else:
        form = many
    return f"{number} {form}"


def english(number: int, one: str, many: str) -> str:
    """`number` with the form that English wants after it: 1 minute, 2 minutes."""
    return f"{number} {one if number == 1 else many}"
