"""How cells look: a few named styles, so that input and result differ at a glance."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from functools import cache, lru_cache
from textwrap import wrap
from typing import Final

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import (
    Alignment,
    Border,
    Color,
    Font,
    NamedStyle,
    PatternFill,
    Protection,
    Side,
)
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.named_styles import NamedStyleList
from openpyxl.utils.indexed_list import IndexedList

FONT: Final = "Calibri"

NAVY: Final = "FF1F3864"
BLUE: Final = "FF0000FF"
GREY: Final = "FF595959"
PALE_YELLOW: Final = "FFFFF9DB"
PALE_GREY: Final = "FFF2F2F2"
PALE_GREEN: Final = "FFE2F0D9"
PALE_RED: Final = "FFF8CBAD"
PALE_AMBER: Final = "FFFFE699"
RED: Final = "FFC00000"
LINE: Final = "FFD0D0D0"

# Zero shows as a dash: rows that wait for input hold zeros, and should not shout.
# Negative amounts stand in brackets, and room is left for these behind the others.
USD: Final = '#,##0.00_);(#,##0.00);"–"_)'
USD_FINE: Final = '0.0000_);(0.0000);"–"_)'
PRICE: Final = '#,##0.0000_);(#,##0.0000);"–"_)'
QUOTE: Final = '#,##0.00##_);(#,##0.00##);"–"_)'
"""A price as it was typed: in cents, or with the digits behind them."""
YEARS: Final = '0.00_);(0.00);"–"_)'
MONTHS: Final = "0.00_);(0.00)"
"""Months, 0 among them: a text stands where there are none."""
COUNT: Final = '#,##0_);(#,##0);"–"_)'
DIGITS: Final = '[=0]"–"_);[<1000000000]#,##0_);0.00E+00_)'
"""Digits of a number as a whole one, which may be 15: more than a column shows."""
DATE: Final = 'd mmm yyyy_);;"–"_)'
DAY_OR_COUNT: Final = "[>=1000]d mmm yyyy_);#,##0_)"
"""Days, and counts of days among them."""
PERCENT: Final = '0.0%_);(0.0%);"–"_)'
RATE: Final = "0.0##%_)"
STEP: Final = "0.0##%_);(0.0##%)"
MULTIPLE: Final = "0.00##_)"
SMALL: Final = "0.0E+00_);(0.0E+00);0_)"
GENERAL: Final = "General"
FLAG: Final = '"TRUE";"TRUE";"FALSE"'
"""Truth values show as such whatever their format; this is for LibreOffice, which may work them out
anew as 1 and 0."""

TITLE: Final = "xl Title"
HEADING: Final = "xl Heading"
TEXT: Final = "xl Text"
NOTE: Final = "xl Note"
HEADER: Final = "xl Header"
TWIN_HEADER: Final = "xl Twin header"
INPUT: Final = "xl Input"
RESULT: Final = "xl Result"
TWIN: Final = "xl Twin"
TERM: Final = "xl Term"
ALARM: Final = "xl Alarm"
STATE: Final = "xl State"
LINK: Final = "xl Link"

_LETTERS: Final = 1.15
"""Letters of a text for each of a column's characters, which are as wide as a digit."""

STRONG: Final = Font(name=FONT, size=10, bold=True)
"""For a figure that one looks at first."""

LEGEND: Final = (
    (INPUT, "Input", "Type here. First figures are illustrative unless a source is given."),
    (RESULT, "Result", "Computed by the add-in, or from its results."),
    (TWIN, "Plain-Excel twin", "The same figure from native functions and the Terms sheet alone."),
    (TERM, "Term", "A figure of the deal, with its source. Not to be typed over."),
)
"""Styles that carry a meaning: style, its name, what it means."""


@lru_cache
def filled(colour: str, *, bold: bool = False) -> DifferentialStyle:
    """Return the look of a conditional format that fills a cell; one object for all of a kind."""
    fill = PatternFill("solid", bgColor=Color(rgb=colour))
    return DifferentialStyle(font=Font(bold=True) if bold else None, fill=fill)


def lines(text: str, width: float) -> int:
    """Count the lines of a text that a cell of some width, in characters, breaks between words."""
    room = max(int(width * _LETTERS), 1)
    return sum(
        len(wrap(line, room, break_on_hyphens=False)) if len(line) > room else 1
        for line in text.split("\n")
    )


def width_for(texts: Iterable[str], least: int, most: int) -> int:
    """Return a width, in characters, at which texts need one line, if it is between bounds."""
    return min(max(least, *(math.ceil(len(text) / _LETTERS) for text in texts)), most)


def difference(tolerance: float) -> str:
    """Return the number format of a difference that is not negative.

    It shows 0 within its tolerance, digits from 1 on, and a power of ten between the two.
    """
    zero = f"[<={Decimal(repr(tolerance)):f}]" if tolerance else "[=0]"
    return f"{zero}0_);[>=1]#,##0.00_);0.0E+00_)"


def alarm() -> Rule:
    """Return the rule that colours the state of the checks where one of them fails."""
    return Rule("expression", dxf=filled(PALE_RED), formula=["NOT(Checks_OK)"])


def _side(colour: str = LINE) -> Side:
    return Side(style="thin", color=Color(rgb=colour))


def _style(
    name: str,
    font: Font,
    *,
    fill: str = "",
    border: bool = False,
    alignment: Alignment | None = None,
    open_: bool = False,
) -> NamedStyle:
    style = NamedStyle(name=name)
    style.font = font
    if fill:
        style.fill = PatternFill("solid", fgColor=Color(rgb=fill))
    if border:
        style.border = Border(left=_side(), right=_side(), top=_side(), bottom=_side())
    style.alignment = alignment or Alignment(vertical="center")
    style.protection = Protection(locked=not open_)
    return style


_LISTS: Final = (
    *("_fonts", "_fills", "_borders", "_alignments", "_protections", "_number_formats"),
    "_cell_styles",
)
"""Where openpyxl keeps the looks of a workbook's cells, each by its number."""


def add_styles(workbook: Workbook) -> None:
    """Give a new workbook the named styles.

    They are taken from one workbook that has them: to look each up takes openpyxl as long as to
    write a sheet.
    """
    model = _model()
    for name in _LISTS:
        setattr(workbook, name, _copied(getattr(model, name)))
    workbook._named_styles = NamedStyleList(model._named_styles)


def _copied(looks: IndexedList) -> IndexedList:
    copied = IndexedList()
    copied.extend(looks)
    copied._dict = dict(looks._dict)  # which looks at none of them again
    copied.clean = looks.clean
    return copied


@cache
def _model() -> Workbook:
    """Make a workbook with the named styles."""
    workbook = Workbook()
    wrapped = Alignment(vertical="top", wrap_text=True)
    centred = Alignment(vertical="center", horizontal="center", wrap_text=True)
    plain = Font(name=FONT, size=10)
    # What is longer than its column is written smaller: no #### and no words cut.
    shrunk = Alignment(vertical="center", shrink_to_fit=True)
    for style in (
        _style(TITLE, Font(name=FONT, size=16, bold=True, color=NAVY)),
        _style(HEADING, Font(name=FONT, size=12, bold=True, color=NAVY)),
        _style(TEXT, plain, alignment=Alignment(vertical="center", wrap_text=True)),
        _style(NOTE, Font(name=FONT, size=9, italic=True, color=GREY), alignment=wrapped),
        _style(
            HEADER,
            Font(name=FONT, size=10, bold=True, color="FFFFFFFF"),
            fill=NAVY,
            border=True,
            alignment=centred,
        ),
        _style(
            TWIN_HEADER,
            Font(name=FONT, size=10, bold=True, color="FFFFFFFF"),
            fill="FF666666",
            border=True,
            alignment=centred,
        ),
        _style(
            INPUT,
            Font(name=FONT, size=10, color=BLUE),
            fill=PALE_YELLOW,
            border=True,
            alignment=shrunk,
            open_=True,
        ),
        _style(RESULT, plain, border=True, alignment=shrunk),
        _style(
            TWIN,
            Font(name=FONT, size=10, italic=True, color=GREY),
            fill=PALE_GREY,
            border=True,
            alignment=Alignment(vertical="center", horizontal="right", shrink_to_fit=True),
        ),
        _style(TERM, plain, fill=PALE_GREEN, border=True, alignment=shrunk),
        _style(ALARM, Font(name=FONT, size=10, bold=True, color=RED)),
        _style(STATE, Font(name=FONT, size=10, bold=True, color=GREY)),
        _style(LINK, Font(name=FONT, size=10, underline="single", color=BLUE)),
    ):
        workbook.add_named_style(style)
    return workbook
