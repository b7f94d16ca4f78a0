"""Workbooks as LibreOffice is to import them: copies of which only it sees anything.

Excel's own meaning is kept:

- our functions get the full names that it knows them by, without the prefixes that programs put
  before our add-in's functions; gaps between commas stay, as it passes them on rightly;
- what it reads otherwise in references to tables is written as it reads it rightly;
- nothing that leads out of the workbook comes along, see `containing`;
- stored values go, as one left there could pass for a computed one;
- formats of cells go where they would hide whether a 1 is a TRUE.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.libreoffice.external_parts import contained
from xladdin.engines.workbook_settings import without_iteration
from xladdin.formulas.external_links import Links, links_of
from xladdin.formulas.tokens import (
    BRACKET,
    CALL,
    CLOSE,
    OPEN,
    OTHER,
    SHEET,
    SPACE,
    WORD,
    function_name,
    name_of_ours,
    tokens,
)
from xladdin.functions.registry import FUNCTIONS
from xladdin.libreoffice.extension import calc_name
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.package import packed
from xladdin.xlsx.parts import CONTENT_TYPES, MAIN, OFFICE_RELATIONSHIPS, RELATIONSHIPS
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.stored_values import written
from xladdin.xlsx.workbook_part import Workbook, column_letters
from xladdin.xlsx.xml_bytes import Edit

_SINGLE: Final = "_XLFN.SINGLE("
"""How files write the @ that takes one cell of a range; without it LibreOffice does the same."""

_NUMERIC: Final = frozenset({"MAX", "MIN", "MAXA", "MINA", "SMALL", "LARGE", "MEDIAN", "N"})
"""Functions whose result LibreOffice shows as a logical if their arguments are logicals. In Excel
they give numbers."""

_OURS_LOGICAL: Final = frozenset(
    name
    for name, function in FUNCTIONS.items()
    if getattr(function.implementation, "__annotations__", {}).get("return") in ("bool", bool)
)
"""Functions of ours that give TRUE or FALSE, which an add-in of LibreOffice can only give as 1 or
0."""

_LOGICAL: Final = _OURS_LOGICAL | {
    *("AND", "OR", "XOR", "NOT", "TRUE", "FALSE", "EXACT", "ISBLANK", "ISERR", "ISERROR", "ISEVEN"),
    *("ISFORMULA", "ISLOGICAL", "ISNA", "ISNONTEXT", "ISNUMBER", "ISODD", "ISREF", "ISTEXT"),
}
"""Functions that give logicals."""

_OURS: Final = re.compile(
    "|".join([*map(re.escape, sorted(FUNCTIONS, reverse=True)), "_xlfn[.]SINGLE"]), re.IGNORECASE
)


def rewritten(formula: str, tables: Collection[str] = ()) -> str:
    """Rewrite a formula as LibreOffice is to import it.

    Args:
        formula: The formula without an equals sign, and without the prefixes of our add-in.
        tables: Names of the workbook's tables, in lower case.

    Returns:
        The formula with the full names of our functions, and with tables' names that say what of
        the table is meant; the same text where there is nothing of this.
    """
    if not tables and _OURS.search(formula) is None:
        return formula
    out: list[str] = []
    closings: list[str] = []  # for every open parenthesis, what ends it
    prefix = ""
    parts = tokens(formula)
    for at, (kind, text) in enumerate(parts):
        if kind == SHEET:
            prefix = text
            continue
        if kind == CALL:
            name = name_of_ours(text, FUNCTIONS)
            closing = ")"
            if name and not prefix:
                text = f"{calc_name(name)}("
                if name in _OURS_LOGICAL:
                    # A comparison makes a logical of the 1 or 0 that the office hands on.
                    text, closing = f"({text}", ")<>0)"
            elif text.upper() == _SINGLE:
                text = "("
            closings.append(closing)
        elif kind == OPEN:
            closings.append("")
        elif kind == CLOSE and closings:
            text = closings.pop() or text
        elif kind == WORD and text.casefold() in tables:
            following = parts[at + 1].kind if at + 1 < len(parts) else ""
            if following != BRACKET and not prefix:
                # Alone, it is the table with its headings here, and without them in Excel.
                text = f"{text}[[#Data]]"
        elif kind == BRACKET and text.startswith("[#"):
            text = f"[{text}]"  # rows alone are read only in brackets of their own
        out += (prefix, text)
        prefix = ""
    return "".join((*out, prefix))


def copied(book: Workbook) -> bytes:
    """Make the copy of a workbook that LibreOffice opens.

    Args:
        book: The workbook.

    Returns:
        The copy.
    """
    parts: dict[str, bytes] = {}
    links = links_of(book)
    tables = frozenset(table.name.casefold() for table in book.tables)
    for sheet in book.sheets:
        content = book.read(sheet.part)
        parts[sheet.part] = xml_bytes.splice(content, _sheet_edits(content, tables, links))
    content = without_iteration(book.read(book.workbook))
    parts[book.workbook] = xml_bytes.splice(
        content,
        [
            Edit(item.inner, item.stop, xml_bytes.escaped(text).encode())
            for item in xml_bytes.elements(content, ("definedName",))
            if (text := rewritten(links.without(item.text), tables)) != item.text
        ],
    )
    return contained(book, parts)


def _sheet_edits(content: bytes, tables: Collection[str], links: Links) -> Iterator[Edit]:
    """Rewrite formulas, and take stored values and formats of their cells away.

    Without a format of its own, a cell is given one that distinguishes a logical from a number.
    """
    inside: dict[str, xml_bytes.Element] = {}
    for item in xml_bytes.elements(content, ("c", "f", "v")):
        name = xml_bytes.local(item.name)
        if name != "c":
            inside[name] = item
            continue
        formula, value = inside.pop("f", None), inside.pop("v", None)
        tag = content[item.start : item.inner]
        bare = tag
        if formula is not None and formula.start > item.start:
            text = xml_bytes.unescaped(formula.text).removeprefix("=")
            new = rewritten(links.without(text), tables)
            if new != text:
                yield Edit(formula.inner, formula.stop, xml_bytes.escaped(new).encode())
            if value is not None and value.start > item.start:
                yield Edit(value.start, value.end, b"")
            bare = xml_bytes.with_attribute(bare, "t", None)
            if last_kind(text) is not float:
                bare = xml_bytes.with_attribute(bare, "s", None)
        elif item.attributes.get("t") == "b":
            bare = xml_bytes.with_attribute(bare, "s", None)
        if bare != tag:
            yield Edit(item.start, item.inner, bare)


def last_kind(formula: str) -> type[bool] | type[float] | None:
    """Find from what a formula does last whether it gives logicals or numbers.

    Args:
        formula: The formula without an equals sign; a call with a prefix before it decides nothing.

    Returns:
        The kind; None where this does not decide.
    """
    parts = [token for token in tokens(formula) if token.kind != SPACE]
    depth, signs, closings = 0, False, 0
    for token in parts:
        if depth == 0 and token.kind == OTHER:
            if token.text in "=<>":
                return bool
            signs |= token.text in "+-*/^%&"
        depth += (token.kind in (CALL, OPEN)) - (token.kind == CLOSE)
        closings += token.kind == CLOSE and depth == 0
    if signs:
        return float
    if parts and parts[0].kind == CALL and closings == 1:
        name = function_name(parts[0].text)
        return bool if name in _LOGICAL else float if name in _NUMERIC else None
    return None


def called(layouts: Mapping[str, Layout]) -> dict[int, set[str]]:
    """List the functions that formulas call and that are not ours, as the file writes them.

    Args:
        layouts: Sheets.

    Returns:
        The functions by the `id` of the formula that calls them.
    """
    found = {}
    for layout in layouts.values():
        groups: dict[str, set[str]] = {}
        for formula in layout.formulas:
            names = {
                token.text.removesuffix("(")
                for token in tokens(formula.text)
                if token.kind == CALL
                and not name_of_ours(token.text, FUNCTIONS)
                and token.text.upper() != _SINGLE
                and not token.text.lower().startswith("_xlpm.")
            }
            if formula.group:
                # Followers of a shared formula have no text; their master comes first.
                names = groups.setdefault(formula.group, names)
            found[id(formula)] = names
    return found


_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def probe(formulas: Sequence[str], cells: Mapping[Place, Cell] = MappingProxyType({})) -> bytes:
    """Make a small workbook to try formulas in.

    Args:
        formulas: Formulas without equals signs, as files write them.
        cells: What they may refer to on the sheet D.

    Returns:
        A workbook that has them in column A of its sheet S.
    """
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><f>{xml_bytes.escaped(formula)}</f></c></row>'
        for row, formula in enumerate(formulas, 1)
    )
    by_row: dict[int, list[str]] = {}
    for (row, column), value in sorted(cells.items()):
        if value is not None:
            kind, text = written(value)
            given = f' t="{kind}"' if kind else ""
            by_row.setdefault(row, []).append(
                f'<c r="{column_letters(column)}{row}"{given}><v>{text}</v></c>'
            )
    data = "".join(f'<row r="{row}">{"".join(found)}</row>' for row, found in by_row.items())
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{CONTENT_TYPES}">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/s.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/d.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONSHIPS}"><Relationship Id="r1" '
        f'Type="{OFFICE_RELATIONSHIPS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE_RELATIONSHIPS}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/><sheet name="D" sheetId="2" r:id="r2"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONSHIPS}">'
        f'<Relationship Id="r1" Type="{OFFICE_RELATIONSHIPS}/worksheet" Target="s.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE_RELATIONSHIPS}/worksheet" Target="d.xml"/>'
        "</Relationships>",
        "xl/s.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/d.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>',
    }
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return packed({name: f"{head}{text}".encode() for name, text in parts.items()})
