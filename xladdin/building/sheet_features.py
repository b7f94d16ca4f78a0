"""What a sheet has beside its cells, in a form that a program which saves it again keeps.

Conditional formats and validations are counted in cells, and not compared area by area: programs
split and join areas. Looks, such as fills and widths, change with whoever saves, and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element

from xladdin.building.sheet_rules import RULES, FormulaKey, SheetRule, rules_of
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Layout
from xladdin.xlsx.workbook_part import Workbook

if TYPE_CHECKING:
    from openpyxl import Workbook as Written
    from openpyxl.worksheet.worksheet import Worksheet

_TRUE: Final = ("1", "true")
_HIDDEN_ROW: Final = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=[\"'](?:1|true)[\"'][^>]*>")
_PASSWORDS: Final = ("password", "hashValue", "workbookPassword", "workbookHashValue")
_PROPERTIES: Final = ("title", "subject", "creator", "keywords", "description", "category")


def sheet_features(part: bytes, rules: Sequence[SheetRule]) -> Mapping[str, str]:
    """Describe what a sheet has beside its cells.

    Args:
        part: Its part; rows are looked at for being hidden.
        rules: Its rules; see `rules_of`.

    Returns:
        By what it is, in words: its description.

    Raises:
        UnsafeXMLError: The part is not well formed, or not safe.
    """
    rows = sorted(xml_bytes.attributes(row[0]).get("r", "") for row in _HIDDEN_ROW.finditer(part))
    frame = Layout(part).frame
    root = list(xml_bytes.tree(frame).iter())
    columns = sorted(
        (int(item.get("min", "0")), int(item.get("max", "0")))
        for item in _named(root, "col")
        if item.get("hidden") in _TRUE
    )
    hidden = [number for first, last in columns for number in range(first, last + 1)]
    return MappingProxyType(
        {
            **{what: _counted(rule for rule in rules if rule.what == what) for what in RULES},
            "header and footer": _headers(root),
            "protection": _protection(_named(root, "sheetProtection")),
            "hidden rows and columns": repr((rows, hidden)) if rows or hidden else "",
        }
    )


def book_features(
    sheets: Iterable[tuple[str, str]], protection: Iterable[Element], properties: Iterable[Element]
) -> Mapping[str, str]:
    """Describe what a workbook has beside its sheets.

    Args:
        sheets: Their names and states in order.
        protection: Elements that protect the workbook.
        properties: Elements of its document properties.

    Returns:
        By what it is, in words: its description.
    """
    listed = list(sheets)
    texts = {xml_bytes.local(item.tag): (item.text or "").strip() for item in properties}
    return MappingProxyType(
        {
            "order of its sheets": repr([name for name, _ in listed]),
            "hidden sheets": repr(sorted(name for name, state in listed if state != "visible")),
            "protection of the workbook": _protection(list(protection)),
            "document properties": repr([texts.get(name, "") for name in _PROPERTIES]),
        }
    )


def features_to_come(
    book: Written, formula: FormulaKey
) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Sequence[SheetRule]]]:
    """Describe a workbook that openpyxl is about to write, by sheet; itself under an empty name.

    Args:
        book: The workbook.
        formula: Writes a formula in one form.

    Returns:
        The features, and the rules of each sheet.
    """
    described = {sheet.title: _described(_part_of(sheet), formula) for sheet in book.worksheets}
    rules = {title: rules for title, (rules, _) in described.items()}
    found = {title: features for title, (_, features) in described.items()}
    states = [(sheet.title, sheet.sheet_state) for sheet in book.worksheets]
    protection = [book.security.to_tree()] if book.security else []
    found[""] = book_features(states, protection, book.properties.to_tree())
    return found, rules


def features_of(
    book: Workbook, sheets: Iterable[str], formula: FormulaKey
) -> Mapping[str, Mapping[str, str]]:
    """Describe some sheets of a workbook, and itself under an empty name, as it is now."""
    wanted = set(sheets)
    found: dict[str, Mapping[str, str]] = {}
    for sheet in book.sheets:
        if sheet.name in wanted:
            try:
                part = book.read(sheet.part)
                rules = list(rules_of(Layout(part).frame, formula))
                found[sheet.name] = sheet_features(part, rules)
            except xml_bytes.UnsafeXMLError as error:
                raise book.unsafe(sheet.part, error) from None
    root = list(book.tree(book.workbook).iter())
    states = [
        (item.get("name", ""), item.get("state", "visible"))
        for item in _named(root, "sheet")
        if item.get("name") in wanted
    ]
    core = [
        part for kind, part in book.relationships("").values() if kind.endswith("/core-properties")
    ]
    properties = list(book.tree(core[0])) if core and core[0] in book else []
    found[""] = book_features(states, _named(root, "workbookProtection"), properties)
    return found


@lru_cache(maxsize=256)
def _described(part: bytes, formula: FormulaKey) -> tuple[Sequence[SheetRule], Mapping[str, str]]:
    """Return a sheet's rules and features; many deals' workbooks have the same."""
    rules = tuple(rules_of(part, formula))
    return rules, sheet_features(part, rules)


def _part_of(sheet: Worksheet) -> bytes:
    """Write a sheet's part as far as it is looked at here."""
    from openpyxl.xml import functions as made  # its elements are not those of every library

    from xladdin.xlsx.openpyxl_writer import formats_tree

    root = made.Element("worksheet")
    rows = made.SubElement(root, "sheetData")
    for number, row in sheet.row_dimensions.items():
        if row.hidden:
            made.SubElement(rows, "row", r=str(number), hidden="1")
    for column in sheet.column_dimensions.values():
        if column.hidden:
            column.reindex()
            first, last = str(column.min), str(column.max)
            made.SubElement(root, "col", min=first, max=last, hidden="1")
    root.append(sheet.protection.to_tree())
    root.extend(map(formats_tree, sheet.conditional_formatting))
    root.append(sheet.data_validations.to_tree())
    root.append(sheet.HeaderFooter.to_tree())
    return bytes(made.tostring(root))


def _named(elements: Iterable[Element], name: str) -> list[Element]:
    return [item for item in elements if xml_bytes.local(item.tag) == name]


def _counted(rules: Iterable[SheetRule]) -> str:
    """Describe rules by the number of cells that each has, in however many areas."""
    counts: dict[tuple[str, ...], int] = {}
    for rule in rules:
        counts[rule.key] = counts.get(rule.key, 0) + rule.cells
    return repr(sorted(counts.items())) if counts else ""


def _headers(root: Iterable[Element]) -> str:
    texts = [
        (xml_bytes.local(item.tag), re.sub(r"\s+", " ", item.text).strip())
        for block in _named(root, "headerFooter")
        for item in block
        if item.text
    ]
    return repr(sorted(texts)) if texts else ""


def _protection(elements: Iterable[Element]) -> str:
    """Return in words whether something is protected, and whether by a password."""
    names = ("sheet", "lockStructure", "lockWindows", *_PASSWORDS)
    found = [
        "password" if name in _PASSWORDS else name
        for item in elements
        for name in names
        if item.get(name, "0") not in ("0", "false", "")
    ]
    return repr(found) if found else ""
