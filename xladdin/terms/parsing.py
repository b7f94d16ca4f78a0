"""Checks of what stands in a deal's file, entry by entry: types, names, sizes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, TypeVar, get_type_hints

from xladdin.characters import unseen
from xladdin.terms.fields import FigureError, types_of

NAME = re.compile(
    r"(?!(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z))[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?<!\.)\Z"
)
"""Names of deals and agreements: no slash, no dot at an end, no part of a path, and no device of
Windows, because folders are named after them."""

MAX_DIGITS = 30
"""Most digits of a figure; no contract has more, and exact arithmetic stays fast."""

MAX_DOTS = 200
"""Most dots in a line. Python's parser takes time that grows with the square of the parts of a
dotted key: a line of 100 kilobytes would take a minute."""

MAX_TEXT = 2_000
"""Most characters of a title or source."""

MAX_SHOWN = 60
"""Most characters of a value that a message repeats."""

_Made = TypeVar("_Made")


class Problem(Exception):  # noqa: N818  (never leaves the reader)
    """An entry at a dotted key is wrong; the path is not known yet."""

    def __init__(self, key: str, reason: str, remedy: str = "") -> None:
        super().__init__(key, reason, remedy)
        self.key = key
        self.reason = reason
        self.remedy = remedy


_WORDS: Final[Mapping[Any, str]] = {
    Decimal: "a number",
    int: "a whole number",
    str: "a text",
    datetime.date: "a date",
}

_WRITTEN: Final[Mapping[Any, str]] = {
    Decimal: "write it as 0.035 or 1_000_000, without quotes",
    int: "write it as 1_000_000, without quotes and decimals",
    str: "write it in quotes",
    datetime.date: "write it as 2024-06-14, without quotes and time",
}

_FRACTION: Final = re.compile(r"([0-9]{1,15})/([1-9][0-9]{0,14})\Z")
"""A rate that no decimal gives exactly, such as 1/3."""


def plain(key: str, value: object, hint: Any) -> Any:
    """Check one value's type; a whole number serves as a decimal too, and "1/3" as a fraction."""
    types = types_of(hint)
    if Decimal in types and int not in types and type(value) is int:
        value = Decimal(value)
    if Fraction in types and str not in types and isinstance(value, str):
        found = _FRACTION.match(value)
        value = Fraction(int(found[1]), int(found[2])) if found else value
    # bool is an int and datetime is a date; neither is what is meant.
    if isinstance(value, bool | datetime.datetime) or not isinstance(value, types):
        words = " or ".join(dict.fromkeys(_WORDS[one] for one in types if one in _WORDS))
        remedy = "" if isinstance(value, dict | list) else _WRITTEN.get(types[0], "")
        raise Problem(key, f"must be {words}, not {shown(value)}", remedy)
    if too_long(value):
        raise Problem(key, f"has more than {MAX_DIGITS} digits")
    if isinstance(value, str):
        refuse_text(key, value)
    return value


def refuse_text(key: str, value: str) -> None:
    """Refuse a text that no cell can contain, or with invisible characters."""
    if len(value) > MAX_TEXT:
        raise Problem(key, f"has more than {MAX_TEXT:,} characters")
    found = unseen(value)
    if found:
        reason = f"holds the character {found}, which no reader sees"
        raise Problem(key, reason, "take it out, or write the text in one line without it")


def shown(value: object) -> str:
    """Show a value in a message. Hostile ones are too long to print, or nested too deeply."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"  # as TOML writes it
    if too_long(value):
        return "a number of too many digits"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else "a text that is too long to show"


def too_long(value: object) -> bool:
    """Check whether a number has more digits than any contract's figure."""
    if isinstance(value, Decimal):
        # By parts: printing 1e999999 in full would take a million characters.
        if not value.is_finite():
            return False
        _, digits, exponent = value.as_tuple()
        return max(len(digits), abs(int(exponent))) > MAX_DIGITS
    return isinstance(value, int) and abs(value) >= 10**MAX_DIGITS


_hints: Final[dict[type, Mapping[str, Any]]] = {}


def hints_of(kind: type) -> Mapping[str, Any]:
    """Return the types of a record's entries, which are worked out once for all deals."""
    if kind not in _hints:
        _hints[kind] = get_type_hints(kind)
    return _hints[kind]


def made(kind: type[_Made], values: Mapping[str, Any], where: str) -> _Made:
    """Make a record; what breaks its rules is a problem at its place."""
    try:
        return kind(**values)
    except FigureError as error:
        raise Problem(f"{where}.{error.key}".lstrip("."), error.reason) from None


def need(table: Mapping[str, Any], key: str) -> object:
    """Return an entry that must be there."""
    if key not in table:
        raise Problem(key, "is missing")
    return table[key]


def refuse_missing(where: str, table: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Refuse a table that lacks entries, and name them all."""
    missing = [key for key in keys if key not in table]
    if missing:
        first, *others = missing
        also = f", and so {'is' if len(others) == 1 else 'are'} {', '.join(others)}"
        raise Problem(f"{where}.{first}".lstrip("."), f"is missing{also if others else ''}")


def need_text(table: Mapping[str, Any], key: str) -> str:
    """Return a text that must be there, and not be empty."""
    value: str = plain(key, need(table, key), str)
    if not value.strip():
        raise Problem(key, "must not be empty")
    return value


def source_text(key: str, source: object) -> str:
    """Check the source of a figure."""
    if not isinstance(source, str):
        raise Problem(f"{key}.source", "must be a text, such as a page")
    refuse_text(f"{key}.source", source)
    return source


NAME_OF_PART = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}\Z")
"""Names of a deal's parts in format 2: they stand in dotted names, and in names of cells."""


def need_name(key: str, value: str, pattern: re.Pattern[str] = NAME) -> str:
    """Check a name of a deal, an agreement or another part."""
    if pattern is NAME_OF_PART and not pattern.match(value):
        reason = f"{shown(value)} is not a name"
        raise Problem(key, reason, "use letters, digits and '_', beginning with a letter")
    if not NAME.match(value):
        raise Problem(
            key,
            f"{shown(value)} is not a name",
            "use letters, digits, '.', '_' and '-', beginning with a letter or a digit and not "
            "ending with '.'; CON, NUL and the like are devices on Windows",
        )
    return value


def need_table(where: str, item: object) -> dict[str, Any]:
    """Check that an entry is a table."""
    if not isinstance(item, dict):
        raise Problem(where, "must be a table")
    return item


def refuse_unknown(where: str, table: Iterable[str], known: Iterable[str]) -> None:
    """Refuse entries that a table cannot have, and name the likeliest one meant."""
    for key in table:
        if key not in set(known):
            import difflib  # only now: Excel loads this module as it starts

            near = difflib.get_close_matches(key, list(known), 1)
            remedy = f"did you mean {near[0]!r}?" if near else ""
            raise Problem(f"{where}.{cut(key)}".lstrip("."), "is not an entry of a deal", remedy)


def cut(key: str) -> str:
    """Cut a long key short for a message."""
    return key if len(key) <= MAX_SHOWN else f"{key[:MAX_SHOWN]}..."


_PRINTED: Final = re.compile(r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?(?<=[0-9])\Z")
"""A number with its thousands apart, or not."""


def as_number(printed: str) -> Decimal | None:
    """Read a number as documents print it, such as ``$900,000``, ``28%``, ``$6.3 million``.

    Returns:
        The number with the digits that are printed, one in brackets below 0; None for a text that
        is none.
    """
    text = printed.strip()
    zeros = 0
    for word, more in (("thousand", 3), ("million", 6), ("billion", 9)):
        if text.endswith(f" {word}"):
            text, zeros = text.removesuffix(word).strip(), more
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()").replace("$", "").strip()
    percent = text.endswith("%")
    text = text.removesuffix("%").strip()
    if _PRINTED.match(text) is None:
        return None
    number = Decimal(text.replace(",", ""))
    number = number.scaleb(zeros - 2 if percent else zeros)
    return -number if negative else number


_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_DAY: Final = re.compile(
    r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"|(?P<us_m>[0-9]{1,2})/(?P<us_d>[0-9]{1,2})/(?P<us_y>(?:[0-9]{2})?[0-9]{2})"
    r"|(?P<first>[a-z]{3,9})\.? (?P<first_d>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<first_y>[0-9]{4})"
    r"|(?P<last_d>[0-9]{1,2})(?:st|nd|rd|th)? (?P<last>[a-z]{3,9})\.?,? (?P<last_y>[0-9]{4})"
)


def as_day(printed: str) -> datetime.date | None:
    """Read a day as documents print it: June 14, 2024; 14 Jun. 2024; 6/14/2024; 2024-06-14.

    Returns:
        The day; None for a text that is none.
    """
    found = _DAY.fullmatch(" ".join(printed.casefold().split()))
    if found is None:
        return None
    month_name = found["first"] or found["last"]
    year = found["y"] or found["us_y"] or found["first_y"] or found["last_y"]
    month = found["m"] or found["us_m"] or _number_of(month_name)
    day = found["d"] or found["us_d"] or found["first_d"] or found["last_d"]
    century = 2000 if len(year) == len("24") else 0
    try:
        return datetime.date(century + int(year), int(month), int(day))
    except ValueError:
        return None


def _number_of(month: str) -> int:
    """Find the number of a month by three or more letters of its English name; 0 for no month."""
    return next((at for at, name in enumerate(_MONTHS, 1) if name.startswith(month)), 0)
