"""Functions that read texts or write them."""

from __future__ import annotations

import decimal
import math
import re
import sys
from typing import Final

from xladdin.engines.embedded.substitutes import dates
from xladdin.engines.embedded.substitutes.values import (
    OMITTED,
    VALUE,
    FaultError,
    Raw,
    UnknownRuleError,
    number_in,
    number_of,
    text_of,
)
from xladdin.engines.letters import are_known, lowered, pattern, raised, widest
from xladdin.engines.numerals import is_written_shorter
from xladdin.engines.proved import FOREIGN, WORDS
from xladdin.engines.proved_table import DATE_FORMAT, TIME_FORMAT, shown_format
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW, column_letters


def value_of_text(text: Raw) -> Raw:
    """Compute VALUE."""
    return text if isinstance(text, dict | float) else number_of(text)


def proper(text: Raw) -> Raw:
    """Compute PROPER."""
    if isinstance(text, dict):
        return text
    _require_known(text or "", "PROPER")
    return re.sub(r"[^\W\d_]+", lambda run: raised(run[0][0]) + lowered(run[0][1:]), text or "")


def _require_known(text: str, taker: str) -> None:
    if not are_known(text):
        raise UnknownRuleError(f"{taker} is given {WORDS[FOREIGN]}")


def upper(text: Raw) -> Raw:
    """Compute UPPER of letters whose capitals are known."""
    if isinstance(text, dict):
        return text
    _require_known(text_of(text), "UPPER")
    return raised(text_of(text))


def lower(text: Raw) -> Raw:
    """Compute LOWER of letters whose capitals are known."""
    if isinstance(text, dict):
        return text
    _require_known(text_of(text), "LOWER")
    return lowered(text_of(text))


def _start(text: str, start: Raw) -> int:
    """Return from where a text is gone through, as Python counts."""
    first = math.trunc(number_of(start))
    if not 1 <= first <= max(1, len(text)):
        raise FaultError(VALUE)
    return first - 1


def found(asked: Raw, text: Raw, start: Raw = 1.0) -> Raw:
    """Compute FIND."""
    for value in (asked, text):
        if isinstance(value, dict):
            return value
    at = text_of(text).find(text_of(asked), _start(text_of(text), start))
    return float(at + 1) if at >= 0 else VALUE


def searched(asked: Raw, text: Raw, start: Raw = 1.0) -> Raw:
    """Compute SEARCH, of letters that nothing else in the text may be taken for."""
    for value in (asked, text):
        if isinstance(value, dict):
            return value
    key, within = text_of(asked), text_of(text)
    first = _start(within, start)
    _require_known(key + within, "SEARCH")
    if not key.strip("*"):
        raise UnknownRuleError("SEARCH is asked for nothing but a wildcard")
    surely, perhaps = (
        pattern(key, folded).search(folded(within), first) for folded in (lowered, _without_accents)
    )
    if (surely and surely.start()) != (perhaps and perhaps.start()):
        raise UnknownRuleError("SEARCH finds a text that differs in accents, dashes or apostrophes")
    return float(surely.start() + 1) if surely else VALUE


def _without_accents(text: str) -> str:
    return "".join(widest(one)[:1] or one for one in text)


def replace(text: Raw, start: Raw, count: Raw, other: Raw) -> Raw:
    """Compute REPLACE."""
    for value in (text, start, count, other):
        if isinstance(value, dict):
            return value
    at, length = math.trunc(number_of(start)) - 1, math.trunc(number_of(count))
    if at < 0 or length < 0:
        return VALUE
    before = text or ""
    return before[:at] + (other or "") + before[at + length :]


def character(code: Raw) -> Raw:
    """Compute CHAR of codes that every system reads alike."""
    number = math.trunc(number_of(code))
    if not 1 <= number <= 255:
        return VALUE
    if number > 126:
        raise UnknownRuleError("CHAR is given a code that depends on the system")
    return chr(number)


def unicode_character(code: Raw) -> Raw:
    """Compute UNICHAR of characters; of half of one, Excel has another error."""
    number = math.trunc(number_of(code))
    if not 1 <= number <= sys.maxunicode:
        return VALUE
    if 0xD800 <= number <= 0xDFFF or number & 0xFFFE == 0xFFFE:
        raise UnknownRuleError("UNICHAR is given a number that stands for no character")
    return chr(number)


def code(text: Raw) -> Raw:
    """Compute CODE of characters that every system numbers alike."""
    if isinstance(text, dict):
        return text
    found = text_of(text)
    if not found:
        return VALUE
    if not found[0].isascii():
        raise UnknownRuleError("CODE is given a character whose code depends on the system")
    return float(ord(found[0]))


def trimmed(text: Raw) -> Raw:
    """Compute TRIM: of all blanks, Excel takes away the ordinary space alone."""
    if isinstance(text, dict):
        return text
    return " ".join(word for word in text_of(text).split(" ") if word)


def fixed(number: Raw, decimals: Raw = 2.0) -> Raw:
    """Write a number with decimals, rounded as Excel shows it: in decimal, away from zero."""
    value, places = number_of(number), int(number_of(decimals))
    shown = float(f"{value:.15g}")
    unit = decimal.Decimal(1).scaleb(-places)
    exact = decimal.Decimal(repr(shown))
    if abs(value) >= _LARGEST_FIXED:
        raise UnknownRuleError("FIXED is given a number of more digits than Excel shows")
    if (shown != value or is_written_shorter(value)) and (exact % unit).copy_abs() * 2 == unit:
        raise UnknownRuleError("FIXED is given a number that is half-way but for its last digits")
    rounded = exact.quantize(unit, decimal.ROUND_HALF_UP)
    if value < 0 and not rounded:
        raise UnknownRuleError("FIXED is given a negative number that is rounded to 0")
    return f"{rounded:,.{places}f}"


_LARGEST_FIXED: Final = 1e10


def formatted(value: Raw, number_format: Raw) -> Raw:
    """Compute TEXT by a format of digits, as `proved_table.NUMBER_FORMAT` has them."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        try:
            value = number_in(value)
        except FaultError:
            return value  # no number: the text itself
    number = float(value or 0)
    form = shown_format(str(number_format))
    if form.upper() in ("@", "GENERAL"):
        return _general(number)
    if re.fullmatch(r"[0() -]+", form) and not form.strip("(").isdigit():
        return _in_groups(number, form)
    if TIME_FORMAT.fullmatch(form) or DATE_FORMAT.fullmatch(form):
        return dates.shown(number, form)
    if "E+" in form:
        return _with_power(number, form)
    sections = form.split(";")
    at = 1 if number < 0 else 2 if number == 0 else 0
    section = sections[at] if at < len(sections) else sections[0]
    match = _DIGITS.fullmatch(section)
    if match is None and "e+" in section:
        raise UnknownRuleError("TEXT is given a format with a small letter")
    if match is None:
        return _shown(section)
    rounded = _rounded(number, match)
    places = max(0, len(match["part"]) - 1)
    grouping = "," if "," in match["whole"] else ""
    least = match["whole"].count("0")
    whole, _, part = f"{rounded:.{places}f}".partition(".")
    optional = match["part"].count("#")
    part = part[: places - optional] + part[places - optional :].rstrip("0")
    shown = f"{int(whole):{grouping}}" if int(whole) or least else ""
    digits = shown.rjust(least, "0") + match["part"][:1] + part
    sign = "-" if number < 0 and rounded and at >= len(sections) else ""
    return f"{sign}{_shown(match['before'])}{digits}{match['percent']}{_shown(match['after'])}"


def _general(number: float) -> str:
    """Write a number that fits the width of the format General."""
    shown = f"{number:.15g}"
    if len(shown.strip("-").replace(".", "")) > _MOST_PLACES or "e" in shown:
        raise UnknownRuleError("TEXT is to show more digits than the format General has room for")
    return shown


def _in_groups(number: float, number_format: str) -> str:
    """Write the digits of a number in the groups of a format, as of a telephone number."""
    count = number_format.count("0")
    match = _DIGITS.fullmatch("0")
    assert match is not None
    digits = f"{_rounded(number, match):0{count}.0f}"
    if number < 0 or len(digits) > count:
        raise UnknownRuleError("TEXT is given a number that does not fit groups of digits")
    signs = iter(digits)
    return "".join(next(signs) if sign == "0" else sign for sign in number_format)


def address(
    row: Raw, column: Raw, kind: Raw = OMITTED, usual: Raw = OMITTED, sheet: Raw = None
) -> Raw:
    """Compute ADDRESS."""
    down, right = math.trunc(number_of(row)), math.trunc(number_of(column))
    fixed_as = 1 if kind == OMITTED else math.trunc(number_of(kind))
    if not (1 <= down <= LAST_ROW and 1 <= right <= LAST_COLUMN and 1 <= fixed_as <= 4):
        return VALUE
    fixed_row, fixed_column = fixed_as in (1, 2), fixed_as in (1, 3)
    if usual == OMITTED or usual:
        cell = f"{'$' * fixed_column}{column_letters(right)}{'$' * fixed_row}{down}"
    else:
        cell = f"R{down if fixed_row else f'[{down}]'}C{right if fixed_column else f'[{right}]'}"
    if sheet is None:
        return cell
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_ ]*", sheet) or re.fullmatch(
        r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*([Cc][0-9]*)?|[Cc][0-9]*", sheet
    ):
        raise UnknownRuleError("ADDRESS is given a sheet of which it is not known how it is quoted")
    return f"'{sheet}'!{cell}" if " " in sheet else f"{sheet}!{cell}"


def _with_power(number: float, number_format: str) -> str:
    """Write a number with a power of ten, of which the format has so many digits."""
    mantissa, _, power = number_format.partition("E+")
    places = len(mantissa.partition(".")[2])
    shown = decimal.Decimal(f"{abs(number):.15g}")
    unsure = float(shown) != abs(number) or is_written_shorter(number)
    unit = decimal.Decimal(1).scaleb((shown.adjusted() if shown else 0) - places)
    if places > _MOST_PLACES or (unsure and (shown % unit) * 2 == unit):
        raise UnknownRuleError("TEXT is given a number half-way between two that it may show")
    rounded = shown.quantize(unit, decimal.ROUND_HALF_UP)
    exponent = rounded.adjusted() if rounded else 0
    digits = f"{rounded.scaleb(-exponent):.{places}f}"
    return f"{'-' * (number < 0)}{digits}E{'-+'[exponent >= 0]}{abs(exponent):0{len(power)}}"


def _rounded(number: float, match: re.Match[str]) -> decimal.Decimal:
    """Round the size of a number as a section of a format shows it, away from zero."""
    shown = abs(float(f"{number:.15g}"))
    if shown >= _LARGEST_SHOWN or len(match["part"]) > 1 + _MOST_PLACES:
        raise UnknownRuleError("TEXT is to show more digits than Excel does")
    scale = 2 * len(match["percent"]) - 3 * len(match["thousands"])
    exact = decimal.Decimal(repr(shown)).scaleb(scale)
    unit = decimal.Decimal(1).scaleb(-max(0, len(match["part"]) - 1))
    unsure = scale or shown != abs(number) or is_written_shorter(number)
    if unsure and (exact % unit) * 2 == unit:
        raise UnknownRuleError("TEXT is given a number half-way between two that it may show")
    return exact.quantize(unit, decimal.ROUND_HALF_UP)


_DIGITS: Final = re.compile(
    r"""
    (?P<before>(?:[^#0"]|"[^"]*")*) (?P<whole>\#,\#\#[0\#]|\#?0+|\#) (?P<part>(?:\.0*\#*)?)
    (?P<thousands>,{0,3}) (?P<percent>%?) (?P<after>(?:[^#0"]|"[^"]*")*)
    """,
    re.VERBOSE,
)
_LARGEST_SHOWN: Final = 1e15
_MOST_PLACES: Final = 10


def _shown(literal: str) -> str:
    """Return what a section of a format shows beside its digits."""
    return literal.replace('"', "").replace("_)", " ")
