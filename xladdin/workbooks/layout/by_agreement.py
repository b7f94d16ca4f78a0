"""A sheet of figures, agreement beside agreement, and their plain-Excel twins beside those."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from xladdin.terms.selection import Selection
from xladdin.workbooks.figures import (
    Pair,
    check_of,
    greatest,
    write_difference,
    write_pair,
)
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.table import twin_header
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.sold import Sold

FIRST_ROW: Final = 5
"""Row of the first figure: each agreement's terms text, to which formulas refer."""

_WIDTH: Final = 15
_BOLDER: Final = 1.15
"""Width of an agreement's column, in characters, and room of a heading's letter in a text's."""


class AgreementColumn(NamedTuple):
    """One column of the sheet: an agreement's figures or the total's, or their twins.

    Attributes:
        column: Where its figures stand.
        inputs: Where what is typed stands: in the white half, for the twins too. What it counts
            for stands in the grey half.
        agreement: The agreement; None for the total.
        prefix: How the names of the agreement's figures begin.
        terms: The text that names the deal and the agreement, in a formula.
    """

    column: str
    inputs: str
    agreement: Sold | None
    prefix: str
    terms: str

    @property
    def plain(self) -> bool:
        """Whether twins stand here."""
        return self.column != self.inputs


Formula = Callable[[AgreementColumn], str]


class Row(NamedTuple):
    """A row of the sheet.

    Attributes:
        label: What it is; also how formulas further down refer to it.
        quantity: What it is a quantity of.
        formula: The figure of an agreement.
        plain: Its twin; None where it follows from figures above, from the twins' then.
        total: The figure of all agreements; None for their sum.
        name: Defined name of the total.
        source: Where it comes from.
        strong: Whether it is one to look at.
        has_total: Whether there is a figure of all agreements.
    """

    label: str
    quantity: Quantity
    formula: Formula
    plain: Formula | None = None
    total: Formula | None = None
    name: str = ""
    source: str = ""
    strong: bool = False
    has_total: bool = True


class SideBySide:
    """The sheet, while it is written: a white half of figures and a grey half of twins.

    Attributes:
        book: The workbook, about all agreements of its deal.
        sheet: The sheet.
        places: Columns of the figures: each agreement's, and the total's if there are several.
        plain: Columns of their twins.
        parties: Columns of the agreements' figures alone.
        row: Row to be written next.
    """

    def __init__(self, book: Book, title: str, agreements: Sequence[Sold]) -> None:
        """Begin the sheet.

        Args:
            book: The workbook.
            title: The sheet's name.
            agreements: The agreements.
        """
        self.book = book
        self.terms = book.selection.terms
        self.with_total = len(agreements) > 1
        half = len(agreements) + self.with_total
        self.width = 3 + 2 * half
        letters = [get_column_letter(number) for number in range(1, self.width + 1)]
        self.difference, self.source = letters[-2:]
        self.places = [
            AgreementColumn(
                letters[number],
                letters[number],
                agreement,
                agreement.prefix,
                f"{letters[number]}${FIRST_ROW}",
            )
            for number, agreement in enumerate(agreements, 1)
        ]
        if self.with_total:
            self.places.append(AgreementColumn(letters[half], letters[half], None, "", "Deal"))
        self.plain = [
            place._replace(column=letters[half + number])
            for number, place in enumerate(self.places, 1)
        ]
        self.parties = self.places[: len(agreements)]
        self.rows: dict[str, int] = {}
        self.typed: set[str] = set()
        widths = (33, *[_WIDTH] * (2 * half), 11, 44)
        self.sheet: Sheet = book.sheet(title, widths)
        self.row = FIRST_ROW

    def at(self, label: str, place: AgreementColumn) -> str:
        """Refer to a figure further up, in the same column; to what it counts for, if typed."""
        column = self.counted_column(place) if label in self.typed else place.column
        return f"{column}{self.rows[label]}"

    def typed_at(self, label: str, place: AgreementColumn) -> str:
        """Refer to an input cell further up."""
        return f"{place.inputs}{self.rows[label]}"

    def counted_column(self, place: AgreementColumn) -> str:
        """Return the column in which stands what is typed for an agreement, as it counts."""
        return self.plain[[one.inputs for one in self.places].index(place.inputs)].column

    def headers(self, row: int, first: str, last: str) -> None:
        """Write the headings of all columns."""
        sheet, texts = self.sheet, [(first, 33.0)]
        sheet.headers(row, (first,))
        for places, plain in ((self.places, False), (self.plain, True)):
            for place in places:
                title = place.agreement.title if place.agreement else "Total"
                style = styles.TWIN_HEADER if plain else styles.HEADER
                text = twin_header(title, own=bool(place.agreement)) if plain else title
                texts.append((text, _WIDTH / _BOLDER))
                sheet.put(f"{place.column}{row}", text, style)
        sheet.put(f"{self.difference}{row}", "Difference", styles.HEADER)
        sheet.put(f"{self.source}{row}", last, styles.HEADER)
        sheet.fit(row, texts)

    def section(self, heading: str, rows: Iterable[Row]) -> None:
        """Write a heading and its rows."""
        self.row += 1
        self.sheet.put(f"A{self.row}", heading, styles.HEADING)
        self.row += 1
        for row in rows:
            self.write(row)

    def begin(self, label: str, source: str) -> None:
        """Begin a row: its label, and where its figures come from."""
        self.rows[label] = self.row
        self.sheet.put(f"A{self.row}", label, styles.TEXT)
        cell = self.sheet.put(f"{self.source}{self.row}", source, styles.NOTE)
        cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
        self.sheet.fit(self.row, [(label, 33), (source, 42)])

    def own(self, place: AgreementColumn) -> Selection:
        """Choose the agreement of a column."""
        assert place.agreement
        return self.book.selection.of(place.agreement.sales.key)

    def pages(self, *names: str) -> str:
        """Return where figures of the agreements, such as ``"capacity"``, come from."""
        found = [
            figures[f"agreement.{name}"].source
            for place in self.parties
            for figures in [self.own(place).figures]
            for name in names
            if f"agreement.{name}" in figures
        ]
        return ", ".join(dict.fromkeys(page for source in found for page in source.split(", ")))

    def sum_of(self, places: Sequence[AgreementColumn]) -> str:
        """Add up what the agreements' columns hold in the row being written."""
        parties = [place.column for place in places if place.agreement]
        return f"SUM({parties[0]}{self.row}:{parties[-1]}{self.row})"

    def write(self, row: Row) -> None:
        """Write a row: the figures, their twins, the difference, and its check."""
        sheet = self.sheet

        def look(cell: OpenpyxlCell, style: str) -> None:
            if row.quantity.in_words:
                sheet.centre(cell.coordinate)
            if row.strong and style == styles.RESULT:
                cell.font = styles.STRONG

        self.begin(row.label, row.source)
        plain = row.plain or row.formula
        for place, twin in zip(self.places, self.plain, strict=True):
            if place.agreement:
                texts = row.formula(place), plain(twin)
            elif not row.has_total:
                continue
            elif row.total:
                texts = row.total(place), row.total(twin)
            else:
                texts = self.sum_of(self.places), self.sum_of(self.plain)
            write_pair(sheet, self._cells(place, twin), row.quantity, *texts, look)
        if row.strong:
            sheet.at(f"A{self.row}").font = styles.STRONG
        if row.name:
            self.book.name(row.name, sheet, f"{self.places[-1].column}{self.row}")
        self._compare(row)
        self.row += 1

    def _cells(self, place: AgreementColumn, twin: AgreementColumn) -> Pair:
        """Return the cells of a figure and its twin in the row being written."""
        return Pair(f"{place.column}{self.row}", f"{twin.column}{self.row}")

    def _compare(self, row: Row) -> None:
        pairs = [
            self._cells(place, twin)
            for place, twin in zip(self.places, self.plain, strict=True)
            if place.agreement or row.has_total
        ]
        sheet, difference = self.sheet, f"{self.difference}{self.row}"
        write_difference(sheet, difference, greatest(pairs, row.quantity), row.quantity)
        what, own = row.label, f"'{sheet.worksheet.title}'"
        if self.with_total:
            last = self.parties[-1].agreement
            shown = "total" if row.has_total or last is None else last.title
            what = f"{what}: {shown}, and each agreement against its twin"
        self.book.checks.append(
            check_of(what, pairs[-1].on(sheet), row.quantity, f"{own}!{difference}")
        )
