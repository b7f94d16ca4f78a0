"""A text typed where a number belongs: every cell has a value, and the entry is named."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from draws import THOROUGH, first
from offices import needs_office
from templates import OF_2001

from xladdin.building.render import write
from xladdin.cells import CellError
from xladdin.checking import checks_sheet
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.engines.result import Computed
from xladdin.terms import select
from xladdin.workbooks.layout.sheet import Book

DOUBTFUL = "1,000"
"""A thousand in some countries, one in others, and a text to most programs."""


def place(book: Book, name: str) -> tuple[str, str]:
    """Find the cell of a defined name."""
    sheet, reference = next(iter(book.workbook.defined_names[name].destinations))
    return sheet, reference.replace("$", "")


def typed(book: Book, values: dict[tuple[str, str], Any]) -> bytes:
    """Return the workbook with values in some cells; it is left as it was."""
    before = {}
    for (sheet, reference), value in values.items():
        cell = book.workbook[sheet][reference]
        before[sheet, reference] = cell.value, cell.number_format
        cell.value = value
    buffer = io.BytesIO()
    book.workbook.save(buffer)
    for (sheet, reference), (value, number_format) in before.items():
        cell = book.workbook[sheet][reference]
        cell.value, cell.number_format = value, number_format
    return buffer.getvalue()


def value_at(book: Book, result: Computed, sheet: str, reference: str) -> Any:
    cell = book.workbook[sheet][reference]
    return result.value(sheet, cell.row, cell.column)


def failing(book: Book, result: Computed) -> list[str]:
    return [
        check.what
        for row, check in enumerate(book.failures, checks_sheet.FIRST_ROW)
        if result.value("Checks", row, 6) not in (True, 1.0)
    ]


@pytest.mark.parametrize("name", first(sorted(OF_2001, reverse=True)))
def test_no_input_is_calculated_with_as_a_text(name: str) -> None:
    book = write(name, select())
    # Who prepared and reviewed the workbook is nothing that is calculated with.
    figures = [entry for entry in book.inputs if not entry.startswith(("Prepared", "Reviewed"))]
    assert figures
    for entries in [[entry] for entry in figures] if THOROUGH else [figures]:
        places = [place(book, entry) for entry in entries]
        result = embedded.compute(typed(book, dict.fromkeys(places, DOUBTFUL)), Path("book.xlsx"))
        assert result.refusals == (), entries
        assert value_at(book, result, *place(book, "Checks_OK")) is False, entries
        lines = failing(book, result)
        for where in map("!".join, places):
            assert any(what.startswith(f"{where}, ") for what in lines), where


@pytest.mark.sample(1)
@needs_office
@pytest.mark.parametrize("text", [DOUBTFUL, "x", True])
def test_what_rests_on_a_wrong_amount_is_an_error_and_no_figure(text: Any) -> None:
    book = write("proceeds", select())
    data = typed(book, {place(book, "Other_expenses_1"): text})
    for engine in (embedded, libreoffice):
        result = engine.compute(data, Path("book.xlsx"))
        assert result.refusals == ()
        assert isinstance(value_at(book, result, *place(book, "Net_proceeds")), CellError)
        assert not isinstance(value_at(book, result, *place(book, "Commission_total")), CellError)


def test_a_blank_counts_for_nothing() -> None:
    book = write("proceeds", select())
    data = typed(book, {place(book, "Other_expenses_1"): None})
    result = embedded.compute(data, Path("book.xlsx"))
    assert failing(book, result) == []
    assert value_at(book, result, *place(book, "Other_expenses_1.counted")) == 0
