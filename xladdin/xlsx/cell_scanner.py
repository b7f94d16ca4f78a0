"""Positions of rows and cells in the bytes of a sheet's part.

A parser first checks that the part is well formed and safe. Then one expression matches a whole
cell at a time, which is several times as fast as a callback for each of its tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from xladdin.xlsx import xml_bytes
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW, column_number

Place: TypeAlias = tuple[int, int]
"""Row and column of a cell, from 1."""

Span: TypeAlias = tuple[int, int]
"""Begin and end of something in the bytes."""

_ASIDE: Final = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
"""Content that may have a ``<`` that begins no tag."""

_DECLARATION: Final = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s[^<]*\?>")

_ROOT: Final = re.compile(rb"<([^\s<>/:!?]+:)?[^\s<>/:!?]+")

_IN_TAG: Final = rb"""([^<>"'/]*+(?:(?:"[^"]*+"|'[^']*+')[^<>"'/]*+)*)"""
"""The attributes of a tag; their quotes may contain ``>`` or ``/``."""

_EXTENSION: Final = re.compile(
    rb"<((?:[^\s<>/:]+:)?extLst)(?=[\s>])" + _IN_TAG + rb">.*?</\1\s*>", re.DOTALL
)
"""Extensions of the format have elements named ``c``, ``f`` and ``v``, too."""


class Patterns(NamedTuple):
    """The expressions that find the elements of a sheet, under the prefix of its names."""

    sheet_data: re.Pattern[bytes]
    sheet_data_end: re.Pattern[bytes]
    parts: re.Pattern[bytes]
    children: re.Pattern[bytes]


@lru_cache
def patterns_of(prefix: bytes) -> Patterns:
    """Compile the expressions for a prefix of names."""
    name = re.escape(prefix)

    def opening(local: bytes, first: bytes = b"") -> bytes:
        return b"<" + name + local + rb"(?=[\s/>])" + first + _IN_TAG

    def closing(local: bytes) -> bytes:
        return b"</" + name + local + rb"\s*+>"

    def child(local: bytes) -> bytes:
        return rb"(?:\s*+(" + opening(local) + rb"(?:/>|>([^<]*+)" + closing(local) + rb")))?"

    # In nearly all rows and cells, the reference is the first attribute.
    cell = opening(b"c", rb'(?:\s+r="([A-Z]{1,3})([1-9][0-9]{0,6})")?') + b"(?:/>|(>)"
    inline = rb"(?:\s*+(" + opening(b"is") + b">.*?" + closing(b"is") + b"))?"
    cell += child(b"f") + child(b"v") + inline + b"(.*?)" + closing(b"c") + b")"
    row = opening(b"row", rb'(?:\s+r="([1-9][0-9]{0,6})")?') + b"(/?)>"
    either = b"|".join(
        opening(local) + b"(?:/>|>(.*?)" + closing(local) + b")" for local in (b"f", b"v", b"is")
    )
    return Patterns(
        re.compile(opening(b"sheetData") + b"(/?)>"),
        re.compile(closing(b"sheetData")),
        re.compile(cell + b"|" + row + b"|" + closing(b"row"), re.DOTALL),
        re.compile(either, re.DOTALL),
    )


@dataclass(slots=True)
class CellSpan:
    """Position and content of a cell in the bytes.

    Positions in it are kept as distances from its start: of small numbers, Python has one object
    each, so that a million cells take half the memory.

    Attributes:
        row: Its row.
        column: Its column.
        tag: The attributes in its start tag, as written.
        start: Begin of its start tag.
        to_inner: Distance to the begin of its content.
        to_end: Distance to the end of its end tag; equal to `to_inner` if it closes itself.
        formula_from: Distance to its formula; below 0 if it has none.
        formula_to: Distance to the end of its formula.
        formula_tag: The attributes of the formula's start tag, as written.
        formula_inside: Content of the formula's element, as written.
        value_from: Distance to its stored value; below 0 if it has none.
        value_to: Distance to the end of its stored value.
        value_inside: Content of the value's element, as written.
        inline: Position of its inline text; None if it has none.
    """

    row: int
    column: int
    tag: bytes
    start: int
    to_inner: int
    to_end: int
    formula_from: int = -1
    formula_to: int = -1
    formula_tag: bytes = b""
    formula_inside: bytes = b""
    value_from: int = -1
    value_to: int = -1
    value_inside: bytes = b""
    inline: Span | None = None

    @property
    def inner(self) -> int:
        """Begin of its content."""
        return self.start + self.to_inner

    @property
    def end(self) -> int:
        """End of its end tag."""
        return self.start + self.to_end

    @property
    def formula(self) -> Span | None:
        """Position of its formula; None if it has none."""
        if self.formula_from < 0:
            return None
        return self.start + self.formula_from, self.start + self.formula_to

    @property
    def value(self) -> Span | None:
        """Position of its stored value; None if it has none."""
        if self.value_from < 0:
            return None
        return self.start + self.value_from, self.start + self.value_to

    @property
    def attributes(self) -> Mapping[str, str]:
        """Its attributes; the reference may be left out."""
        return attributes_of(self.tag)

    @property
    def formula_attributes(self) -> Mapping[str, str]:
        """The attributes of its formula."""
        return attributes_of(self.formula_tag)

    @property
    def value_text(self) -> str:
        """Its stored value as text; empty if it has none."""
        return xml_bytes.characters(self.value_inside)


@dataclass(slots=True)
class RowSpan:
    """Position of a row in the bytes, and its cells.

    Attributes:
        number: Its number.
        start: Begin of its start tag.
        inner: Begin of its content.
        stop: End of its content.
        empty: Whether it closes itself.
        cells: Its cells in order.
    """

    number: int
    start: int
    inner: int
    stop: int
    empty: bool
    cells: list[CellSpan]


class Scan(NamedTuple):
    """Positions in a sheet's part.

    Attributes:
        prefix: Prefix of the names of its elements: empty, or such as ``x:``.
        rows: Its rows in order.
        end_of_rows: Position at which a row after the last one would begin.
    """

    prefix: str
    rows: list[RowSpan]
    end_of_rows: int


class SheetTags(NamedTuple):
    """A sheet's part without what is not to be taken for tags, and where its rows stand in it."""

    prefix: bytes
    text: bytes
    where: Span
    has_rows: bool


def scan(data: bytes) -> Scan:
    """Find the rows and cells of a sheet's part.

    Args:
        data: The part.

    Returns:
        Their positions; only rows directly under the sheet's data count.

    Raises:
        UnsafeXMLError: The part is not well formed, or not safe, or has impossible cells.
    """
    tags = sheet_tags(data)
    rows = list(_rows(data, tags)) if tags.has_rows else []
    return Scan(tags.prefix.decode(), rows, tags.where[1])


def sheet_tags(data: bytes) -> SheetTags:
    """Check that a sheet's part is well formed and safe, and find where its rows stand."""
    xml_bytes.feed(xml_bytes.parser(), data)
    declared = _DECLARATION.match(data)
    aside = b"<!" in data or data.find(b"<?", declared.end() if declared else 0) >= 0
    tags = _masked(_ASIDE, data) if aside else data
    root = _ROOT.search(tags)
    prefix = (root[1] or b"") if root else b""
    patterns = patterns_of(prefix)
    opening = patterns.sheet_data.search(tags)
    if opening is None or opening[2]:
        end = opening.start() if opening else len(data)
        return SheetTags(prefix, tags, (end, end), False)
    name = b"</" + prefix + b"sheetData"
    end = tags.find(name, opening.end())
    while end >= 0 and patterns.sheet_data_end.match(tags, end) is None:
        end = tags.find(name, end + 1)
    end = end if end >= 0 else len(data)
    if tags.find(b"extLst", opening.end(), end) >= 0:
        head, inside, tail = tags[: opening.end()], tags[opening.end() : end], tags[end:]
        tags = head + _masked(_EXTENSION, inside) + tail
    return SheetTags(prefix, tags, (opening.end(), end), True)


def _masked(pattern: re.Pattern[bytes], data: bytes) -> bytes:
    """Mask content without tags that count by as many other bytes."""
    return pattern.sub(lambda match: b"_" * len(match[0]), data)


def _rows(data: bytes, source: SheetTags) -> Iterator[RowSpan]:
    tags, patterns = source.text, patterns_of(source.prefix)
    row: RowSpan | None = None
    number = column = 0
    for match in patterns.parts.finditer(tags, *source.where):
        groups = match.groups()
        letters, digits, tag = groups[:3]
        if tag is None:
            if row is not None:
                row.stop = match.start()
                yield row
                row = None
            row_digits, row_tag, row_empty = groups[13:]
            if row_tag is not None:
                written = row_digits.decode() if row_digits else attributes_of(row_tag).get("r")
                number = row_number(written, number + 1)
                column = 0
                inner = match.end()
                row = RowSpan(number, match.start(), inner, inner, bool(row_empty), [])
                if row_empty:
                    yield row
                    row = None
            continue
        if row is None:
            continue
        if letters:
            number, column = checked_row(int(digits)), column_of(letters)
        else:
            number, column = place_of(attributes_of(tag).get("r"), number, column + 1)
        row.cells.append(cell_span(data, source, match, groups, (number, column)))


def cell_span(
    data: bytes,
    source: SheetTags,
    match: re.Match[bytes],
    groups: tuple[bytes | None, ...],
    place: Place,
) -> CellSpan:
    """Return the position and content of a cell that was matched."""
    (
        _, _, tag, filled, formula, formula_tag, formula_inside, value, _, value_inside, inline,
        _, rest, _, _, _,
    ) = groups  # fmt: skip
    start, end = match.span()
    cell = CellSpan(
        place[0],
        place[1],
        tag or b"",
        start,
        (match.end(4) if filled else end) - start,
        end - start,
        -1 if formula is None else match.start(5) - start,
        -1 if formula is None else match.end(5) - start,
        formula_tag or b"",
        formula_inside or b"",
        -1 if value is None else match.start(8) - start,
        -1 if value is None else match.end(8) - start,
        value_inside or b"",
        None if inline is None else match.span(11),
    )
    tags = source.text
    if tags is data and not rest:
        return cell  # nearly always
    if tags is not data:
        cell.formula_inside = _inside(data, tags, match.span(7), formula_inside)
        cell.value_inside = _inside(data, tags, match.span(10), value_inside)
    if rest and not rest.isspace():
        _read_rest(cell, data, tags, patterns_of(source.prefix), match.span(13))
    return cell


def _read_rest(cell: CellSpan, data: bytes, tags: bytes, patterns: Patterns, where: Span) -> None:
    """Read the content after formula and value, or in another order than Excel's."""
    for match in patterns.children.finditer(tags, *where):
        formula_tag, formula_inside, value_tag, value_inside, _, _ = match.groups()
        if formula_tag is not None:
            cell.formula_tag = formula_tag
            cell.formula_from, cell.formula_to = (
                match.start() - cell.start,
                match.end() - cell.start,
            )
            cell.formula_inside = _inside(data, tags, match.span(2), formula_inside)
        elif value_tag is not None:
            cell.value_from, cell.value_to = match.start() - cell.start, match.end() - cell.start
            cell.value_inside = _inside(data, tags, match.span(4), value_inside)
        else:
            cell.inline = match.span()


def _inside(data: bytes, tags: bytes, where: Span, found: bytes | None) -> bytes:
    """Return an element's content, which may have been masked."""
    return found or b"" if tags is data else data[slice(*where)] if found else b""


@lru_cache(maxsize=4096)
def attributes_of(tag: bytes) -> Mapping[str, str]:
    """Read the attributes of a tag, which many cells share."""
    return xml_bytes.attributes(tag)


def row_number(text: str | None, otherwise: int) -> int:
    """Read the number of a row; return another one where it is left out."""
    if text is None:
        return otherwise
    # Seven digits count all rows; int() refuses texts of thousands with an error of its own.
    return checked_row(int(text) if text.isdecimal() and len(text) <= 7 else 0)


def checked_row(number: int) -> int:
    """Refuse a number that no row has."""
    if not 1 <= number <= LAST_ROW:
        raise xml_bytes.UnsafeXMLError("it has a row whose number no row has")
    return number


@lru_cache(maxsize=1024)
def column_of(letters: bytes) -> int:
    """Return the number of a column by its letters."""
    number = column_number(letters.decode())
    if not 1 <= number <= LAST_COLUMN:
        raise xml_bytes.UnsafeXMLError(f"it has a column {letters.decode()}, which no sheet has")
    return number


def place_of(text: str | None, row: int, column: int) -> Place:
    """Read the reference of a cell; return row and column given where it is left out."""
    if text is None:
        return row, column
    letters = text.rstrip("0123456789")
    if not (letters.isascii() and letters.isupper() and len(letters) <= 3):
        raise xml_bytes.UnsafeXMLError(f"it has a cell called {text[:20]!r}")
    return row_number(text[len(letters) :], 0), column_of(letters.encode())
