"""A quarter of a made-up issuer, done through the workbooks alone, and the page that shows it.

``python -m tools.quarter`` fills the workbooks as staff would, computes them, and writes their
figures into docs/quarter.md. The deal is tests/data/HALCYON-2024.toml.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import openpyxl
from click.testing import CliRunner

from tools.quarter_figures import (
    ADVANCE,
    AVERAGE,
    BIDS,
    CASH,
    CASH_USED,
    CHANGES,
    COMPARED,
    COMPARED_REPORTED,
    CONVERTED,
    EXERCISED,
    FROM_CSV,
    INCOME,
    INTEREST,
    INVESTORS,
    ISSUED,
    LENDERS,
    NOTE_LEFT,
    OPENING,
    OPTIONS,
    PERIOD,
    PRINCIPAL,
    TYPED,
    UNITS,
    VALUATIONS,
    VESTED,
    VWAPS,
    WARRANTS,
)
from xladdin.cli import main as command
from xladdin.terms.store import forget

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "quarter.md"
DEAL: Final = ROOT / "tests" / "data" / "HALCYON-2024.toml"

_FIRST: Final = 5
"""First row of every table."""

_BLOCK: Final = re.compile(r"(<!-- figures: (\w+) -->\n).*?(?=<!-- end -->)", re.DOTALL)


class Quarter:
    """The workbooks, filled and computed."""

    def __init__(self, folder: Path) -> None:
        """Fill and compute them.

        Args:
            folder: Where they go.
        """
        self.folder = folder
        self._opened: dict[str, Any] = {}
        self.deal = folder / DEAL.name
        shutil.copy(DEAL, self.deal)
        self._placements()
        self._advance()
        self._conversion()
        logs = [self.path(name) for name in ("placements", "equityline")]
        self._build("proceeds", "reporting", data=logs)
        self._quarter()
        forget()

    def path(self, name: str) -> Path:
        """Name a workbook's file."""
        return self.folder / f"{name}.xlsx"

    def book(self, name: str) -> Any:
        """Open a workbook with its values, once for as long as no command changes any."""
        if name not in self._opened:
            self._opened[name] = openpyxl.load_workbook(self.path(name), data_only=True)
        return self._opened[name]

    def named(self, workbook: str, name: str) -> Any:
        """Read the cell of a defined name."""
        book = self.book(workbook)
        ((sheet, cell),) = book.defined_names[name].destinations
        return book[sheet][cell.replace("$", "")].value

    def column(self, workbook: str, sheet: str, heading: str) -> list[Any]:
        """Read a column of a table, without the rows that wait."""
        found = self.book(workbook)[sheet]
        headings = [cell.value for cell in found[_FIRST - 1]]
        at, day = headings.index(heading) + 1, headings.index("Date") + 1
        rows = [row for row in range(_FIRST, found.max_row + 1) if found.cell(row, day).value]
        return [found.cell(row, at).value for row in rows]

    def period(self, label: str, span: str, agreement: int) -> Any:
        """Read a figure of the quarter's table.

        Args:
            label: The row.
            span: The column.
            agreement: Which of the rows of that label: of the agreements in turn, or of all.
        """
        sheet = self.book("reporting")["Periods"]
        headings = [cell.value for cell in sheet[4]]
        rows = [row for row in range(5, sheet.max_row + 1) if sheet.cell(row, 1).value == label]
        return sheet.cell(rows[agreement], headings.index(span) + 1).value

    def _run(self, *arguments: str | Path) -> None:
        self._opened.clear()
        ended = CliRunner().invoke(command, [str(one) for one in arguments])
        if ended.exit_code:
            raise RuntimeError(f"xladdin {' '.join(map(str, arguments))}: {ended.output}")

    def _build(self, *names: str, data: Sequence[Path] = ()) -> None:
        given = [part for path in data for part in ("--data", path)]
        self._run("build", *names, "--deal", self.deal, *given, "--out", self.folder)

    def _type(self, name: str, typed: Callable[[Any], None]) -> None:
        """Type into a workbook, save it as another program would, and compute it anew."""
        book = openpyxl.load_workbook(self.path(name))
        typed(book)
        book.save(self.path(name))
        self._run("recalc", self.path(name), "--in-place", "--deal", self.deal)

    def _placements(self) -> None:
        data = self.folder / "data" / "HALCYON-2024"
        data.mkdir(parents=True)
        lines = [f"{day},{agent},{shares},{price}\n" for agent, day, shares, price in FROM_CSV]
        (data / "placements.csv").write_text("Date,Agent,Shares,Price\n" + "".join(lines), "utf-8")
        self._build("placements", data=[data.parent])

        def typed(book: Any) -> None:
            for row, (agent, day, shares, price) in enumerate(TYPED, _FIRST + len(FROM_CSV)):
                for column, value in zip("BCDE", (agent, day, shares, price), strict=True):
                    book["Placements"][f"{column}{row}"] = value

        self._type("placements", typed)

    def _advance(self) -> None:
        self._build("equityline")

        def typed(book: Any) -> None:
            fill(book["Quotations"], {"Date": list(VWAPS), "VWAP": list(VWAPS.values())})
            day, amount = ADVANCE
            row = {"Date": [day], "Amount": [amount], "Held before": []}
            fill(book["Advances"], row)
            put(book, "Line_outstanding", _after_split(OPENING[1]))

        self._type("equityline", typed)

    def _conversion(self) -> None:
        self._build("floating")

        def typed(book: Any) -> None:
            days = {"Date": list(BIDS), "Closing bid": list(BIDS.values()), "Market value": []}
            fill(book["Quotes"], days)
            put(book, "Principal", PRINCIPAL)
            put(book, "Issue_date", ISSUED)
            put(book, "Conversion_date", CONVERTED)

        self._type("floating", typed)

    def _quarter(self) -> None:
        """Type what the quarter's report needs beside the sales, which stand there already."""
        price, issued = (
            self.named("floating", one) for one in ("Conversion_price", "Shares_issued")
        )

        def typed(book: Any) -> None:
            for name, day in PERIOD.items():
                put(book, name, day)
            for span in ("Quarter", "Year"):
                put(book, f"{span}_income", INCOME[span])
                put(book, f"{span}_average_price", AVERAGE[span])
            changes = (
                (*OPENING, "Outstanding"), (*VESTED, "Awards vested"), (CONVERTED, issued, "Note"),
                (*EXERCISED, LENDERS.name),
            )  # fmt: skip
            dates, issues, words = zip(*changes, strict=True)
            fill(book["Shares"], {"Date": dates, "Issued": issues, "What": words, "Retired": ()})
            fill(
                book["Securities"],
                {
                    "Name": ["Options", "Warrants", "Restricted stock units", "Note, converted"],
                    "Shares issuable": [OPTIONS[0], WARRANTS[0], UNITS, int(NOTE_LEFT / price)],
                    "Exercise price": [OPTIONS[1], WARRANTS[1]],
                    "Quarter interest": [None, None, None, INTEREST["Quarter"]],
                    "Year interest": [None, None, None, INTEREST["Year"]],
                },
            )

            _type_notes(book)

        self._type("reporting", typed)


def _type_notes(book: Any) -> None:
    """Type what the notes need: the report of a year before, warrants and their changes, cash."""
    put(book, "Compared_reported_on", COMPARED_REPORTED)
    for span, said in COMPARED.items():
        put(book, f"Compared_{span}_income", said.income)
        put(book, f"Past_{span}_shares", said.shares)
        put(book, f"Past_{span}_diluted", said.diluted)
    names, prices, expiries = zip(LENDERS, INVESTORS, strict=True)
    fill(book["Warrants"], {"Name": names, "Exercise price": prices, "Expires": expiries})
    days, kinds_of = [one.day for one in CHANGES], [one.name for one in CHANGES]
    numbers = {
        kind: [one.number if one.kind == kind else None for one in CHANGES]
        for kind in ("Issued", "Exercised", "Expired")
    }
    fill(book["Warrant changes"], {"Date": days, "Warrants": kinds_of, **numbers})
    for day, (price, volatility, rate) in VALUATIONS.items():
        put(book, f"{day}_price", price)
        put(book, f"{day}_volatility", volatility)
        put(book, f"{day}_rate", rate)
    put(book, "Cash_at_the_end", CASH)
    for span, used in CASH_USED.items():
        put(book, f"{span}_cash_used", used)


def _after_split(shares: int) -> int:
    return shares // 4


def fill(sheet: Any, columns: Mapping[str, Any]) -> None:
    """Type into the columns of a table from its first row on, and clear the rest of them."""
    headings = [cell.value for cell in sheet[_FIRST - 1]]
    (table,) = sheet.tables.values()
    last = sheet[table.ref.split(":")[1]].row
    for heading, values in columns.items():
        at = headings.index(heading) + 1
        for number in range(max(last - _FIRST + 1, len(values))):
            sheet.cell(_FIRST + number, at).value = values[number] if number < len(values) else None


def put(book: Any, name: str, value: Any) -> None:
    """Type into the input of a name."""
    ((sheet, cell),) = book.defined_names[name].destinations
    book[sheet][cell.replace("$", "")].value = value


def page(text: str, done: Quarter) -> str:
    """Write the figures of the quarter into the page.

    Args:
        text: The page.
        done: The quarter.

    Returns:
        The page with a table in each of its places.
    """
    tables = {
        "placements": _placed,
        "advance": _advanced,
        "conversion": _converted,
        "periods": _periods,
        "earnings": _earnings,
        "compared": _compared,
        "warrants": _rolled_forward,
        "runway": _runway,
    }
    return _BLOCK.sub(lambda found: found[1] + tables[found[2]](done), text)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruler = ["---", *["--:"] * (len(headings) - 1)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (headings, ruler, *rows))


def _placed(done: Quarter) -> str:
    forms = {
        "Date": "{:%Y-%m-%d}", "Agent": "{}", "Shares": "{:,}", "Price": "{:.2f}",
        "Gross": "{:,.2f}", "Commission": "{:,.2f}", "Net proceeds": "{:,.2f}",
        "Capacity left": "{:,.2f}",
    }  # fmt: skip
    columns = [done.column("placements", "Placements", name) for name in forms]
    rows = [
        [form.format(cell) for form, cell in zip(forms.values(), row, strict=True)]
        for row in zip(*columns, strict=True)
    ]
    return _table(list(forms), rows)


def _advanced(done: Quarter) -> str:
    forms = {
        "Date": "{:%Y-%m-%d}", "Amount": "{:,}", "Price": "{:.4f}", "Shares": "{:,.0f}",
        "Left under the cap": "{:,.0f}", "Capacity left": "{:,.2f}",
    }  # fmt: skip
    cells = [done.column("equityline", "Advances", name)[0] for name in forms]
    row = [form.format(cell) for form, cell in zip(forms.values(), cells, strict=True)]
    return _table(list(forms), [row])


def _converted(done: Quarter) -> str:
    forms = {
        "Principal": "{:,}", "Conversion_price": "{:.4f}", "Shares_issued": "{:,.0f}",
    }  # fmt: skip
    cells = [form.format(done.named("floating", name)) for name, form in forms.items()]
    return _table(["Principal", "Conversion price", "Shares issued"], [cells])


def _periods(done: Quarter) -> str:
    spans = ("Quarter", "Year to date", "Cumulative", "After the period")
    lines = {
        "Shares sold, shares": "{:,.0f}",
        "Gross proceeds, USD": "{:,.2f}",
        "Average price, USD a share": "{:.4f}",
        "Fees, USD": "{:,.2f}",
        "Net proceeds, USD": "{:,.2f}",
    }
    rows = [
        [label, *(form.format(done.period(label, span, 0)) for span in spans)]
        for label, form in lines.items()
    ]
    for number, name in enumerate(("Sales Agreement", "Purchase Agreement")):
        label = "Left on the last day, USD"
        left = [f"{done.period(label, span, number):,.2f}" for span in spans]
        rows.append([f"Left under the {name}, USD", *left])
    return _table(["All agreements", *spans], rows)


def _earnings(done: Quarter) -> str:
    lines = {
        "weighted": ("Weighted average shares", "{:,.0f}"),
        "basic": ("Basic earnings, USD a share", "{:.4f}"),
        "diluted": ("Diluted earnings, USD a share", "{:.4f}"),
        "left_out": ("Shares under securities left out", "{:,.0f}"),
    }
    return _by_names(done, lines, {"Quarter": "Quarter", "Year": "Year to date"})


def _compared(done: Quarter) -> str:
    lines = {
        "weighted": ("Weighted average shares, basic", "{:,.0f}"),
        "diluted_shares": ("Weighted average shares, diluted", "{:,.0f}"),
        "basic": ("Basic earnings, USD a share", "{:.4f}"),
        "diluted": ("Diluted earnings, USD a share", "{:.4f}"),
    }
    spans = {
        "Quarter": "Quarter", "Compared_quarter": "A year before",
        "Year": "Year to date", "Compared_year": "A year before",
    }  # fmt: skip
    return _by_names(done, lines, spans)


def _rolled_forward(done: Quarter) -> str:
    lines = {
        "warrants_opening": ("Opening, warrants", "{:,.0f}"),
        "warrants_issued": ("Issued, warrants", "{:,.0f}"),
        "warrants_exercised": ("Exercised, warrants", "{:,.0f}"),
        "warrants_expired": ("Expired, warrants", "{:,.0f}"),
        "warrants_closing": ("Closing, warrants", "{:,.0f}"),
        "price_opening": ("Exercise price at the opening, USD a share", "{:.4f}"),
        "price_closing": ("Exercise price at the closing, USD a share", "{:.4f}"),
        "life_closing": ("Remaining life at the closing, years", "{:.2f}"),
        "value_opening": ("Fair value at the opening, USD", "{:,.2f}"),
        "value_closing": ("Fair value at the closing, USD", "{:,.2f}"),
    }
    return _by_names(done, lines, {"Quarter": "Quarter", "Year": "Year to date"})


def _runway(done: Quarter) -> str:
    lines = {
        "months": ("Months", "{:,.0f}"),
        "burn": ("Cash used a month, USD", "{:,.2f}"),
        "runway": ("Runway, months", "{:.2f}"),
        "runway_ends": ("Cash lasts until about", "{:%Y-%m-%d}"),
    }
    return _by_names(done, lines, {"Quarter": "Quarter", "Year": "Year to date"})


def _by_names(done: Quarter, lines: Mapping[str, tuple[str, str]], spans: Mapping[str, str]) -> str:
    """Write a table of named figures: a row for each line, a column for each time."""
    rows = [
        [words, *(form.format(done.named("reporting", f"{span}_{name}")) for span in spans)]
        for name, (words, form) in lines.items()
    ]
    return _table(["", *spans.values()], rows)


def main() -> int:
    """Do the quarter, and write its figures into the page."""
    with tempfile.TemporaryDirectory() as folder:
        done = Quarter(Path(folder))
        text = page(PAGE.read_text(encoding="utf-8"), done)
    PAGE.write_text(text, encoding="utf-8")
    print(PAGE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
