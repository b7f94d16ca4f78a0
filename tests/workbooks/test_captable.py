"""captable.xlsx: printed figures from the workbook's own cells, limits, and what may be typed."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from deals import NEOT_1
from draws import first, first_row
from fillings.base import Filling, Template, once
from paths import DATA

import xladdin
from xladdin.errors import REF, InputError
from xladdin.terms import read_terms, select
from xladdin.terms.selection import Selection
from xladdin.terms.store import forget, offer
from xladdin.workbooks.captable import workbook as captable
from xladdin.workbooks.layout import styles

NEOT = NEOT_1
MERIDIAN = (DATA / "MERIDIAN-2024.toml").read_text("utf-8")

# As the document prints them: figure, its cell on the Capitalisation sheet, page.
PRINTED = [
    ("Dilution_share", "28%", "S-9"),
    ("Voting_share", "2.6%", "S-10"),
    ("Voting_total", "5,077,243", "S-10"),
    ("Voting_total_share", "19.3%", "S-10"),
    ("Within_60_days_share", "0.8%", "S-10"),
]


@functools.cache
def shipped() -> Template:
    """Write the workbook of the shipped deal once: what is typed leaves it as it was."""
    return once("captable", select())


class Workbook:
    """A workbook of the template, with some cells typed over, computed."""

    def __init__(
        self,
        selection: Selection | None = None,
        typed: Mapping[str, Any] | None = None,
        rows: Mapping[int, Mapping[str, Any]] | None = None,
    ) -> None:
        """Build it.

        Args:
            selection: The deal; without one, the one that ships.
            typed: What is typed into inputs, by defined name.
            rows: What is typed into rows of the table, from 0, by heading.
        """
        self.template = shipped() if selection is None else once("captable", selection)
        self.workbook = self.template.workbook
        for name in typed or {}:
            sheet, cell = self.template.place(name)
            assert self.workbook[sheet][cell].style == styles.INPUT, name
        cells = {
            ("Exercise", self._cell(number, heading).coordinate): value
            for number, values in (rows or {}).items()
            for heading, value in values.items()
        }
        self.answer = self.template.compute(Filling(dict(typed or {}), others=cells))

    def now(self, name: str) -> Any:
        """The figure of that name."""
        return self.answer.named(name)

    def beside(self, name: str, columns: int) -> Any:
        """The value some columns to the right of a figure of that name."""
        sheet, cell = self.template.place(name)
        return self._value(self.workbook[sheet][cell].offset(column=columns))

    def documented(self, name: str) -> Any:
        """The same figure as documented."""
        return self.beside(name, -1)

    def row(self, number: int) -> dict[str, Any]:
        """A row of the table, from 0."""
        return {heading: self._value(self._cell(number, heading)) for heading in self._headings}

    def column(self, sheet: str, number: int) -> list[Any]:
        """The values of a column of a sheet."""
        return [self._value(row[number - 1]) for row in self.workbook[sheet].iter_rows()]

    def checks(self) -> dict[str, tuple[Any, ...]]:
        """Lines of the Checks sheet: computed, expected, holds, against."""
        columns = (self.column("Checks", number)[5:] for number in (1, 2, 3, 6, 8))
        return {what: tuple(line) for what, *line in zip(*columns, strict=True) if what}

    def failing(self) -> list[str]:
        """The checks that do not hold."""
        return self._not_holding("must hold")

    def warned(self) -> list[str]:
        """The lines that warn."""
        return self._not_holding("warning")

    def _not_holding(self, kind: str) -> list[str]:
        columns = (self.column("Checks", number)[5:] for number in (1, 6, 7))
        return [what for what, holds, of in zip(*columns, strict=True) if of == kind and not holds]

    def labels(self, sheet: str) -> set[str]:
        """Texts of a sheet's first column."""
        return {text for text in self.column(sheet, 1) if text}

    @functools.cached_property
    def _headings(self) -> list[str]:
        sheet = self.workbook["Exercise"]
        return [cell.value for cell in sheet[sheet.tables["Tranches"].ref][0]]

    def _cell(self, number: int, heading: str) -> Any:
        sheet = self.workbook["Exercise"]
        return sheet[sheet.tables["Tranches"].ref][1 + number][self._headings.index(heading)]

    def _value(self, cell: Any) -> Any:
        return self.answer.at(cell.parent.title, cell.coordinate)


def shown(value: float, like: str) -> str:
    """Write a value as the document does."""
    if like.endswith("%"):
        return f"{value:.{len(like.partition('.')[2].rstrip('%'))}%}"
    return f"{value:,.0f}"


def deal(folder: Path, name: str, text: str) -> Selection:
    """Offer a deal of that text and name."""
    path = folder / f"{name}.toml"
    path.write_text(re.sub(r'(?m)^name = ".*"$', f'name = "{name}"', text), "utf-8")
    return offer(read_terms(path), path)


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


@pytest.fixture(scope="module")
def neot() -> Workbook:
    return Workbook()


class TestAsDocumented:
    @pytest.mark.parametrize(("name", "printed", "page"), PRINTED)
    def test_printed_figures_reproduce(
        self, neot: Workbook, name: str, printed: str, page: str
    ) -> None:
        assert shown(neot.documented(name), printed) == printed
        # The counts typed at first are the document's.
        assert neot.now(name) == neot.documented(name)
        assert f"printed on {page}" in " ".join(
            str(neot.beside(name, columns)) for columns in range(1, 5)
        )

    def test_each_printed_figure_has_its_check(self, neot: Workbook) -> None:
        lines = [line for line in neot.checks().values() if str(line[3]).startswith("printed")]
        assert [
            (shown(line[1], printed), line[3])
            for line, (_, printed, _) in zip(lines, PRINTED, strict=True)
        ] == [(printed, f"printed, {page}") for _, printed, page in PRINTED]
        assert all(computed == expected and holds for computed, expected, holds, _ in lines)

    def test_the_original_issue_of_class_b(self, neot: Workbook) -> None:
        lines = {what: line for what, line in neot.checks().items() if what.startswith("Class B")}
        assert sorted(line[:3] for line in lines.values()) == [
            (3_413_600, 3_413_600, True),
            (4_000_000, 4_000_000, True),
        ]
        assert any("S-4, S-7" in line[3] for line in lines.values())

    def test_all_checks_hold(self, neot: Workbook) -> None:
        assert neot.failing() == []
        assert neot.now("Checks_OK") is True

    def test_a_wrong_figure_of_the_document_is_caught(self, tmp_path: Path) -> None:
        text = NEOT.replace("value = 579_098", "value = 679_098")
        text = text.replace("value = 586_400", "value = 586_401")
        failing = Workbook(deal(tmp_path, "WRONG-1", text)).failing()
        assert len(failing) == 4
        assert sum("document prints" in what for what in failing) == 3
        assert sum("original issue" in what for what in failing) == 1


class TestTyped:
    def test_new_counts_move_now_and_nothing_that_is_documented(self, neot: Workbook) -> None:
        typed = {
            "Shares_outstanding": 30_000_000,
            "Later_outstanding": 31_000_000,
            "Options_and_warrants": 10_000_000,
            "Exercisable_now": 1_000_000,
            "Voting_shares": 900_000,
            "Voting_warrants": 5_000_000,
            "Within_60_days": 300_000,
            "Authorised_shares": 100_000_000,
            "Planned_issue": 2_000_000,
        }
        changed = Workbook(None, typed)
        assert changed.failing() == []
        assert changed.now("Dilution_share") == 0.25
        assert changed.now("Dilution_now") == xladdin.dilution(30_000_000, 1_000_000)
        assert changed.now("Voting_share") == 0.03
        assert changed.now("Voting_total") == 5_900_000
        assert changed.now("Voting_total_share") == pytest.approx(5.9 / 35)
        assert changed.now("Within_60_days_share") == 0.01
        assert changed.now("Exchange_headroom") == 6_199_999
        assert changed.now("Authorised_headroom") == 100_000_000 - 31_000_000 - 12_000_000
        for name, _, _ in PRINTED:
            assert changed.documented(name) == neot.documented(name)

    @pytest.mark.long
    def test_without_a_later_count_the_first_counts(self) -> None:
        blank = Workbook(None, {"Later_outstanding": None, "Shares_outstanding": 1000})
        assert blank.now("Latest_outstanding") == 1000
        assert blank.now("Exchange_headroom") == 199
        assert blank.documented("Exchange_headroom") == 4_385_474
        assert blank.failing() == []

    def test_shares_outstanding_that_are_missing_are_named(self) -> None:
        blank = Workbook(None, {"Later_outstanding": None, "Shares_outstanding": None})
        assert blank.failing() == []
        assert blank.warned() == ["Capitalisation!C6, Shares outstanding: missing"]
        assert blank.now("Fully_diluted") == 0
        for diluted in ("Diluted_shares", "Diluted_if_converted"):
            assert blank.now(diluted) == 0
        # The other count does not give the figures of this one.
        later = Workbook(None, {"Shares_outstanding": None})
        assert later.warned() == blank.warned()

    def test_class_b_warrants_to_add(self, neot: Workbook) -> None:
        added = Workbook(None, {"Class_B_to_add": 3_413_600})
        less = neot.now("Authorised_headroom") - added.now("Authorised_headroom")
        assert less == 3_413_600
        assert neot.documented("Authorised_headroom") == 50_000_000 - 21_927_372 - 8_593_877


class TestHeadroom:
    @pytest.mark.parametrize("outstanding", first([20_000_001, 21_927_372, 20_000_000, 4]))
    def test_the_limit_itself_is_out_of_bounds(self, outstanding: int) -> None:
        # 20% of the count, rounded up to whole shares, already reaches the limit.
        most = -(-outstanding // 5) - 1
        for planned, below in ((most, "yes"), (most + 1, "no")):
            typed = {"Later_outstanding": outstanding, "Planned_issue": planned}
            book = Workbook(None, typed)
            assert book.now("Exchange_headroom") == most
            assert book.now("Issue_below_limit") == below
            assert book.failing() == []
            over = ["Headroom!C7, Planned issue: does not stay below 20%"]
            assert book.warned() == ([] if below == "yes" else over)

    @pytest.mark.long
    def test_what_is_issued_already_counts(self) -> None:
        most = xladdin.nasdaq20_headroom(21_927_372)
        for issued, planned, below in (
            (most - 100, 100, "yes"),
            (most - 100, 101, "no"),
            (most, 0, "yes"),
            (most + 1, 0, "no"),
        ):
            book = Workbook(None, {"Issued_so_far": issued, "Planned_issue": planned})
            assert book.now("Exchange_headroom") == max(0, most - issued)
            assert book.now("Issue_below_limit") == below
            assert book.failing() == []

    @pytest.mark.long
    def test_the_charter(self) -> None:
        most = 50_000_000 - 21_927_372 - 8_593_877
        for planned, fits in ((most, "yes"), (most + 1, "no")):
            book = Workbook(None, {"Planned_issue": planned})
            assert book.now("Authorised_headroom") == most - planned
            assert book.now("Issue_authorised") == fits
            over = "Headroom!C7, Planned issue: above the authorised stock that is left"
            assert (over in book.warned()) is (fits == "no")

    @pytest.mark.long
    @pytest.mark.parametrize(
        ("limit", "part", "most"),
        first_row([("0.1999", "19.99%", 4_383_281), ("0.15", "15%", 3_289_105)]),
    )
    def test_a_deal_with_another_limit(
        self, tmp_path: Path, limit: str, part: str, most: int
    ) -> None:
        assert most < 21_927_372 * Fraction(limit) <= most + 1
        text = NEOT.replace(
            "exchange_limit = { value = 0.20", f"exchange_limit = {{ value = {limit}"
        )
        selection = deal(tmp_path, "LIMIT-1", text)
        for planned, below in ((most, "yes"), (most + 1, "no")):
            book = Workbook(selection, {"Planned_issue": planned})
            assert book.failing() == []
            assert book.documented("Exchange_limit") == book.now("Exchange_limit") == float(limit)
            assert book.documented("Exchange_headroom") == book.now("Exchange_headroom") == most
            assert book.now("Issue_below_limit") == below
        labels = book.labels("Headroom")
        assert f"Limit: {part} of shares outstanding, not to be reached" in labels
        assert f"Planned issue stays below {part}" in labels

    def test_a_deal_without_a_limit(self, tmp_path: Path) -> None:
        book = Workbook(deal(tmp_path, "LIMIT-0", re.sub(r"\[limits\]\n(.+\n)+", "", NEOT)))
        assert book.failing() == []
        assert {"Exchange_limit", "Issued_so_far"}.isdisjoint(book.workbook.defined_names)
        assert book.now("Authorised_headroom") > 0


class TestExercise:
    def test_the_first_rows(self, neot: Workbook) -> None:
        shelf = neot.row(0)
        assert (shelf["Securities"], shelf["Exercise price"], shelf["Source"]) == (
            405_000,
            5.69,
            "S-10",
        )
        made_up = [neot.row(number) for number in range(1, 4)]
        assert all("illustrative" in row["Name"] for row in made_up)
        assert neot.row(4)["Name"] is None

    def test_figures_against_the_library(self, neot: Workbook) -> None:
        average, market = neot.now("Average_price"), neot.now("Market_price")
        assert market == 4.04
        bought, cashless = 0.0, 0
        for number in range(4):
            row = neot.row(number)
            count, price = row["Securities"], row["Exercise price"]
            shares = xladdin.treasury_stock_shares(count, price, average)
            assert row["Treasury stock shares"] == shares
            assert row["Cashless shares"] == xladdin.net_exercise_shares(count, market, price)
            assert row["Dilution for cash"] == xladdin.dilution(21_927_372, count)
            bought += row["Treasury stock shares"]
            cashless += row["Cashless shares"]
        assert neot.row(0)["Treasury stock shares"] > 0 == neot.row(0)["Cashless shares"]
        assert neot.now("Treasury_stock_total") == pytest.approx(bought, rel=1e-15)
        assert neot.now("Diluted_shares") == pytest.approx(21_927_372 + bought, rel=1e-15)
        assert neot.now("Cashless_total") == cashless > 0
        assert neot.now("Cashless_dilution") == xladdin.dilution(21_927_372, cashless)

    def test_rows_that_wait_hold_zeros(self, neot: Workbook) -> None:
        for number in range(4, 20):
            row = neot.row(number)
            assert row.pop("No") == number + 1
            assert row.pop("Agrees") is True
            assert row.pop("Blank") == 2
            assert row.pop("In words") == "–"
            assert row.pop("What is missing") == "Missing: securities, exercise price"
            assert set(row.values()) == {None, 0, ""}

    def test_a_row_that_is_typed(self, neot: Workbook) -> None:
        typed = {"Name": None, "Source": None, "Securities": 1001, "Exercise price": 3.0}
        book = Workbook(None, {"Market_price": 6.0, "Average_price": 4.0}, {7: typed})
        row = book.row(7)
        # A half and a quarter of them.
        assert (row["Cashless shares"], row["Treasury stock shares"]) == (500, 250.25)
        assert book.now("Securities_total") == neot.now("Securities_total") + 1001
        assert book.failing() == []

    def test_a_half_typed_row_waits_and_is_in_no_total(self, neot: Workbook) -> None:
        book = Workbook(rows={5: {"Securities": 1000}, 6: {"Exercise price": 4.0}})
        for number in (5, 6):
            assert book.row(number)["Treasury stock shares"] == 0
            assert book.row(number)["Counted"] == 0
            lacks = "exercise price" if number == 5 else "securities"
            assert book.row(number)["Remark"] == f"Warning: Missing: {lacks}"
        assert book.now("Checks_Warnings") == 2
        for name in ("Securities_total", "Treasury_stock_total", "Cash_dilution"):
            assert book.now(name) == neot.now(name)
        assert book.now("Checks_OK") is True

    def test_an_exercise_price_of_0(self, neot: Workbook) -> None:
        book = Workbook(rows={4: {"Securities": 1000, "Exercise price": 0}})
        row = book.row(4)
        assert row["Treasury stock shares"] == row["Cashless shares"] == 1000
        assert book.now("Securities_total") == neot.now("Securities_total") + 1000
        assert book.failing() == []

    @pytest.mark.long
    def test_counts_that_a_formula_leaves_near_a_whole_number(self) -> None:
        dust = {"Securities": 0.1 * 3 * 10, "Exercise price": 1.1 * 3}
        book = Workbook(None, {"Market_price": 5.0}, rows={4: dust})
        # 3 times 1 - 3.3 / 5 is 1.02.
        assert book.row(4)["Cashless shares"] == book.row(4)["Plain cashless shares"] == 1
        dust = {"Securities": 0.1 * 3 * 10, "Exercise price": 0}
        book = Workbook(None, {"Market_price": 5.0}, rows={4: dust})
        assert book.row(4)["Cashless shares"] == book.row(4)["Plain cashless shares"] == 3
        assert book.row(4)["Counted"] == 3
        assert book.failing() == []

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("price", ["Average_price", "Market_price"])
    def test_a_blank_price_is_waited_for(self, price: str) -> None:
        book = Workbook(None, {price: None})
        waiting = {"Average_price": "Treasury_stock_total", "Market_price": "Cashless_total"}
        for name, total in waiting.items():
            assert (book.now(total) == 0) == (name == price)
        assert book.failing() == []

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        ("heading", "value"),
        [
            ("Securities", "40,000"),
            ("Securities", 1.5),
            ("Securities", -1),
            ("Exercise price", "$4"),
        ],
    )
    def test_a_wrong_entry_is_named_in_its_row(self, heading: str, value: Any) -> None:
        typed = {"Securities": 1000, "Exercise price": 4.0, heading: value}
        book = Workbook(rows={4: typed})
        assert book.row(4)["Remark"].startswith(f"Failure: {heading} not a ")
        assert book.now("Checks_OK") is False


class TestExplain:
    def test_the_chosen_tranche(self, neot: Workbook) -> None:
        assert neot.now("Explained_tranche") == 2
        results = neot.column("Explain", 4)
        for figure in (
            neot.now("Dilution_share"),
            neot.now("Exchange_headroom"),
            neot.row(1)["Treasury stock shares"],
            neot.row(1)["Cashless shares"],
        ):
            assert figure > 0
            assert figure in results

    def test_a_tranche_that_waits_does_not_fail_the_checks(self) -> None:
        book = Workbook(None, {"Explained_tranche": 9})
        assert book.now("Explained_securities") == 0
        assert book.failing() == []

    def test_the_first_tranche_where_none_is_chosen_and_a_row_that_there_is_not(self) -> None:
        book = Workbook(None, {"Explained_tranche": None})
        assert book.now("Explained_securities") == book.row(0)["Securities"]
        assert book.failing() == []
        book = Workbook(None, {"Explained_tranche": 21})
        assert book.now("Explained_securities") == 0
        assert book.failing() == ["Explain!B4, Explained tranche: past the last row"]


class TestDeals:
    @pytest.mark.long
    def test_meridian(self, tmp_path: Path) -> None:
        book = Workbook(deal(tmp_path, "MERIDIAN-2024", MERIDIAN))
        assert book.failing() == []
        assert book.now("Checks_OK") is True
        assert book.documented("Dilution_share") == xladdin.dilution(41_380_515, 3_902_440)
        # Nothing is shown for what the deal lacks.
        assert not any("oting" in name for name in book.workbook.defined_names)
        assert not any("oting" in text for text in book.labels("Capitalisation"))
        assert "Class_B_to_add" not in book.workbook.defined_names
        assert all(row["Source"] != "p. S-9" for row in map(book.row, range(3)))

    def test_a_deal_with_the_least(self, tmp_path: Path) -> None:
        optional = r"later_outstanding|exercisable_now|year_|monthly_cash_use"
        text = re.sub(rf"(?m)^({optional}).*\n", "", MERIDIAN)
        book = Workbook(deal(tmp_path, "LEAST-1", text))
        assert book.failing() == []
        assert {"Later_outstanding", "Latest_outstanding", "Exercisable_now"}.isdisjoint(
            book.workbook.defined_names
        )
        assert book.now("Stock_outstanding") == 41_380_515

    def test_a_deal_without_options(self, tmp_path: Path) -> None:
        text = MERIDIAN.replace("value = 3_902_440", "value = 0")
        book = Workbook(deal(tmp_path, "NO-OPTIONS-1", text))
        assert book.failing() == []
        assert book.now("Dilution_share") == 0
        assert book.row(0)["Name"] is None

    def test_a_deal_without_capitalisation_and_instruments_is_refused(self) -> None:
        with pytest.raises(InputError, match="and no instrument") as caught:
            captable.build(select("MORF-2020"))
        assert (caught.value.code, caught.value.argument) == (REF, "terms")

    def test_a_deal_of_instruments_alone_has_no_documented_counts(self) -> None:
        book = captable.build(select("CDIO-2023"))
        assert not {"Capitalisation", "Headroom"} & set(book.workbook.sheetnames)
        rows = book.workbook["Conversions"].iter_rows(5, 6, 2, 7, values_only=True)
        assert [(row[0], row[2], row[3], row[5]) for row in rows] == [
            ("first", 5_000_000, 0.2, 0.9),
            ("second", 6_200_000, 0.2, 0.9),
        ]

    def test_a_usual_price_is_carried_over_the_splits(self) -> None:
        """Of 23 and of 20 old shares for a new one: warrants at 989 are in the money then."""
        prices = captable.build(select("CANOO-2022")).workbook["Totals"]
        assert [prices[place].value for place in ("B5", "B6")] == [10 * 460 * 1.5, 10 * 460]
