"""The placement log without this package: the same sheets, written by plain openpyxl and XlsxWriter.

What stands in which cell, in which style, is taken from the template beforehand. So the rivals
neither work anything out nor compute anything: they write what they are given, and save it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import openpyxl
import xlsxwriter
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName

from xladdin.templates.styles import add_styles

_SETTINGS = (
    "auto_filter",
    "conditional_formatting",
    "data_validations",
    "freeze_panes",
    "oddFooter",
    "page_margins",
    "page_setup",
    "print_options",
    "print_title_rows",
    "sheet_properties",
    "sheet_state",
)
"""What a sheet has beside cells: openpyxl's own objects, handed over as they are."""


_ALIGNMENT = ("horizontal", "vertical", "wrap_text", "indent")
_FONT = ("name", "size", "bold", "italic", "color")


class Cell(NamedTuple):
    """What is written into a cell; what is the named style's own is left empty."""

    place: str
    value: Any
    is_text: bool
    is_quoted: bool
    style: str
    number_format: str
    alignment: dict[str, Any]
    font: dict[str, Any]


class Sheet(NamedTuple):
    """What a sheet is made of."""

    title: str
    cells: list[Cell]
    widths: dict[str, float]
    heights: dict[int, float]
    merged: list[str]
    tables: list[Any]
    charts: list[Any]
    settings: dict[str, Any]


class Recipe(NamedTuple):
    """What a workbook is made of."""

    sheets: list[Sheet]
    names: dict[str, str]


def recipe(workbook: Any) -> Recipe:
    """Take a workbook of openpyxl's apart."""
    styles = {style.name: style for style in workbook._named_styles}
    sheets = [
        Sheet(
            sheet.title,
            list(_cells(sheet, styles)),
            {letter: item.width for letter, item in sheet.column_dimensions.items()},
            {row: item.height for row, item in sheet.row_dimensions.items() if item.height},
            [str(area) for area in sheet.merged_cells.ranges],
            list(sheet.tables.values()),
            list(sheet._charts),
            {name: getattr(sheet, name) for name in _SETTINGS},
        )
        for sheet in workbook.worksheets
    ]
    return Recipe(sheets, {name: item.attr_text for name, item in workbook.defined_names.items()})


def _cells(sheet: Any, styles: dict[str, Any]) -> Iterator[Cell]:
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell, openpyxl.cell.cell.MergedCell):
                continue
            if cell.value is None and not cell.has_style:
                continue
            style = styles[cell.style]
            yield Cell(
                cell.coordinate,
                cell.value,
                cell.data_type == "s",
                bool(cell.quotePrefix),
                cell.style,
                cell.number_format if cell.number_format != style.number_format else "",
                _fields(cell.alignment, _ALIGNMENT) if cell.alignment != style.alignment else {},
                _fields(cell.font, _FONT) if cell.font != style.font else {},
            )


def _fields(style: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(style, name))}


def with_openpyxl(made_of: Recipe) -> bytes:
    """Write the workbook with openpyxl, as its documentation shows."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    add_styles(workbook)
    for sheet in made_of.sheets:
        worksheet = workbook.create_sheet(sheet.title)
        worksheet.sheet_view.showGridLines = False
        for place, value, is_text, is_quoted, style, number_format, alignment, font in sheet.cells:
            cell = worksheet[place]
            cell.value = value
            if is_text:
                cell.data_type = "s"
            cell.style = style
            if is_quoted:
                cell.quotePrefix = True
            if number_format:
                cell.number_format = number_format
            if alignment:
                cell.alignment = Alignment(**alignment)
            if font:
                cell.font = Font(**font)
        for letter, width in sheet.widths.items():
            worksheet.column_dimensions[letter].width = width
        for row, height in sheet.heights.items():
            worksheet.row_dimensions[row].height = height
        for area in sheet.merged:
            worksheet.merge_cells(area)
        for name, setting in sheet.settings.items():
            setattr(worksheet, name, setting)
        for table in sheet.tables:
            worksheet.add_table(table)
        for chart in sheet.charts:
            worksheet.add_chart(chart)
    for name, text in made_of.names.items():
        workbook.defined_names[name] = DefinedName(name, attr_text=text)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()
