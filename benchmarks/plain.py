"""The placement log without this package, written by plain openpyxl and by XlsxWriter.

What stands in which cell, in which style, is taken from the template beforehand. So the rivals
neither work anything out nor compute anything: they write what they are given, and save it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import openpyxl
import xlsxwriter
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Alignment, Border, Font
from openpyxl.workbook.defined_name import DefinedName

from xladdin.workbooks.layout.styles import add_styles

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


_ALIGNMENT = ("horizontal", "vertical", "wrap_text", "shrink_to_fit", "indent")
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
    is_bare: bool  # without the border of its style
    look: int  # number of its looks among those of the workbook, for XlsxWriter


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
    looks: list[dict[str, Any]]


def recipe(workbook: Any) -> Recipe:
    """Take a workbook of openpyxl's apart."""
    styles = {style.name: style for style in workbook._named_styles}
    looks: dict[str, dict[str, Any]] = {}
    sheets = [
        Sheet(
            sheet.title,
            list(_cells(sheet, styles, looks)),
            {letter: item.width for letter, item in sheet.column_dimensions.items()},
            {row: item.height for row, item in sheet.row_dimensions.items() if item.height},
            [str(area) for area in sheet.merged_cells.ranges],
            list(sheet.tables.values()),
            list(sheet._charts),
            {name: getattr(sheet, name) for name in _SETTINGS},
        )
        for sheet in workbook.worksheets
    ]
    names = {name: item.attr_text for name, item in workbook.defined_names.items()}
    return Recipe(sheets, names, list(looks.values()))


def _cells(sheet: Any, styles: dict[str, Any], looks: dict[str, dict[str, Any]]) -> Iterator[Cell]:
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell, MergedCell) or (cell.value is None and not cell.has_style):
                continue
            style = styles[cell.style]
            look = _look(cell)
            looks.setdefault(repr(look), look)
            yield Cell(
                cell.coordinate,
                cell.value,
                cell.data_type == "s",
                bool(cell.quotePrefix),
                cell.style,
                cell.number_format if cell.number_format != style.number_format else "",
                _fields(cell.alignment, _ALIGNMENT) if cell.alignment != style.alignment else {},
                _fields(cell.font, _FONT) if cell.font != style.font else {},
                cell.border != style.border,
                list(looks).index(repr(look)),
            )


def _look(cell: Any) -> dict[str, Any]:
    """Describe how a cell looks as XlsxWriter does."""
    font = cell.font
    found: dict[str, Any] = {
        "num_format": cell.number_format,
        "font_name": font.name,
        "font_size": font.sz,
        "bold": bool(font.b),
        "italic": bool(font.i),
        "border": 1 if cell.border.left and cell.border.left.style else 0,
        "text_wrap": bool(cell.alignment.wrap_text),
        "shrink": bool(cell.alignment.shrink_to_fit),
        "align": cell.alignment.horizontal or "",
    }
    if cell.fill.fill_type == "solid":
        found["bg_color"] = f"#{cell.fill.fgColor.rgb[2:]}"
    if font.color is not None and isinstance(font.color.rgb, str):
        found["font_color"] = f"#{font.color.rgb[2:]}"
    return {name: value for name, value in found.items() if value}


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
        for item in sheet.cells:
            place, value, is_text, is_quoted, style, number_format, alignment, font, is_bare, _ = (
                item
            )
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
            if is_bare:
                cell.border = Border()
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


def with_xlsxwriter(made_of: Recipe) -> bytes:
    """Write the same cells, styles and names with XlsxWriter; without tables, rules and charts."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    formats = [workbook.add_format(look) for look in made_of.looks]
    for sheet in made_of.sheets:
        worksheet = workbook.add_worksheet(sheet.title)
        worksheet.hide_gridlines(2)
        for cell in sheet.cells:
            place, value, is_text = cell[:3]
            if is_text:
                worksheet.write_string(place, value, formats[cell.look])
            elif isinstance(value, str):
                worksheet.write_formula(place, value, formats[cell.look], "")
            else:
                worksheet.write(place, value, formats[cell.look])
        for letter, width in sheet.widths.items():
            worksheet.set_column(f"{letter}:{letter}", width)
        for row, height in sheet.heights.items():
            worksheet.set_row(row - 1, height)
    for name, text in made_of.names.items():
        workbook.define_name(name, f"={text}")
    workbook.close()
    return buffer.getvalue()


def differences(one: bytes, other: bytes) -> list[str]:
    """List what two workbooks differ in: formulas, texts, numbers and the looks of their cells."""
    found = []
    first, second = (openpyxl.load_workbook(io.BytesIO(data)) for data in (one, other))
    if first.sheetnames != second.sheetnames or set(first.defined_names) != set(
        second.defined_names
    ):
        found.append("sheets or names")
    for sheet in first.worksheets:
        twin = second[sheet.title]
        if _counts(sheet) != _counts(twin):
            found.append(f"{sheet.title}: {_counts(sheet)} and {_counts(twin)}")
        for row in sheet.iter_rows():
            for cell in row:
                if _seen(cell) != _seen(twin[cell.coordinate]):
                    found.append(f"{sheet.title}!{cell.coordinate}")
    return found


def _counts(sheet: Any) -> tuple[int, ...]:
    rules = sheet.conditional_formatting, sheet.data_validations.dataValidation
    return tuple(map(len, (sheet.tables, sheet._charts, sheet.merged_cells.ranges, *rules)))


def _seen(cell: Any) -> tuple[Any, ...]:
    looks = (cell.font, cell.fill, cell.border, cell.alignment)
    return cell.value, cell.number_format, cell.style, *map(repr, looks)
