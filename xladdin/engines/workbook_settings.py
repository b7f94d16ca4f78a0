"""A workbook's own settings, as far as the values in it depend on them."""

from __future__ import annotations

import re
from typing import Final

from xladdin.errors import FileError
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.parts import relationships_of
from xladdin.xlsx.workbook_part import Workbook, area_of
from xladdin.xlsx.xml_bytes import Edit

_TRANSITIONAL: Final = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    ),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/5/main": (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    ),
}
"""Names that Strict Open XML and a beta of Excel 2007 have for what readers know by others."""

_LINK: Final = "/externalLink"

_HIDDEN: Final = re.compile(
    rb"<(?:[\w.-]+:)?row\s[^<>]*?(?:\shidden=[\"'](?:1|true)|\sht=[\"']0(?:\.0*)?)[\"'][^<>]*>"
)
"""Rows that are hidden, by their mark or for want of height."""

_NUMBER: Final = re.compile(rb"\sr=[\"'](\d{1,7})[\"']")


def require_usual(book: Workbook) -> None:
    """Refuse settings that no engine here follows.

    Args:
        book: The workbook.

    Raises:
        FileError: It counts dates from 1904, or computes with the precision displayed.
    """
    if book.counts_from_1904:
        reason = "it counts dates from 1904, and values are computed by the 1900 system here"
        remedy = "recalculate it in Excel; to change the system there moves dates by 1,462 days"
        raise FileError(book.path, reason, remedy)
    for item in book.tree(book.workbook).iter():
        if xml_bytes.local(item.tag) == "calcPr" and item.get("fullPrecision") in ("0", "false"):
            reason = "it computes with the precision displayed"
            raise FileError(book.path, reason, "recalculate it in Excel")


def without_iteration(content: bytes) -> bytes:
    """Take iterative calculation out of a workbook's main part: no engine ends where Excel does.

    Formulas in a circle are refused then, and all others have the values that they have anyway.
    """
    edits = []
    for item in xml_bytes.elements(content, ("calcPr",)):
        tag = content[item.start : item.inner]
        edits.append(Edit(item.start, item.inner, xml_bytes.with_attribute(tag, "iterate", None)))
    return xml_bytes.splice(content, edits)


def without_links(book: Workbook, content: bytes) -> dict[str, bytes | None]:
    """Take the links to other workbooks out of the parts of a workbook.

    Args:
        book: The workbook.
        content: Its main part.

    Returns:
        New content by the part's name; None for a part that goes.
    """
    main = book.workbook
    relations = relationships_of(main)
    links = {key: part for key, (kind, part) in book.relationships(main).items() if kind == _LINK}
    gone = [*links.values(), *map(relationships_of, links.values())]
    changed: dict[str, bytes | None] = dict.fromkeys(gone)
    for part, data, tag in (
        (main, content, "externalReferences"),
        (relations, book.read(relations), "Relationship"),
    ):
        edits = [
            Edit(item.start, item.end, b"")
            for item in xml_bytes.elements(data, (tag,))
            if part == main or item.attributes.get("Id") in links
        ]
        changed[part] = xml_bytes.splice(data, edits)
    return changed


def transitional(content: bytes) -> bytes:
    """Write a part in the names that every reader knows."""
    for strict, usual in _TRANSITIONAL.items():
        if strict in content:
            content = content.replace(strict, usual)
    return content


def is_unusual(content: bytes) -> bool:
    """Whether a workbook's main part is written in names that not every reader knows."""
    return transitional(content) != content


def hidden_rows(book: Workbook, sheet: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return which rows of a sheet are hidden, and which of these by a filter.

    Args:
        book: The workbook.
        sheet: The sheet.

    Returns:
        The rows, by number.
    """
    part = next(item.part for item in book.sheets if item.name == sheet)
    content = book.read(part)
    found = (_NUMBER.search(match[0]) for match in _HIDDEN.finditer(content))
    hidden = frozenset(int(number[1]) for number in found if number is not None)
    if not hidden:
        return hidden, hidden
    parts = [part]
    parts += [table for kind, table in book.relationships(part).values() if kind == "/table"]
    filtered: set[int] = set()
    for one in parts:
        for item in book.tree(one).iter():
            if xml_bytes.local(item.tag) == "autoFilter" and len(item):
                area = area_of(item.get("ref", ""))
                filtered |= hidden & set(range(area.first_row, area.last_row + 1))
    return hidden, frozenset(filtered)
