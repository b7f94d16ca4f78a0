"""equityline.xlsx: worked examples, the printed table of a deal, and what a deal lacks left out."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fillings.base import Filling, Template, once
from oracles.contract import SESSIONS
from paths import DATA
from reading import named
from templates import LINES

from xladdin.building.data_folder import DataFolder
from xladdin.building.printed import reproduced
from xladdin.building.render import TABLES, render, write
from xladdin.errors import FileError, InputError
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

PATH = DATA / "LINE-2023.toml"
DAY = datetime.date(2023, 5, 1)


@pytest.fixture(autouse=True)
def _line() -> Iterator[None]:
    offer(read_terms(PATH), PATH)
    yield
    forget()


def values(deal: str) -> Any:
    """Build a deal's workbook, and open it with its values."""
    rendered = render("equityline", select(deal))
    assert rendered.checks_ok, rendered.failures
    return openpyxl.load_workbook(io.BytesIO(rendered.data), data_only=True)


def headings(book: Any, sheet: str) -> list[str]:
    return [cell.value for cell in book[sheet][4]]


class TestWorkedExamples:
    """Formulas of DEALS.md: the lesser of the day's low and the three lowest closes before it."""

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(("low", "price"), [(1.95, (1.88 + 1.90 + 1.91) / 3), (1.85, 1.85)])
    def test_the_lesser_of_a_low_and_three_closes(self, low: float, price: float) -> None:
        template = once("equityline", select("LINE-2023"), "Advances")
        closes = (2.00, 1.95, 1.90, 1.88, 1.91, 1.99, 2.05, 2.10, 1.97, 1.93)
        at = SESSIONS.index(DAY)
        row = {"Date": DAY, "Formula": "regular", "Amount": 100_000}
        filling = Filling(cells={"Line_outstanding": None, "Explained_advance": 1}, rows=[row])
        for number in range(25):
            for letter in "ABCDE":
                filling.others["Quotations", f"{letter}{5 + number}"] = None
        quotes = [*zip(SESSIONS[at - 10 : at], closes, strict=True), (DAY, None)]
        for number, (session, close) in enumerate(quotes, 5):
            filling.others["Quotations", f"A{number}"] = session
            filling.others["Quotations", f"C{number}"] = close
        filling.others["Quotations", "B15"] = low
        answer = template.compute(filling)
        assert answer.failing() == []
        assert answer.column("Price")[0] == pytest.approx(price, rel=1e-15)
        assert answer.column("Plain price")[0] == pytest.approx(price, rel=1e-14)
        shares = int(100_000 / price)
        # Four old shares are one of the deal's day; a commitment share comes for each 750 dollars.
        assert answer.column("Shares")[0] == shares
        assert answer.column("Commitment shares")[0] == 100_000 * 20_000 // 15_000_000
        assert answer.column("Issued")[0] == Fraction(shares, 4) + 133
        assert answer.column("Fee")[0] == 10_000  # 5% of it, but no less


@pytest.fixture(scope="module")
def line() -> Template:
    return once("equityline", select("CANOO-2022"), "Advances")


class TestTheDayOfIssue:
    """A row needs it whose own formula does, and no other."""

    def test_a_formula_that_does_without(self) -> None:
        template = once("equityline", select("LINE-2023"), "Advances")
        rows = [
            {"Date": DAY, "Formula": "regular", "Amount": 100_000},
            {"Date": DAY, "Formula": "note", "Amount": 100_000},
        ]
        cells = {"Line_outstanding": None, "Explained_advance": 1}
        answer = template.compute(Filling(cells, rows))
        assert answer.failing() == []
        assert answer.column("Counted")[:2] == [1, 0]
        assert answer.column("Amount to date")[:2] == [100_000, 0]
        missing = (
            "No price as a quotation is missing",
            "Missing: issue date",
        )
        assert answer.column("Remark")[:2] == [f"Warning: {words}" for words in missing]

    def test_data_without_it(self, tmp_path: Path) -> None:
        folder = tmp_path / "LINE-2023"
        folder.mkdir()
        selection = select("LINE-2023")

        def wrong(csv: str) -> str:
            (folder / "advances.csv").write_text(csv, "utf-8")
            entries = DataFolder(tmp_path, TABLES).entries(selection)
            try:
                render("equityline", selection, entries=entries["equityline"])
            except FileError as error:
                return str(error)
            return ""

        assert wrong("Date,Formula,Amount\n2023-05-01,regular,100\n") == ""
        missing = wrong("Date,Formula,Amount\n2023-05-01,regular,100\n2023-05-01,note,100\n")
        assert "line 3, Issue date: there is no value" in missing
        head = "Date,Formula,Issue date,Amount\n"
        assert wrong(f"{head}2023-05-01,regular,,100\n2023-05-01,note,2023-04-03,100\n") == ""
        blank = wrong(f"{head}2023-05-01,regular,,100\n2023-05-01,note,,100\n")
        assert "line 3, Issue date: there is no value" in blank
        assert "line 2" not in blank
        unread = wrong(f"{head}2023-05-01,note,2023-04-03,100\n2023-05-01,note,soon,100\n")
        assert "line 3, Issue date: 'soon' cannot be read" in unread
        assert "there is no value" not in unread


class TestWhatIsNamed:
    """What is wrong or odd is named in words, on Checks and in its row."""

    @staticmethod
    def failing(line: Template, **cells: Any) -> list[str]:
        return [one.rpartition(": ")[0] for one in line.compute(Filling(cells=cells)).failing()]

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("limit", [0, 0.00009, 1, "5%", True])
    def test_an_ownership_limit_that_is_none(self, line: Template, limit: Any) -> None:
        what = "Line!B7, Ownership limit: not a number from 0.0001 to 0.9999 (99.99%)"
        assert self.failing(line, Ownership_limit=limit)[0] == what

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("limit", [0.0001, 0.0499, 0.9999])
    def test_an_ownership_limit(self, line: Template, limit: float) -> None:
        assert self.failing(line, Ownership_limit=limit) == []

    def test_a_truth_value_for_a_name(self, line: Template) -> None:
        what = f"{'!'.join(line.place('Prepared_by'))}, Prepared by: not text up to 60 characters"
        assert self.failing(line, Prepared_by=True) == [what]

    def test_a_truth_value_for_a_formula(self, line: Template) -> None:
        row = {"Date": DAY, "Formula": True, "Issue date": DAY, "Amount": 1000}
        answer = line.compute(Filling(rows=[row]))
        assert answer.column("Remark")[0] == "Failure: Formula not in the list"
        assert answer.failing()[0].startswith("Advances, rows with: formula not in the list: ")

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(("over", "warnings"), [(0, 0), (0.01, 1)])
    def test_more_than_is_left(self, line: Template, over: float, warnings: int) -> None:
        answer = line.compute(Filling(cells={"Sensitivity_amount": 300_000_000 + over}))
        assert answer.holds()
        assert answer.named("Checks_Warnings") == warnings
        words = "More than is left of the capacity."
        assert answer.at("Line", "D10") == (words if warnings else " ")

    @pytest.mark.long
    def test_a_closure_typed_over(self, line: Template) -> None:
        answer = line.compute(Filling(others={("Calendar", "A6"): datetime.date(2021, 2, 16)}))
        assert answer.failing()[0].startswith("Calendar: closures typed over")

    def test_a_split_typed_over(self, line: Template) -> None:
        answer = line.compute(Filling(others={line.place("split_2.ratio"): 2}))
        assert any(one.startswith("Splits shown that are not") for one in answer.failing())
        tables = write("equityline", select("CANOO-2022")).tables
        for sheet, heading in (("Quotations", "VWAP carried"), ("Advances", "Splits after")):
            formulas = {column.header: column.formula for column in tables[sheet].columns}
            assert "split_1.ratio" in formulas[heading]
            assert "DATE(" not in formulas[heading]

    def test_assumed_prices_begin_at_the_floor(self) -> None:
        for deal, floor in (("CANOO-2022", 46), ("CDIO-2023", 0.2)):
            assert named(values(deal), "Assumed_price_1") == floor

    def test_abbreviations_keep_their_capitals(self) -> None:
        lines = [one.what for one in write("equityline", select("CANOO-2022")).entry_checks]
        assert "Quotations, rows with: VWAP not a number from 0.0000001 to 100 million" in lines


class TestShippedDeals:
    @pytest.mark.sample(1)
    @pytest.mark.parametrize("deal", LINES)
    def test_every_figure_agrees_with_its_check(self, deal: str) -> None:
        book = values(deal)
        sheet = book["Advances"]
        agrees = headings(book, "Advances").index("Agrees")
        rows = list(sheet.iter_rows(min_row=5, max_row=24, values_only=True))
        assert all(row[agrees] is True for row in rows)
        filled = [row for row in rows if row[1] is not None]
        assert len(filled) >= 3
        price = headings(book, "Advances").index("Price")
        formula = headings(book, "Advances").index("Formula") if deal == "CANOO-2022" else 0
        assert all((row[price] > 0) is (row[formula] != "prepaid") for row in filled)

    def test_the_floor_is_that_of_the_day(self) -> None:
        # 1.00 at first, 0.50 and 0.10 by amendments, then 1-for-23 and 1-for-20: 46.00.
        book = values("CANOO-2022")
        sheet = book["Price terms"]
        floors = [
            row[1] for row in sheet.iter_rows(values_only=True) if isinstance(row[1], int | float)
        ]
        assert floors[:5] == [1.0, 0.5, 0.1, 2.3, 46.0]
        assert floors[5:10] == floors[:5]  # as installed

    def test_the_printed_table(self) -> None:
        deal = select("CGTX-2022").deal
        shown = {
            one.figure.cell: (one.found, one.agrees)
            for one in reproduced(deal, "CGTX-2022")
            if one.figure.workbook == "equityline"
        }
        assert shown == {
            "Shares_within_cap_at_1_25": (5_811_638, True),
            "Shares_within_cap_at_1_50": (5_811_638, True),
            "Shares_within_cap_at_1_79": (5_811_638, True),
            "Shares_without_cap_at_2_00": (17_500_000, True),
            "Shares_without_cap_at_3_00": (11_666_667, True),
            "Shares_without_cap_at_4_00": (8_750_000, True),
            "Proceeds_within_cap_at_1_25": (7_264_547.50, True),
            "Proceeds_within_cap_at_1_50": (8_717_457.00, True),
            "Proceeds_without_cap_at_2_00": (35_000_000, True),
        }

    def test_printed_figures_are_checked_in_the_workbook(self) -> None:
        book = values("CGTX-2022")
        lines = [row[0] for row in book["Checks"].iter_rows(min_row=6, values_only=True)]
        assert sum("as the document prints it" in str(line) for line in lines) == 9


class TestWhatADealLacks:
    def test_without_formulas_prices_are_typed(self) -> None:
        book = values("CGTX-2022")
        assert "Quotations" not in book.sheetnames
        assert "Price terms" not in book.sheetnames
        assert headings(book, "Advances")[1:4] == ["Date", "Amount", "Price"]

    def test_without_a_cap_there_is_none_in_the_table(self) -> None:
        book = values("CANOO-2022")
        assert "Left under the cap" not in headings(book, "Advances")
        assert all("cap" not in str(cell.value) for cell in book["Sensitivity"][4])

    @pytest.mark.long
    def test_without_a_capacity_the_amount_is_the_notes(self) -> None:
        book = values("CDIO-2023")
        assert "Capacity left" not in headings(book, "Advances")
        assert named(book, "Sensitivity_amount") == 11_200_000

    @pytest.mark.parametrize("deal", ["NEOT-2001", "MORF-2020", "CIK886128-SHARES"])
    def test_a_deal_without_a_line_is_refused(self, deal: str) -> None:
        with pytest.raises(InputError, match=f"^{deal} has no equity line: ") as caught:
            render("equityline", select(deal))
        assert caught.value.code == "#REF!"


class TestADayOfTheDeal:
    @pytest.mark.long
    def test_prices_take_the_day_that_is_asked_for(self) -> None:
        book = values("CANOO-2022@2023-06-30")
        assert named(book, "Deal") == "CANOO-2022@2023-06-30"
        assert "Deal_by_date" not in book.defined_names
        assert named(book, "prices.first.floor") == 0.5

    def test_an_amended_window_is_refused(self, tmp_path: Any) -> None:
        text = PATH.read_text("utf-8").replace("LINE-2023", "WINDOW-1")
        text += '\n[[actions]]\nsource = "no. 3"\nkind = "amendment"\ndate = 2024-09-03\n'
        text += 'figure = "prices.regular.leg_2.lowest"\nvalue = 2\n'
        path = tmp_path / "WINDOW-1.toml"
        path.write_text(text, "utf-8")
        offer(read_terms(path), path)
        with pytest.raises(InputError, match="amendments of the windows or bounds"):
            render("equityline", select("WINDOW-1"))
