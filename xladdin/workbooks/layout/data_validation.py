"""What may be typed into a cell: a rule for Excel, which data that fill the cell keep, too."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from openpyxl.worksheet.datavalidation import DataValidation

from xladdin.cells import Cell, day_of, shown
from xladdin.characters import unseen
from xladdin.workbooks.layout.input_meaning import date_meant, number_meant

_WHOLE: Final = "whole"
_DECIMAL: Final = "decimal"
_DATE: Final = "date"
_TEXT: Final = "textLength"
_LIST: Final = "list"

_MOST_COUNT: Final = 10**12
"""The greatest count: parts of it have all their decimals in the 15 digits that a cell shows."""

MOST_SECURITIES: Final = 10**10
"""The most securities of a row: what they are worth is then exact in cents, see `SplitDigits`."""

LEAST_PRICE: Final = Decimal("0.0000001")
_MOST_PRICE: Final = 10**8
"""Prices a share: below and above them nothing is traded, and counts of shares have more digits
than a cell shows."""

_MOST_AMOUNT: Final = 10**9
"""The greatest amount of USD that has its cents, and what tiers make of them, in a cell."""

_POWERS: Final = frozenset(10**power for power in range(7, 16))
"""Bounds that formulas write with an exponent."""

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d{1,3})?", re.ASCII)
_POINT_OF_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}\.\d{3}", re.ASCII)
_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
"""A day, and the midnight that programs write behind it."""

_HOW: Final = {
    _WHOLE: "write a whole number such as 25000",
    _DECIMAL: "write a number such as 4.04, without thousands separators or signs of currency",
    _DATE: "write a date such as 2001-08-14",
    _TEXT: "write a shorter text",
    _LIST: "write one of the names of the list",
}


@dataclass(frozen=True)
class Allowed:
    """What may be typed into a cell.

    Attributes:
        kind: Excel's word for it: ``whole``, ``decimal``, ``date``, ``textLength`` or ``list``.
        least: The least value; None for none. A number comes with a greatest one.
        most: The greatest value, or a formula for it without an equals sign; None for none.
        what: What is wanted, in words for the user.
        slack: By how much the greatest value has to be passed to count as passed; empty where a
            number of 15 digits passes it that is greater at all.
        choices: The texts of a list; `most` is the defined name of the cells that hold them.
    """

    kind: str
    least: Decimal | int | datetime.date | None
    most: Decimal | int | datetime.date | str
    what: str
    slack: str = "0.00001"
    choices: tuple[str, ...] = ()

    @property
    def of_dates(self) -> bool:
        """Whether it is a date."""
        return self.kind == _DATE

    def validation(self) -> DataValidation:
        """Make Excel's data validation of it; blanks are always allowed."""
        bounds = [_formula(bound) for bound in (self.least, self.most) if bound is not None]
        operator = "lessThanOrEqual" if self.least is None else "between"
        rule: Any = DataValidation(type=self.kind, operator=operator, allow_blank=True)
        if self.kind == _LIST:
            rule.operator, bounds = None, [_formula(self.most)]
        rule.formula1 = bounds[0]
        if len(bounds) > 1:
            rule.formula2 = bounds[1]
        rule.errorTitle = "Not accepted"
        rule.error = rule.prompt = self.what
        rule.promptTitle = "Input"
        rule.showErrorMessage = rule.showInputMessage = True
        return rule

    @property
    def broken_by(self) -> str:
        """Words for what breaks the rule, such as "not a number from 0 to 1 billion"."""
        if self.kind == _TEXT:
            return f"not text up to {self.most} characters"
        if self.kind == _LIST:
            return "not in the list"
        if isinstance(self.least, datetime.date) and isinstance(self.most, datetime.date):
            return f"not a date from {self.least.year} to {self.most.year}"
        thing = "whole number" if self.kind == _WHOLE else "number"
        return f"not a {thing} {self.bounds}"

    @property
    def bounds(self) -> str:
        """The bounds of a number in words."""
        least = _in_words(self.least) if isinstance(self.least, int) else _formula(self.least)
        return f"from {least} to {_in_words(self.most)}"

    def broken(self, cell: str) -> str:
        """Write a formula that is 1 where a cell breaks the rule, and 0 where not or blank.

        LibreOffice takes TRUE for a number, and programs differ on texts that look like one, so
        the cell's type is asked for first.

        Args:
            cell: Reference to the cell.

        Returns:
            The formula without an equals sign; never an error, whatever the cell holds.
        """
        if self.kind == _TEXT:
            longer = f"IF(LEN({cell})>{self.most},1,0)"
            return f"IF(ISERROR({cell}),1,IF(ISLOGICAL({cell}),1,{longer}))"
        if self.kind == _LIST:
            known = f"SUMPRODUCT(({self.most}={cell})*1)"
            listed = f"IF(LEN({cell})=0,0,IF({known}=0,1,0))"
            return f"IF(ISERROR({cell}),1,IF(ISLOGICAL({cell}),1,{listed}))"
        wrong = [f"ISLOGICAL({cell})", *self._wrong(cell)]
        return f"IF(ISNUMBER({cell}),IF(OR({','.join(wrong)}),1,0),1-COUNTBLANK({cell}))"

    @staticmethod
    def as_number(cell: str) -> str:
        """Write a formula of a cell's number: 0 where it is blank, -1 where it is of another type.

        It is for rules of numbers from 0 on; see `broken_number`.
        """
        return f"IF(ISNUMBER({cell}),IF(ISLOGICAL({cell}),-1,{cell}),COUNTBLANK({cell})-1)"

    def broken_number(self, number: str) -> str:
        """Write what `broken` does, given a reference to a cell with `as_number`."""
        assert self.least == 0
        return f"IF(OR({','.join(self._wrong(number))}),1,0)"

    def _wrong(self, number: str) -> list[str]:
        """List the conditions under which a number breaks the rule.

        A whole number may carry binary error beyond its fifteenth digit.
        """
        wrong = []
        if self.least is not None and not (self.kind == _WHOLE and self.least == 0):
            wrong.append(f"{number}<{_formula(self.least)}")
        if isinstance(self.most, datetime.date):
            wrong.append(f"{number}>={_formula(self.most + datetime.timedelta(days=1))}")
        elif self.kind == _WHOLE:
            # The second is true of every number below 0, too.
            wrong += [
                f"{number}>{_short(self.most)}",
                f"ABS({number}-ROUND({number},0))>{number}*5E-16",
            ]
        elif self.slack:
            wrong.append(f"{number}-{_short(self.most)}>={self.slack}")
        else:
            wrong.append(f"ROUND({number},16)>{_short(self.most)}")
        return wrong

    def counted(self, cell: str) -> str:
        """Write a formula of what a cell of numbers counts for: #N/A where it breaks the rule.

        Arithmetic on the cell itself would be on whatever a program makes of a text: Excel reads
        1,000 as a number in some countries and as another one in others.

        Args:
            cell: Reference to the cell.

        Returns:
            The formula without an equals sign; 0 for a blank.
        """
        return f"IF({self.broken(cell)}=1,NA(),N({cell}))"

    def read(self, given: Cell) -> float | int | str | datetime.date | None:
        """Read a value from a data file.

        Args:
            given: A cell of it; text where the file holds nothing but text.

        Returns:
            The value to put into the cell; None for a blank.

        Raises:
            ValueError: It is not allowed; the text says why and what to write instead.
        """
        if given is None or given == "":
            return None
        value = self._value(given)
        hidden = unseen(value, "\n\r\t") if isinstance(value, str) else ""
        if hidden:
            raise ValueError(f"it holds the character {hidden}, which no reader sees; take it out")
        if value is None:
            raise ValueError(f"{_as_given(given)} cannot be read; {self._how(given)}")
        if not self.allows(value):
            raise ValueError(f"{_as_given(given)} is not accepted: {self.what}")
        return value

    def _value(self, given: Cell) -> float | int | str | datetime.date | None:
        if isinstance(given, str):
            text = given.strip()
            if self.kind == _TEXT:
                return given
            if self.kind == _LIST:
                wanted = text.casefold()
                return next((one for one in self.choices if one.casefold() == wanted), None)
            if self.kind == _DATE:
                return _day(text)
            if self.kind == _WHOLE and _POINT_OF_THOUSANDS.fullmatch(text):
                return None  # 50.000 is fifty thousand to half of the world
            number = float(text) if _NUMBER.fullmatch(text) else math.nan
        elif isinstance(given, float):
            number = given
            if self.kind == _DATE:
                return _numbered(number)
            if self.kind == _LIST:
                return None
            if self.kind == _TEXT:
                return str(int(number)) if number.is_integer() else repr(number)
        else:
            return None
        if not math.isfinite(number):
            return None
        if self.kind == _WHOLE:
            return int(number) if number.is_integer() else None
        return number

    def _how(self, given: Cell) -> str:
        """Return what to write instead."""
        text = shown(given)
        if self.kind == _LIST:
            return f"write {' or '.join(self.choices)}"
        meant = date_meant(text) if self.of_dates else number_meant(text)
        if self.kind == _WHOLE and text.rstrip().endswith("%"):
            meant = ""
        if self.kind == _WHOLE and _POINT_OF_THOUSANDS.fullmatch(text.strip()):
            whole = text.strip().partition(".")[0]
            meant = f"{text.strip().replace('.', '')} or {whole}"
        return f"write {meant}" if meant else _HOW[self.kind]

    def allows(self, value: Any) -> bool:
        """Check whether a value of the right type is within the bounds."""
        if self.kind == _LIST:
            return True
        size: Any = len(value) if self.kind == _TEXT else value
        least: Any = self.least
        if least is not None and size < (float(least) if isinstance(least, Decimal) else least):
            return False
        # A bound that is a formula is the workbook's to say.
        most: Any = float(self.most) if isinstance(self.most, Decimal) else self.most
        return isinstance(most, str) or bool(size <= most)


def _formula(bound: Decimal | int | datetime.date | str | None) -> str:
    if isinstance(bound, datetime.date):
        return f"DATE({bound.year},{bound.month},{bound.day})"
    return f"{bound:f}" if isinstance(bound, Decimal) else str(bound)


def _short(most: Decimal | int | datetime.date | str) -> str:
    """Write a greatest value: a power of ten is easier to read with its exponent."""
    return f"{most:.0E}".replace("E+0", "E+") if most in _POWERS else _formula(most)


def part_in_words(part: Decimal) -> str:
    """Write a part of a whole as it is typed and, in brackets, in per cent."""
    return f"{part:f} ({(part * 100).normalize():f}%)"


def _in_words(bound: Decimal | int | datetime.date | str) -> str:
    """Write a greatest value: a heading of a table had better have no commas."""
    if isinstance(bound, Decimal):
        return part_in_words(bound)
    if isinstance(bound, int):
        for size, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
            if bound and bound % size == 0:
                return f"{bound // size} {word}"
    return str(bound)


def _day(text: str) -> datetime.date | None:
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        return datetime.date.fromisoformat(found[1])
    except ValueError:
        return None


def _numbered(serial: float) -> datetime.date | None:
    try:
        return day_of(serial) if serial.is_integer() else None
    except ValueError:
        return None


def _as_given(given: Cell) -> str:
    text = repr(given) if isinstance(given, str) else str(given)
    return text if len(text) <= 40 else text[:37] + "..."


def whole_number(least: int, what: str, most: int = _MOST_COUNT) -> Allowed:
    """Allow whole numbers from `least` on."""
    return _within_bounds(_WHOLE, least, most, f"{what}: a whole number")


def price_of(what: str, *, least: Decimal | int = LEAST_PRICE) -> Allowed:
    """Allow prices in USD a share, or ratios of them."""
    return _within_bounds(_DECIMAL, least, _MOST_PRICE, what)


def price_above(amount: Decimal, what: str) -> Allowed:
    """Allow prices at which an amount buys a count of shares that a cell shows, of 15 digits."""
    return price_of(what, least=max(LEAST_PRICE, Decimal(1).scaleb(amount.adjusted() - 14)))


def amount_of(what: str) -> Allowed:
    """Allow amounts in USD from 0 on."""
    return _within_bounds(_DECIMAL, 0, _MOST_AMOUNT, what)


def number_between(least: Decimal | int, most: int, what: str) -> Allowed:
    """Allow numbers in a range."""
    return _within_bounds(_DECIMAL, least, most, what)


def _within_bounds(kind: str, least: Decimal | int, most: int, what: str) -> Allowed:
    allowed = Allowed(kind, least, most, what)
    return replace(allowed, what=f"{what} {allowed.bounds}.")


def date_between(first: datetime.date, last: datetime.date, what: str) -> Allowed:
    """Allow dates in a range."""
    return Allowed(_DATE, first, last, what)


def amount_up_to(most: str, what: str, slack: str = Allowed.slack) -> Allowed:
    """Allow amounts from 0 to `most`, a formula, which is met while passed by less than `slack`."""
    return Allowed(_DECIMAL, 0, most, what, slack=slack)


def part_between(least: Decimal, most: Decimal, what: str) -> Allowed:
    """Allow parts of a whole in a range."""
    return Allowed(_DECIMAL, least, most, what, slack="")


def short_text(most: int, what: str) -> Allowed:
    """Allow texts of at most so many characters."""
    return Allowed(_TEXT, None, most, what)


def one_of(choices: Iterable[str], place: str, what: str) -> Allowed:
    """Allow the texts of a list.

    Args:
        choices: The texts.
        place: Defined name of the cells that hold them.
        what: What is wanted, in words for the user.
    """
    return Allowed(_LIST, None, place, what, choices=tuple(choices))
