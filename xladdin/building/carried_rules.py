"""Rules that somebody added to a workbook, written into the one that an upgrade makes of it.

A rule is carried over where that is exact: where its cells, and all that its formulas refer to,
are in the new workbook what they were in the old one. Its element is copied as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from xladdin.building.filled_workbook import FilledWorkbook, OwnRule
from xladdin.building.sheet_rules import VALIDATIONS
from xladdin.formulas.tokens import (
    BRACKET,
    CALL,
    ERROR,
    SHEET,
    SPACE,
    WORD,
    function_name,
    shifted,
    tokens,
)
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.data_validations import areas_of, validations_of
from xladdin.xlsx.workbook_part import Area, Workbook

_COMPUTED: Final = frozenset({"INDIRECT", "OFFSET"})
"""Functions that refer to cells which do not stand in a formula."""

_AFTER: Final = (
    *(b"dataValidations", b"hyperlinks", b"printOptions", b"pageMargins", b"pageSetup"),
    *(b"headerFooter", b"rowBreaks", b"colBreaks", b"customProperties", b"cellWatches"),
    *(b"ignoredErrors", b"smartTags", b"drawing", b"legacyDrawing", b"legacyDrawingHF"),
    *(b"picture", b"oleObjects", b"controls", b"webPublishItems", b"tableParts", b"extLst"),
)
"""Elements that follow the rules of a sheet, in their order."""

_PRIORITY: Final = re.compile(rb'(<cfRule\b[^>]*\bpriority=")(\d+)(")')


class Carried(NamedTuple):
    """What became of somebody's rules.

    Attributes:
        changes: The parts of the new workbook that hold those that were carried over.
        carried: Those, in words.
        lost: The others, in words.
    """

    changes: Mapping[str, bytes]
    carried: tuple[str, ...]
    lost: tuple[str, ...]


def carry(
    old: FilledWorkbook, fresh: Callable[[], FilledWorkbook], rules: Sequence[OwnRule]
) -> Carried:
    """Write somebody's rules into the new workbook.

    Args:
        old: The workbook that they are in.
        fresh: Reads the new one, which takes its time; not called where there are no rules.
        rules: The rules.

    Returns:
        What is to change in the new workbook, and what became of each.
    """
    if not rules:
        return Carried({}, (), ())
    carrier = _Carrier(old, fresh())
    fine: dict[str, list[OwnRule]] = {}
    carried, lost = [], []
    for own in rules:
        name = own.rule.named(own.sheet)
        if reason := carrier.obstacle(own):
            lost.append(f"{name} ({reason})")
        else:
            fine.setdefault(own.sheet, []).append(own)
            carried.append(name)
    changes = carrier.changes(fine) if fine else {}
    return Carried(changes, tuple(carried), tuple(lost))


class _Carrier:
    def __init__(self, old: FilledWorkbook, new: FilledWorkbook) -> None:
        self._old = old
        self._new = new

    def obstacle(self, own: OwnRule) -> str:
        """Return why a rule cannot be carried over exactly; empty if it can."""
        rule = own.rule
        if not self._old.origin.rules:
            return "the old file does not say which rules it came with"
        if rule.newer:
            return "it has a part in an extension of the format"
        if own.sheet not in self._new.origin.rules:
            return "there is no such sheet any more"
        if not all(self._alike(own.sheet, area) for area in rule.areas):
            return "its cells are others now"
        first = rule.areas[0]
        last = Area(
            *(min(area[at] for area in rule.areas) for at in (0, 1)),
            *(max(area[at] for area in rule.areas) for at in (2, 3)),
        )
        for formula in rule.formulas:
            found = self._references(formula, own.sheet, first, last)
            if found is None or not all(self._alike(*one) for one in found):
                return "its formula refers to cells that are others now, or cannot be followed"
        if rule.what == VALIDATIONS and self._validated(own):
            return "the new template has a validation of its own there"
        return ""

    def _alike(self, sheet: str, area: Area) -> bool:
        """Return whether some cells are what they were, as far as either workbook has any."""
        if sheet not in self._old.origin.cells or sheet not in self._new.origin.cells:
            return False
        ends = [book.end_of(sheet) for book in (self._old, self._new)]
        last_row = min(area.last_row, max(row for row, _ in ends))
        last_column = min(area.last_column, max(column for _, column in ends))
        return all(
            self._old.meaning(sheet, (row, column)) == self._new.meaning(sheet, (row, column))
            for row in range(area.first_row, last_row + 1)
            for column in range(area.first_column, last_column + 1)
        )

    def _references(
        self, formula: str, sheet: str, first: Area, whole: Area
    ) -> list[tuple[str, Area]] | None:
        """List the cells that a formula refers to from any of a rule's cells; None if unknown."""
        rows, columns = whole.last_row - first.first_row, whole.last_column - first.first_column
        up, left = whole.first_row - first.first_row, whole.first_column - first.first_column
        found: list[tuple[str, Area]] = []
        corners = {(up, left), (0, 0), (rows, columns)}
        seen = [self._areas(shifted(formula, *corner), sheet) for corner in corners]
        for one in zip(*(areas or [] for areas in seen), strict=False):
            spans = [area for _, area in one]
            found.append(
                (
                    one[0][0],
                    Area(
                        *(min(span[at] for span in spans) for at in (0, 1)),
                        *(max(span[at] for span in spans) for at in (2, 3)),
                    ),
                )
            )
        if any(areas is None or len(areas) != len(found) for areas in seen):
            return None
        return found

    def _areas(self, formula: str, sheet: str) -> list[tuple[str, Area]] | None:
        parts = [token for token in tokens(formula) if token.kind != SPACE]
        found = []
        where, at = sheet, 0
        while at < len(parts):
            kind, text = parts[at]
            at += 1
            if kind in (BRACKET, ERROR) or (kind == CALL and function_name(text) in _COMPUTED):
                return None
            if kind == SHEET:
                where = text[:-1].strip("'").replace("''", "'")
                continue
            if text == ":":
                return None  # an end of the range is computed
            if kind == WORD:
                if at + 1 < len(parts) and parts[at].text == ":" and parts[at + 1].kind == WORD:
                    text = f"{text}:{parts[at + 1].text}"
                    at += 2
                areas = list(areas_of(text.replace("$", "").upper()))
                if not areas and not self._is_name(text):
                    return None
                found += [(where, area) for area in areas]
            where = sheet
        return found

    def _is_name(self, text: str) -> bool:
        """Return whether a word is a name that both workbooks came with, or a constant."""
        if re.fullmatch(r"[\d.]+|TRUE|FALSE", text, re.IGNORECASE):
            return True
        came = [{name.casefold() for name in book.origin.names} for book in (self._old, self._new)]
        return all(text.casefold() in names for names in came)

    def _validated(self, own: OwnRule) -> bool:
        """Return whether the new workbook has a validation for any of a rule's cells."""
        part = next(sheet.part for sheet in self._new.book.sheets if sheet.name == own.sheet)
        there = [area for one in validations_of(self._new.book.read(part)) for area in one.areas]
        return any(_overlap(one, other) for one in own.rule.areas for other in there)

    def changes(self, rules: Mapping[str, Sequence[OwnRule]]) -> dict[str, bytes]:
        """Write rules: the new content of sheets and of the styles."""
        changed: dict[str, bytes] = {}
        formats = _Formats(self._old.book, self._new.book)
        for sheet in self._new.book.sheets:
            found = rules.get(sheet.name, ())
            if not found:
                continue
            part = self._new.book.read(sheet.part)
            at = part.rindex(b"</sheetData>")
            tail = _with_formats(
                part[at:], [own for own in found if own.after is not None], formats
            )
            validations = [own.rule.element for own in found if own.after is None]
            changed[sheet.part] = part[:at] + _with_validations(tail, validations)
        return changed | formats.changed


class _Formats:
    """The formats of cells that rules refer to by number, in the styles of two workbooks."""

    def __init__(self, old: Workbook, new: Workbook) -> None:
        (self._part,) = _styles(new)
        self._content = new.read(self._part)
        self._count = len(_dxfs(new))
        self._old = _dxfs(old)
        self.changed: dict[str, bytes] = {}

    def add(self, number: str | None) -> str | None:
        """Copy the format that a rule of the old workbook has; return its number in the new one."""
        if number is None or not number.isdecimal() or int(number) >= len(self._old):
            return None
        if not self._count:
            self._content = re.sub(rb"<dxfs[^>]*/>", b'<dxfs count="0"></dxfs>', self._content)
        self._count += 1
        at = self._content.index(b"</dxfs>")
        whole = self._content[:at] + _xml(self._old[int(number)]) + self._content[at:]
        count = str(self._count).encode()
        self._content = re.sub(rb"<dxfs[^>]*>", b'<dxfs count="%b">' % count, whole, count=1)
        self.changed[self._part] = self._content
        return str(self._count - 1)


def _styles(book: Workbook) -> list[str]:
    related = book.relationships(book.workbook).values()
    return [part for kind, part in related if kind == "/styles" and part in book]


def _dxfs(book: Workbook) -> list[Element]:
    """List the formats that rules of a workbook refer to."""
    return [
        item
        for part in _styles(book)
        for block in book.tree(part)
        if xml_bytes.local(block.tag) == "dxfs"
        for item in block
    ]


def _with_formats(tail: bytes, found: Sequence[OwnRule], formats: _Formats) -> bytes:
    """Insert conditional formats at the end of a sheet, each before those that it came before."""
    if not found:
        return tail
    theirs = sorted(int(match[2]) for match in _PRIORITY.finditer(tail))
    ranks: list[tuple[tuple[int, int, int], int]] = [
        ((at, 1, 0), number) for at, number in enumerate(theirs)
    ]
    for at, own in enumerate(found):
        before = min(own.after or 0, len(theirs))
        ranks.append(((before, 0, own.rule.priority), -1 - at))
    places = {name: at for at, (_, name) in enumerate(sorted(ranks), 1)}
    tail = _PRIORITY.sub(lambda m: m[1] + str(places[int(m[2])]).encode() + m[3], tail)
    text = b""
    for number, own in enumerate(found):
        attributes = {"priority": str(places[-1 - number])}
        if (look := formats.add(own.rule.element.get("dxfId"))) is not None:
            attributes["dxfId"] = look
        cells = " ".join(area.text for area in own.rule.areas)
        block = f'<conditionalFormatting sqref="{cells}">'.encode()
        text += block + _xml(own.rule.element, attributes) + b"</conditionalFormatting>"
    at = _before(tail, _AFTER)
    return tail[:at] + text + tail[at:]


def _with_validations(tail: bytes, found: Sequence[Element]) -> bytes:
    """Insert validations at the end of a sheet."""
    if not found:
        return tail
    text = b"".join(map(_xml, found))
    start = re.search(rb"<dataValidations\b[^>]*>", tail)
    if start is None:
        at = _before(tail, _AFTER[1:])
        block = b'<dataValidations count="%d">%b</dataValidations>' % (len(found), text)
        return tail[:at] + block + tail[at:]
    end = tail.index(b"</dataValidations>")
    count = tail.count(b"<dataValidation ") + len(found)
    tag = b'<dataValidations count="%d">' % count
    return tail[: start.start()] + tag + tail[start.end() : end] + text + tail[end:]


def _before(tail: bytes, names: Iterable[bytes]) -> int:
    """Find where an element begins before which rules stand."""
    pattern = rb"<(?:" + b"|".join(names) + rb")[\s/>]|</worksheet>"
    found = re.search(pattern, tail)
    assert found is not None, "a sheet of ours has an end"
    return found.start()


def _xml(element: Element, changed: Mapping[str, str] | None = None) -> bytes:
    """Write an element of the main namespace; attributes of others, such as identifiers, go."""
    attributes = {name: value for name, value in element.items() if "}" not in name}
    attributes |= changed or {}
    written = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    name = xml_bytes.local(element.tag)
    inside = escape(element.text or "").encode() + b"".join(map(_xml, element))
    return f"<{name}{written}>".encode() + inside + f"</{name}>".encode()


def _overlap(one: Area, other: Area) -> bool:
    return (
        one.first_row <= other.last_row
        and other.first_row <= one.last_row
        and one.first_column <= other.last_column
        and other.first_column <= one.last_column
    )
