"""Rendering one workbook: written by its template, computed, and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from openpyxl.utils.cell import coordinate_to_tuple

from xladdin.building.origin import write_origin
from xladdin.checking import checks_sheet
from xladdin.checking.recalc import store
from xladdin.errors import FileError, InputError
from xladdin.formulas import hosts
from xladdin.formulas.hosts import EXCEL
from xladdin.functions.garbage_collection import uncollected
from xladdin.terms import Selection
from xladdin.workbooks.captable import exercise
from xladdin.workbooks.captable import workbook as captable
from xladdin.workbooks.equityline import headings
from xladdin.workbooks.equityline import quotations as line_quotations
from xladdin.workbooks.equityline import workbook as equityline
from xladdin.workbooks.floating import quotations
from xladdin.workbooks.floating import workbook as floating
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.workbooks.offering import shelf
from xladdin.workbooks.offering import workbook as offering
from xladdin.workbooks.placements import columns
from xladdin.workbooks.placements import workbook as placements
from xladdin.workbooks.proceeds import workbook as proceeds
from xladdin.workbooks.reporting import headings as reported
from xladdin.workbooks.reporting import securities, shares
from xladdin.workbooks.reporting import workbook as reporting
from xladdin.xlsx.openpyxl_writer import parts_of
from xladdin.xlsx.workbook_part import Workbook

if TYPE_CHECKING:
    from xladdin.engines.result import Computed

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
        columns.TABLE: "placements",
        quotations.TABLE: "floating",
        exercise.TABLE: "captable",
        headings.TABLE: "equityline",
        line_quotations.TABLE: "equityline",
        reported.TABLE: "reporting",
        shares.TABLE: "reporting",
        securities.TABLE: "reporting",
        shelf.TABLE: "offering",
    }
)
"""The tables that people type into, each with its template."""


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
    return finish(book, settings, f"{name}.xlsx of {selection.text}", host)


def finish(
    book: Book,
    settings: Mapping[str, str] | None = None,
    path: str = "workbook",
    host: str = EXCEL,
) -> Rendered:
    """Compute a workbook that has been written.

    Args:
        book: The workbook.
        settings: Settings of the macros for a macro workbook; see `macro_workbooks.settings_for`.
        path: What messages are to call it.
        host: The add-in that is to compute it; see `hosts.PREFIXES`.

    Returns:
        The bytes, with every value stored.
    """
    if settings is not None:
        from xladdin.excel.macro_workbooks import add_macros  # only now: it stands on xlwings

        add_macros(book.workbook, settings)
    parts = parts_of(book.workbook)
    if host != EXCEL:
        parts |= hosts.converted(Workbook(parts, path), host)
    data, computed = store(Workbook(parts, path), path)
    value = partial(computed.value, checks_sheet.TITLE)
    failures = tuple(
        f"{checks_sheet.TITLE}!F{line.place[0]}: {line.words}"
        for line in checks_sheet.read_lines(value)
        if line.kind == checks_sheet.FAILURE and line.holds is not True
    )
    checks_ok = value(*checks_sheet.VERDICT) is True
    return Rendered(data, computed.formulas, checks_ok, failures, _warnings(book, computed))


def _warnings(book: Book, computed: Computed) -> int:
    """Read the number of warnings; a workbook without that cell has none."""
    defined = book.workbook.defined_names.get("Checks_Warnings")
    for sheet, cell in defined.destinations if defined else ():
        row, column = coordinate_to_tuple(cell.replace("$", ""))
        value = computed.value(sheet, row, column)
        return int(value) if isinstance(value, float) else 0
    return 0
