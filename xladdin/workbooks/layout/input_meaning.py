"""What somebody meant who wrote a number or a date in another way than data files have it.

It is for messages alone. Nothing is read so: ``1.234`` is a thousand and more in one country, and
one and a bit in the other.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

_CURRENCY: Final = re.compile(r"[$€£¥]|\b(?:USD|US|EUR|GBP)\b|[\s\u00a0\u202f'’]", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\((.*)\)", re.DOTALL)
_THOUSANDS: Final = re.compile(r"([+-]?\d{1,3})((?:,\d{3})+)(\.\d+)?", re.ASCII)
_POINTS: Final = re.compile(r"([+-]?\d{1,3})((?:\.\d{3}){2,})(,\d+)?", re.ASCII)
_COMMA: Final = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)

_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_DATES: Final = (
    (re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII), (1, 2, 3)),
    (re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII), (1, 2, 3)),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII), (3, 2, 1)),
    (re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})", re.ASCII), (3, 1, 2)),
    (re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})", re.ASCII), (3, 2, 1)),
    (re.compile(r"(\d{1,2})[-. ]*([a-z]{3})[a-z]*[-., ]*(\d{4})", re.I | re.ASCII), (3, 2, 1)),
    (re.compile(r"([a-z]{3})[a-z]*\.? *(\d{1,2}),? *(\d{4})", re.I | re.ASCII), (3, 1, 2)),
)
"""Ways to write a date, and which groups are its year, month and day."""


def number_meant(text: str) -> str:
    """Return how a data file has the number that a text probably means.

    Args:
        text: What stands there, such as ``50,000``, ``$4.04`` or ``2.5%``.

    Returns:
        The number, such as ``50000``; empty where it is not plain.
    """
    bare = _CURRENCY.sub("", text)
    if bare.endswith("%"):
        bare = bare[:-1]
        part = bare if _PLAIN.fullmatch(bare) else number_meant(bare)
        return f"{(Decimal(part) / 100).normalize():f}" if part else ""
    inside = _BRACKETS.fullmatch(bare)
    if inside:
        bare = f"-{inside[1]}"
    if found := _THOUSANDS.fullmatch(bare):
        return found[1] + found[2].replace(",", "") + (found[3] or "")
    if found := _POINTS.fullmatch(bare):
        return found[1] + found[2].replace(".", "") + (found[3] or "").replace(",", ".")
    if found := _COMMA.fullmatch(bare):
        return f"{found[1]}.{found[2]}"
    return bare if _PLAIN.fullmatch(bare) and bare != text.strip() else ""


def date_meant(text: str) -> str:
    """Return how a data file has the date that a text probably means.

    Args:
        text: What stands there, such as ``20010814`` or ``14.8.2001``.

    Returns:
        The date, such as ``2001-08-14``; two, with "or" between them, where it may be either;
        empty where it is not plain.
    """
    return " or ".join(dict.fromkeys(_days(text.strip().partition("T")[0])))


def _days(text: str) -> Iterator[str]:
    for pattern, (year, month, day) in _DATES:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        name = found[month].lower()
        if name in _MONTHS:
            name = str(_MONTHS.index(name) + 1)
        if name.isdecimal():
            try:
                made = datetime.date(int(found[year]), int(name), int(found[day]))
            except ValueError:
                continue
            yield made.isoformat()
