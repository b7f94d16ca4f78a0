"""A workbook's sheets, tables, names, links and date system, as its parts state them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

from xladdin.errors import FileError
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.package import Package

CURRENT_CALCULATION: Final = "191029"
"""Number of the calculation engine of Excel 2019 and later. Excel recalculates a workbook that
names an older one in full when it opens it."""

_AREA: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384


class Area(NamedTuple):
    """A rectangle of cells; rows and columns count from 1, the last ones are in it."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.last_row - self.first_row + 1, self.last_column - self.first_column + 1

    @property
    def text(self) -> str:
        """The area in A1 form, without dollar signs; one cell is named once."""
        first = f"{column_letters(self.first_column)}{self.first_row}"
        last = f"{column_letters(self.last_column)}{self.last_row}"
        return first if first == last else f"{first}:{last}"


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """Return a column's letters, such as ``AB`` for 28."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return a column's number, such as 28 for ``AB``; letters are capitals."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def area_of(text: str) -> Area:
    """Read an area such as ``B2`` or ``A1:C4``.

    Args:
        text: The area in A1 form.

    Returns:
        The area.

    Raises:
        ValueError: The text is no area.
    """
    match = _AREA.fullmatch(text.replace("$", "").upper())
    if match is None:
        raise ValueError(f"{text!r} is no area of cells")
    left, top, right, bottom = match.groups()
    first = int(top), column_number(left)
    last = (int(bottom), column_number(right)) if right else first
    if not (1 <= first[0] <= last[0] <= LAST_ROW and first[1] <= last[1] <= LAST_COLUMN):
        raise ValueError(f"{text!r} is no area of cells")
    return Area(*first, *last)


class SheetPart(NamedTuple):
    """A worksheet: its name and its part."""

    name: str
    part: str


@dataclass(frozen=True)
class Table:
    """An Excel table.

    Attributes:
        name: Its name in formulas.
        sheet: The sheet it is on.
        area: All of it, header and totals included.
        columns: Its column names, left to right.
        header_rows: Rows of its header, 0 or 1.
        totals_rows: Rows of its totals, 0 or 1.
        formulas: By column: the formula of all its rows, without an equals sign; empty for a
            column without one.
    """

    name: str
    sheet: str
    area: Area
    columns: tuple[str, ...]
    header_rows: int
    totals_rows: int
    formulas: tuple[str, ...] = ()

    @cached_property
    def column_numbers(self) -> dict[str, int]:
        """The sheet's columns by the names of the table's, case folded."""
        left = self.area.first_column
        return {name.casefold(): left + at for at, name in enumerate(self.columns)}

    @property
    def first_data_row(self) -> int:
        """First row of its data."""
        return self.area.first_row + self.header_rows

    @property
    def last_data_row(self) -> int:
        """Last row of its data."""
        return self.area.last_row - self.totals_rows


class Name(NamedTuple):
    """A defined name.

    Attributes:
        name: The name.
        text: Its formula, without an equals sign.
        sheet: The sheet it belongs to; None for the whole workbook.
    """

    name: str
    text: str
    sheet: str | None


class Workbook(Package):
    """A package, read as a workbook."""

    @cached_property
    def sheets(self) -> tuple[SheetPart, ...]:
        """Its worksheets in order; chart sheets and the like have no cells and are left out."""
        related = self.relationships(self.workbook)
        found: dict[str, SheetPart] = {}
        for _, name, identifier in self._listed:
            kind, part = related.get(identifier, ("", ""))
            if kind == "/worksheet":
                if part not in self:
                    raise FileError(self.path, f"the part of its sheet {name!r} is missing")
                part = self._known[part.lower()]
                if part in found:
                    raise FileError(
                        self.path, f"its sheets {found[part].name!r} and {name!r} are one part"
                    )
                found[part] = SheetPart(name, part)
        return tuple(found.values())

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Its tables, sheet by sheet."""
        return tuple(
            self._table(part, sheet.name)
            for sheet in self.sheets
            for kind, part in self.relationships(sheet.part).values()
            if kind == "/table"
        )

    @cached_property
    def defined_names(self) -> tuple[Name, ...]:
        """Its defined names, without those that programs use internally."""
        listed = [name for _, name, _ in self._listed]
        found = []
        for item in self._root.iter():
            if xml_bytes.local(item.tag) == "definedName":
                name, scope = item.get("name", ""), item.get("localSheetId")
                if name.lower().startswith("_xlnm."):
                    continue
                sheet = None
                if scope is not None and scope.isdecimal() and int(scope) < len(listed):
                    sheet = listed[int(scope)]
                found.append(Name(name, "".join(item.itertext()).strip(), sheet))
        return tuple(found)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Its shared texts, which cells refer to by number."""
        for kind, part in self.relationships(self.workbook).values():
            if kind == "/sharedStrings" and part in self:
                try:
                    return tuple(xml_bytes.texts(self.read(part), "si"))
                except xml_bytes.UnsafeXMLError as error:
                    raise self.unsafe(part, error) from None
        return ()

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Addresses of the workbooks that formulas name ``[1]``, ``[2]`` and so on; none is opened.

        They are as in the file: a path, a URL, or a file name alone where Excel finds the folder
        otherwise, such as its start folder. An address is empty if it leads to no workbook (DDE
        and OLE are counted, too), or to nothing.
        """
        addresses = {part: self._address(part) for part in set(self._link_parts)}
        return tuple(addresses[part] for part in self._link_parts)

    @cached_property
    def whole_links(self) -> frozenset[int]:
        """Numbers of the links, from 1; none where a part is missing: engines count otherwise."""
        parts = self._link_parts
        return frozenset(range(1, len(parts) + 1) if all(part in self for part in parts) else ())

    @cached_property
    def _link_parts(self) -> tuple[str, ...]:
        related = self.relationships(self.workbook)
        return tuple(
            related.get(_identifier(item), ("", ""))[1]
            for item in self._root.iter()
            if xml_bytes.local(item.tag) == "externalReference"
        )

    @cached_property
    def counts_from_1904(self) -> bool:
        """Whether its dates count from 1904, as in early Excel for the Macintosh."""
        return any(
            item.get("date1904") in ("1", "true")
            for item in self._root.iter()
            if xml_bytes.local(item.tag) == "workbookPr"
        )

    @cached_property
    def has_macros(self) -> bool:
        """Whether it carries VBA code."""
        kinds = (kind for kind, _ in self.relationships(self.workbook).values())
        return "/vbaProject" in kinds

    @cached_property
    def signed(self) -> bool:
        """Whether it carries a digital signature, which any change would break."""
        return any(kind == "/origin" for kind, _ in self.relationships("").values())

    @cached_property
    def _root(self) -> Element:
        return self.tree(self.workbook)

    @cached_property
    def _listed(self) -> tuple[tuple[int, str, str], ...]:
        """List index, name and relationship of every sheet, of any kind."""
        found: list[tuple[int, str, str]] = []
        for item in self._root.iter():
            if xml_bytes.local(item.tag) == "sheet":
                found.append((len(found), item.get("name", ""), _identifier(item)))
        return tuple(found)

    def _address(self, part: str) -> str:
        """Return the target of an external link's part."""
        if part not in self:
            return ""
        books = (item for item in self.tree(part) if xml_bytes.local(item.tag) == "externalBook")
        return next((self.external_targets(part).get(_identifier(item), "") for item in books), "")

    def _table(self, part: str, sheet: str) -> Table:
        root = self.tree(part)
        try:
            area = area_of(root.get("ref", ""))
        except ValueError as error:
            raise FileError(self.path, f"its table in {part} cannot be read: {error}") from None
        columns = [item for item in root.iter() if xml_bytes.local(item.tag) == "tableColumn"]
        return Table(
            name=root.get("displayName", "") or root.get("name", ""),
            sheet=sheet,
            area=area,
            # A line break in a heading is written as an escape.
            columns=tuple(xml_bytes.unescaped(item.get("name", "")) for item in columns),
            header_rows=int(root.get("headerRowCount", "1")),
            totals_rows=int(root.get("totalsRowCount", "0")),
            formulas=tuple(map(_calculated, columns)),
        )


def _calculated(column: Element) -> str:
    """Return the formula of a table's column; empty if it has none."""
    found = (item for item in column if xml_bytes.local(item.tag) == "calculatedColumnFormula")
    text = next(("".join(item.itertext()) for item in found), "")
    return xml_bytes.unescaped(text).strip().removeprefix("=")


def _identifier(item: Element) -> str:
    """Return the relationship that an element names."""
    return next((value for key, value in item.items() if key.endswith("}id")), "")


def mark_calculated(package: Package) -> dict[str, bytes]:
    """Declare in a workbook that its stored values are current.

    Otherwise Excel calculates it on opening, and on a machine without the add-in every formula with
    the package's functions would turn into #NAME?. This is for workbooks that the package builds;
    a user's own workbook keeps its settings.

    Args:
        package: The workbook.

    Returns:
        The new content of the part that changes, by its name.

    Raises:
        FileError: The part is damaged, or not safe XML.
    """
    content = package.read(package.workbook)
    try:
        found = xml_bytes.elements(content, ("calcPr", "sheets", "definedNames"))
    except xml_bytes.UnsafeXMLError as error:
        raise package.unsafe(package.workbook, error) from None
    settings = [item for item in found if xml_bytes.local(item.name) == "calcPr"]
    edits = []
    for item in settings:
        tag = content[item.start : item.inner]
        for stale in ("fullCalcOnLoad", "forceFullCalc"):
            tag = xml_bytes.with_attribute(tag, stale, None)
        tag = xml_bytes.with_attribute(tag, "calcId", CURRENT_CALCULATION)
        edits.append(xml_bytes.Edit(item.start, item.inner, tag))
    if not settings and found:
        # The schema requires it after the defined names, or else after the sheets.
        last = max(found, key=lambda item: item.end)
        prefix = last.name.rpartition(":")[0]
        name = f"{prefix}:calcPr" if prefix else "calcPr"
        tag = f'<{name} calcId="{CURRENT_CALCULATION}"/>'.encode()
        edits.append(xml_bytes.Edit(last.end, last.end, tag))
    return {package.workbook: xml_bytes.splice(content, edits)}
