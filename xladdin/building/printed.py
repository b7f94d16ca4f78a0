"""Printed figures of a deal, each beside what reproduces it: a formula, or a cell of a workbook."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl

from xladdin.building.plan import selection_of
from xladdin.building.render import TEMPLATES, render
from xladdin.cells import Cell, day_of, described, serial_of
from xladdin.core.decimals import as_shown
from xladdin.engines.embedded.compute import evaluate
from xladdin.errors import NothingToShowError
from xladdin.terms.deal import Deal, PrintedFigure
from xladdin.terms.parsing import as_day, as_number


class Reproduced(NamedTuple):
    """A printed figure, and what reproduces it.

    Attributes:
        figure: The figure.
        found: What the formula or cell gives; None for an exception.
        agrees: Whether it is the printed figure to half of its last digit; True for an exception.
        reason: Why the two cannot be compared, if they cannot.
    """

    figure: PrintedFigure
    found: Cell
    agrees: bool
    reason: str = ""


def reproduced(deal: Deal, source: str | Path) -> Iterator[Reproduced]:
    """Reproduce the printed figures of a deal.

    Args:
        deal: The deal.
        source: Its name, or its file, by which workbooks are built.

    Yields:
        Each figure, in the order of the deal.

    Raises:
        FileError: A workbook cannot be built.
    """
    books: dict[str, Any] = {}
    for figure in deal.printed:
        if figure.exception is not None:
            yield Reproduced(figure, None, True)
            continue
        reason = ""
        if figure.call is not None:
            value = evaluate(figure.call).value
            found: Cell = None if isinstance(value, list) else value
        else:
            assert figure.workbook is not None
            if figure.workbook not in TEMPLATES:
                known = ", ".join(TEMPLATES)
                yield Reproduced(
                    figure, None, False, f"no workbook has that name; there is {known}"
                )
                continue
            if figure.workbook not in books:
                books[figure.workbook] = _built(figure.workbook, source)
            found, reason = _shown(figure, books[figure.workbook])
        readable = (as_number(figure.value), as_day(figure.value)) != (None, None)
        if isinstance(found, float) and not readable:
            reason = f"it is written as no number and no day is, beside {described(found)}"
        yield Reproduced(figure, found, agrees(figure.value, found), reason)


def agrees(printed: str, found: Cell) -> bool:
    """Check whether a value is a printed figure, to half of its last digit; a text is the same.

    A day is that of the serial, whose time of day is left aside.
    """
    number, day = as_number(printed), as_day(printed)
    if day is not None and isinstance(found, float):
        return int(found) == serial_of(day)
    if number is None or not isinstance(found, float):
        return found == printed
    unit = Fraction(10) ** int(number.as_tuple().exponent)
    # As a sheet shows it: 1.005 is half of a cent from 1.01, though its double is not.
    return abs(as_shown(found) - Fraction(number)) <= unit / 2


def _built(name: str, source: str | Path) -> Any:
    """Render a workbook of the deal as documented, and read its values; None of none."""
    with suppress(NothingToShowError):
        made = render(name, selection_of(source).documented)
        return openpyxl.load_workbook(io.BytesIO(made.data), data_only=True)
    return None


def _shown(figure: PrintedFigure, book: Any) -> tuple[Cell, str]:
    """Read the cell of a figure's defined name, or give the reason why there is none."""
    assert figure.cell is not None
    if book is None:
        return None, f"the deal has nothing for {figure.workbook}"
    name = book.defined_names.get(figure.cell)
    if name is None:
        return None, f"{figure.workbook} names no cell {figure.cell}"
    sheet, cell = next(iter(name.destinations))
    value = book[sheet][cell.replace("$", "")].value
    if isinstance(value, datetime.datetime):
        return float(serial_of(value)), ""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value, ""


def _compared(one: Reproduced) -> str:
    """Describe what was found as it is printed: a day as one."""
    if isinstance(one.found, float) and as_day(one.figure.value) is not None:
        with suppress(ValueError):
            return day_of(one.found).isoformat()
    return described(one.found)


def in_words(one: Reproduced) -> str:
    """Describe a printed figure, and what reproduces it, in a line."""
    figure = one.figure
    if figure.exception is not None:
        return f"{figure.name}  {figure.value}  exception: {figure.exception}"
    state = "reproduced"
    if one.reason:
        state = f"CANNOT BE COMPARED: {one.reason}"
    elif not one.agrees:
        state = f"DIFFERS: {_compared(one)}"
    return f"{figure.name}  {figure.value}  {state}  [{figure.sources['value']}]"
