"""Rendering one workbook: written by its template, computed, and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from openpyxl.utils.cell import coordinate_to_tuple

from xladdin.building.origin import write_origin
from xladdin.checking import checks_sheet
from xladdin.checking.recalc import store
from xladdin.errors import FileError, InputError
from xladdin.formulas import hosts
from xladdin.formulas.hosts import EXCEL
from xladdin.functions.garbage_collection import uncollected
from xladdin.terms import Selection
from xladdin.workbooks.captable import conversions, exercise
from xladdin.workbooks.captable import workbook as captable
from xladdin.workbooks.equityline import headings
from xladdin.workbooks.equityline import quotations as line_quotations
from xladdin.workbooks.equityline import workbook as equityline
from xladdin.workbooks.floating import quotations
from xladdin.workbooks.floating import workbook as floating
from xladdin.workbooks.layout.pages import lay_out
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.workbooks.offering import shelf
from xladdin.workbooks.offering import workbook as offering
from xladdin.workbooks.placements import headings as logged
from xladdin.workbooks.placements import workbook as placements
from xladdin.workbooks.proceeds import workbook as proceeds
from xladdin.workbooks.reporting import headings as reported
from xladdin.workbooks.reporting import securities, shares, warrant_headings
from xladdin.workbooks.reporting import workbook as reporting
from xladdin.xlsx.openpyxl_writer import parts_of
from xladdin.xlsx.parts import Parts
from xladdin.xlsx.workbook_part import Workbook

TEMPLATES: Final[Mapping[str, Callable[[Selection, Entries], Book]]] = MappingProxyType(
    {
        "placements": placements.build,
        "proceeds": proceeds.build,
        "floating": floating.build,
        "captable": captable.build,
        "equityline": equityline.build,
        "reporting": reporting.build,
        "offering": offering.build,
    }
)
"""The templates, by name."""

TABLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        logged.TABLE: "placements",
        quotations.TABLE: "floating",
        exercise.TABLE: "captable",
        conversions.TABLE: "captable",
        headings.TABLE: "equityline",
        line_quotations.TABLE: "equityline",
        reported.TABLE: "reporting",
        shares.TABLE: "reporting",
        securities.TABLE: "reporting",
        warrant_headings.TABLE: "reporting",
        warrant_headings.CHANGES: "reporting",
        shelf.TABLE: "offering",
    }
)
"""The tables that people type into, each with its template."""

BY_AGREEMENT: Final = ("placements",)
"""Templates that are about one agreement of a deal; the others are about the deal as a whole."""


@dataclass(frozen=True)
class Rendered:
    """A workbook's bytes, and what its checks say.

    Attributes:
        data: The file.
        formulas: Number of formulas computed.
        checks_ok: Whether every check holds.
        failures: The checks that do not, in words.
        warnings: Number of warnings, which leave the checks as they are.
    """

    data: bytes
    formulas: int
    checks_ok: bool
    failures: tuple[str, ...]
    warnings: int = 0


def write(name: str, selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write a workbook, formulas without values.

    Args:
        name: The template.
        selection: The deal and agreement.
        entries: What users entered.

    Returns:
        The workbook.

    Raises:
        FileError: Something was entered that has no place in it, or is not allowed there; or
            the deal's figures give no workbook.
        InputError: The deal has nothing that the template is about.
    """
    try:
        book = TEMPLATES[name](selection.dated, entries)
    except InputError as error:
        if error.argument == "terms":
            raise
        # A figure of the deal leads where no calendar does, which is not to have nothing to show.
        raise FileError(selection.text, f"no {name} can be made of it: {error}") from error
    entries.refuse_wrong(book.inputs, book.tables)
    book.protect()
    for worksheet in book.workbook.worksheets:
        lay_out(worksheet)
    write_origin(book, name, selection.text)
    return book


@uncollected()
def render(
    name: str,
    selection: Selection,
    settings: Mapping[str, str] | None = None,
    entries: Entries = NOTHING,
    host: str = EXCEL,
) -> Rendered:
    """Make a workbook's bytes: the same for the same release, template, deal and entries.

    Args:
        name: The template.
        selection: The deal and agreement.
        settings: Settings of the macros for a macro workbook; see `macro_workbooks.settings_for`.
        entries: What users entered.
        host: The add-in that is to compute it; see `hosts.PREFIXES`.

    Returns:
        The bytes, with every value stored.
    """
    book = write(name, selection, entries)
    return finish(book, settings, f"{name}.xlsx of {selection.text}", host, kept=False)


def finish(
    book: Book,
    settings: Mapping[str, str] | None = None,
    path: str = "workbook",
    host: str = EXCEL,
    *,
    kept: bool = True,
) -> Rendered:
    """Compute a workbook that has been written.

    Args:
        book: The workbook.
        settings: Settings of the macros for a macro workbook; see `macro_workbooks.settings_for`.
        path: What messages are to call it.
        host: The add-in that is to compute it; see `hosts.PREFIXES`.
        kept: Whether its cells are kept, which take memory while it is computed.

    Returns:
        The bytes, with every value stored.
    """
    if settings is not None:
        from xladdin.excel.macro_workbooks import add_macros  # only now: it stands on xlwings

        add_macros(book.workbook, settings)
    parts = parts_of(book.workbook)
    if not kept:
        # They refer to their sheet and it to them, so that only a collection would free them.
        for sheet in book.workbook.worksheets:
            sheet._cells.clear()
    if host != EXCEL:
        rename = partial(hosts.renamed, host=host)
        sheets = {name: sheet.renamed(rename) for name, sheet in parts.sheets.items()}
        parts = Parts(parts | hosts.converted(Workbook(parts, path), host), sheets)
    return computed(Workbook(parts, path), path, _warnings(book))


def computed(book: Workbook, path: str, warnings: tuple[str, str] | None) -> Rendered:
    """Compute a workbook, and read its checks.

    Args:
        book: The workbook.
        path: What messages are to call it.
        warnings: Sheet and cell of the number of its warnings; None if it has no such cell.

    Returns:
        The bytes, with every value stored.
    """
    data, found = store(book, path)
    value = partial(found.value, checks_sheet.TITLE)
    failures = tuple(
        f"{checks_sheet.TITLE}!F{line.place[0]}: {line.words}"
        for line in checks_sheet.read_lines(value)
        if line.kind == checks_sheet.MUST_HOLD and line.holds is not True
    )
    checks_ok = value(*checks_sheet.VERDICT) is True
    number = found.value(warnings[0], *coordinate_to_tuple(warnings[1])) if warnings else None
    warned = int(number) if isinstance(number, float) else 0
    return Rendered(data, found.formulas, checks_ok, failures, warned)


def _warnings(book: Book) -> tuple[str, str] | None:
    """Find the cell with the number of warnings; not every workbook has one."""
    defined = book.workbook.defined_names.get("Checks_Warnings")
    for sheet, cell in defined.destinations if defined else ():
        return sheet, cell.replace("$", "")
    return None
