"""What somebody may have put into a workbook of ours beside cells, rules and features of sheets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.workbook_part import SheetPart, Workbook, area_of

_PARTS: Final = {
    "xl/charts/chart": "chart",
    "xl/comments": "sheet's comments",
    "xl/threadedComments/": "thread of comments",
    "xl/media/": "picture",
    "xl/pivotTables/pivotTable": "pivot table",
    "xl/embeddings/": "embedded file",
    "xl/ctrlProps/": "control",
    "xl/activeX/activeX": "control",
    "xl/diagrams/data": "diagram",
    "xl/queryTables/": "query",
    "xl/slicers/": "slicer",
    "xl/timelines/": "timeline",
}
"""How parts are named that somebody may have added, and what they are."""

_DRAWING: Final = re.compile(r"xl/drawings/[^/]+\.xml")
_SHAPES: Final = ("sp", "cxnSp")

_OF_OFFICE: Final = re.compile(r"MSIP_Label_|ContentTypeId$|MediaServiceImageTags$")
"""Names of custom properties that Office and SharePoint write by themselves."""


def added_parts(book: Workbook, charts: int) -> Iterator[str]:
    """Yield in words the parts that somebody added.

    Args:
        book: The workbook.
        charts: How many charts it came with.
    """
    counts: Counter[str] = Counter()
    for name in book.names:
        counts.update(what for start, what in _PARTS.items() if name.startswith(start))
        if _DRAWING.fullmatch(name):
            counts["shape or text box"] += len(_elements(book, name, _SHAPES))
    counts["chart"] -= charts
    for sheet in book.sheets:
        for what in ("scenario", "sparkline"):
            if what.encode() in book.read(sheet.part):
                counts[what] += len(_elements(book, sheet.part, (what,)))
    for what, count in counts.items():
        if count > 0:
            plural = "shapes or text boxes" if what.startswith("shape") else f"{what}s"
            yield f"{count} {plural if count > 1 else what}"


def custom_properties(book: Workbook) -> str:
    """Name the custom document properties of a workbook, of which ours has none."""
    parts = [
        part
        for kind, part in book.relationships("").values()
        if kind == "/custom-properties" and part in book
    ]
    names = [
        item.attributes.get("name", "")
        for part in parts
        for item in _elements(book, part, ("property",))
    ]
    mine = sorted(name for name in names if not _OF_OFFICE.match(name))
    return repr(mine) if mine else ""


def links_of_cells(book: Workbook, sheet: SheetPart, inputs: Collection[Place]) -> str:
    """Return the links of a sheet that are none of ours: from input cells, or out of the workbook.

    Args:
        book: The workbook.
        sheet: The sheet.
        inputs: Its input cells, with those of tables.
    """
    found = []
    for item in xml_bytes.elements(Layout(book.read(sheet.part)).frame, ("hyperlink",)):
        attributes: Mapping[str, str] = item.attributes
        names = {xml_bytes.local(name): value for name, value in attributes.items()}
        cell = names.get("ref", "")
        try:
            area = area_of(cell)
        except ValueError:
            continue
        if "id" in names or (area.first_row, area.first_column) in inputs:
            found.append((cell, names.get("location", ""), names.get("tooltip", "")))
    return repr(sorted(found)) if found else ""


def _elements(book: Workbook, part: str, names: Collection[str]) -> list[xml_bytes.Element]:
    try:
        return xml_bytes.elements(book.read(part), names)
    except xml_bytes.UnsafeXMLError as error:
        raise book.unsafe(part, error) from None
