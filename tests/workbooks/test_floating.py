"""floating.xlsx: the last bid, windows judged as the function judges them, rows that wait."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any, Final

import pytest
from fillings.base import Answer, Filling, Template, notice_cell, once

from xladdin.cells import CellError, serial_of
from xladdin.terms import select

SATURDAY: Final = datetime.date(2001, 11, 10)
ISSUED: Final = datetime.date(2001, 11, 15)
DAY_90: Final = datetime.datetime(2002, 2, 13, 16)
INITIAL: Final = 5.4384
CONVERSION: Final = 3.91779


@pytest.fixture(scope="module")
def template() -> Template:
    return once("floating", select(), "Quotes")


def shipped_rows(template: Template) -> list[dict[str, Any]]:
    """The rows that the template begins with."""
    values = template.table.values
    return [
        {"Date": date, "Closing bid": bid}
        for date, bid in zip(values["Date"], values["Closing bid"], strict=True)
    ]


def filled(template: Template, rows: list[dict[str, Any]], **cells: Any) -> Answer:
    return template.compute(Filling(cells=cells, rows=rows))


def remarks(answer: Answer) -> dict[int, str]:
    """What is said of rows, by their number from 0."""
    return {at: str(text) for at, text in enumerate(answer.column("Remark")) if text}


def twin(answer: Answer, name: str) -> Any:
    """The figure in plain Excel beside one of the Debentures sheet."""
    return answer.at("Debentures", f"C{answer.template.place(name)[1][1:]}")


class TestLast:
    @pytest.mark.sample(1)
    @pytest.mark.parametrize("order", ["newest first", "middle first"])
    def test_is_the_latest_date_whatever_the_order_of_rows(
        self, template: Template, order: str
    ) -> None:
        rows = shipped_rows(template)
        rows = rows[::-1] if order == "newest first" else rows[30:] + rows[:30]
        answer = filled(template, rows)
        assert answer.failing() == []
        assert answer.named("Last_day") == serial_of(datetime.date(2002, 2, 20))
        assert answer.named("Last_bid") == 3.94
        assert answer.at("Debentures", "B21") == 3.94
        assert answer.at("Debentures", "F21") == answer.at("Debentures", "K21") == 3.743
        # Explained by default.
        assert answer.named("Explained_on") == serial_of(datetime.date(2002, 2, 20))
        assert answer.named("Explained_bid") == 3.94

    def test_needs_a_bid(self, template: Template) -> None:
        rows = [*shipped_rows(template)[:-1], {"Date": datetime.date(2002, 3, 1)}]
        answer = filled(template, rows)
        assert answer.named("Last_bid") == 3.77
        assert answer.holds()

    @pytest.mark.long
    def test_of_two_rows_of_one_day_is_the_first_and_both_are_named(
        self, template: Template
    ) -> None:
        day = datetime.date(2002, 2, 21)
        rows = shipped_rows(template)[:-2]
        rows += [{"Date": day, "Closing bid": bid} for bid in (4.1, 4.2)]
        answer = filled(template, rows, Conversion_date=datetime.date(2002, 2, 10))
        assert answer.named("Last_bid") == 4.1
        last = len(rows)
        assert remarks(answer) == dict.fromkeys((last - 2, last - 1), "Warning: Date stands twice")
        assert answer.named("Checks_Warnings") == 2
        assert answer.holds()


class TestWindows:
    def test_a_day_without_a_session_is_left_aside_and_named(self, template: Template) -> None:
        rows = [{"Date": SATURDAY, "Closing bid": 9.99}, *shipped_rows(template)[:-1]]
        answer = filled(template, rows, Conversion_date=DAY_90)
        assert answer.named("Initial_price") == INITIAL == twin(answer, "Initial_price")
        assert remarks(answer) == {0: "Warning: No session that day"}
        assert answer.named("Checks_Warnings") == 1
        assert answer.holds()

    def test_prices_without_a_date_or_a_bid_are_named(self, template: Template) -> None:
        rows = shipped_rows(template)
        day = rows[-1]["Date"] + datetime.timedelta(days=1)
        rows[-4:] = [
            {"Closing bid": 4.1},
            {"Market value": 4.1},
            {"Date": day, "Market value": 4.1},
            {"Date": day + datetime.timedelta(days=1)},
        ]
        answer = filled(template, rows, Conversion_date=DAY_90)
        last = len(rows)
        lacks = ("date", "date, closing bid", "closing bid")
        assert remarks(answer) == {
            last - 4 + at: f"Warning: Missing: {words}" for at, words in enumerate(lacks)
        }
        assert answer.named("Checks_Warnings") == 3
        assert answer.holds()

    def test_day_90_does_not_float_whatever_the_time(self, template: Template) -> None:
        rows = shipped_rows(template)
        day_91 = DAY_90 + datetime.timedelta(days=1)
        window = [row for row in rows if row["Date"] < day_91.date()][-30:]
        lowest = sorted(Fraction(str(row["Closing bid"])) for row in window)[:10]
        floating = float(sum(lowest) / 10 * Fraction("1.01"))
        for time, price in ((DAY_90, INITIAL), (day_91, floating)):
            answer = filled(template, rows, Issue_date=ISSUED, Conversion_date=time)
            assert answer.named("Conversion_price") == price
            assert twin(answer, "Conversion_price") == pytest.approx(price, abs=1e-12)
            assert answer.failing() == []

    def test_times_of_day_are_cut_off(self, template: Template) -> None:
        afternoon = datetime.time(16, 30)
        rows = [
            {**row, "Date": datetime.datetime.combine(row["Date"], afternoon)}
            for row in shipped_rows(template)
        ]
        answer = filled(template, rows)
        assert answer.named("Conversion_price") == CONVERSION
        assert answer.failing() == []

    def test_a_window_of_the_first_issue_reaches_into_the_year_before(
        self, template: Template
    ) -> None:
        days = [datetime.date(1999, 12, day) for day in (27, 28, 29, 30, 31)]
        rows = [{"Date": day, "Closing bid": 4.0} for day in days]
        first = datetime.date(2000, 1, 3)
        answer = filled(template, rows, Issue_date=first, Conversion_date=first)
        assert answer.named("Conversion_price") == 4.8 == twin(answer, "Conversion_price")
        assert answer.failing() == []

    def test_a_date_twice_within_a_window_fails(self, template: Template) -> None:
        rows = shipped_rows(template)
        rows[-1] = dict(rows[2])
        answer = filled(template, rows)
        assert not answer.holds()
        assert remarks(answer) == dict.fromkeys(
            (2, len(rows) - 1), "Failure: Date twice within a window"
        )
        assert answer.named("Initial_price") == CellError("#VALUE!")


class TestRowsThatWait:
    def test_a_blank_row_is_none(self, template: Template) -> None:
        rows = shipped_rows(template)
        rows[60] = {}
        answer = filled(template, rows, Conversion_date=datetime.date(2002, 2, 1))
        assert answer.named("Conversion_price") == INITIAL
        assert answer.column("Class B price")[60] == 0
        assert answer.column("Class B usable")[60] == "–"
        assert answer.errors("Quotes", "Windows", "Debentures", "Checks") == []
        assert answer.holds()

    def test_an_empty_table_waits(self, template: Template) -> None:
        answer = filled(template, [])
        for name in ("Last_day", "Last_bid", "Initial_price", "Conversion_price", "Shares_issued"):
            assert answer.named(name) == 0, name
        assert answer.errors("Quotes", "Windows", "Debentures", "Checks") == []
        assert answer.named("Checks_Warnings") == 0
        assert answer.holds()

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("typed", ["Date", "Closing bid", "Market value"])
    def test_a_row_that_is_half_typed(self, template: Template, typed: str) -> None:
        row = {"Date": datetime.date(2002, 2, 22), "Closing bid": 4.0, "Market value": 4.1}
        rows = [*shipped_rows(template)[1:], {typed: row[typed]}]
        issued = datetime.date(2001, 11, 16)
        answer = filled(template, rows, Issue_date=issued)
        assert answer.named("Conversion_price") == CONVERSION == twin(answer, "Conversion_price")
        assert answer.failing() == []

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        ("missing", "date"),
        [
            (("Issue_date", "Conversion_date"), "both dates"),
            (("Issue_date",), "the issue date"),
            (("Conversion_date",), "the conversion date"),
        ],
    )
    def test_the_date_that_is_missing_is_named(
        self, template: Template, missing: tuple[str, ...], date: str
    ) -> None:
        answer = filled(template, shipped_rows(template), **dict.fromkeys(missing))
        assert answer.at("Debentures", "A9") == f"Waits for {date}"
        assert answer.failing() == []

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(("row", "more"), [(0, 0), (4, 0), (40, 0), (41, 4)])
    def test_the_first_session_that_is_missing_is_named(
        self, template: Template, row: int, more: int
    ) -> None:
        rows = shipped_rows(template)
        session = rows[row]["Date"]
        del rows[row : row + 1 + more]
        answer = filled(template, rows)
        assert answer.at("Debentures", "A9") == "Waits for the closing bid of"
        assert answer.named("First_missing") == answer.at("Debentures", "B9") == serial_of(session)
        assert answer.at("Debentures", "C9") == (f"and {more} more" if more else "–")
        assert answer.named("Conversion_price") == 0 == twin(answer, "Conversion_price")
        assert answer.holds()

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("name", ["Issue_date", "Conversion_date", "Outstanding"])
    def test_a_blank_input(self, template: Template, name: str) -> None:
        answer = filled(template, shipped_rows(template), **{name: None})
        assert answer.named("Dilution_share") == 0
        assert answer.errors("Quotes", "Windows", "Debentures", "Checks") == []
        assert answer.holds()


class TestWhatIsWrong:
    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        ("heading", "value", "words"),
        [
            ("Closing bid", "$4.46", "Closing bid not a number from 0.0000001 to 100 million"),
            ("Closing bid", 0, "Closing bid not a number from 0.0000001 to 100 million"),
            ("Closing bid", -4.46, "Closing bid not a number from 0.0000001 to 100 million"),
            ("Closing bid", True, "Closing bid not a number from 0.0000001 to 100 million"),
            ("Market value", "n/a", "Market value not a number from 0.0000001 to 100 million"),
            ("Date", "4 Feb 2002", "Date not a date from 1999 to 2009"),
            ("Date", datetime.date(1901, 2, 4), "Date not a date from 1999 to 2009"),
        ],
    )
    def test_an_entry_is_named_in_its_row(
        self, template: Template, heading: str, value: Any, words: str
    ) -> None:
        rows = shipped_rows(template)
        rows[7][heading] = value
        answer = filled(template, rows)
        assert remarks(answer) == {7: f"Failure: {words}"}
        assert not answer.holds()
        assert any(words.lower() in line.lower() for line in answer.failing())

    def test_a_conversion_before_the_issue(self, template: Template) -> None:
        earlier = ISSUED - datetime.timedelta(days=1)
        rows = shipped_rows(template)
        answer = filled(template, rows, Issue_date=ISSUED, Conversion_date=earlier)
        assert answer.named("Conversion_price") == CellError("#NUM!")
        assert not answer.holds()
        assert "before the issue date" in answer.failing()[0]

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("reference", ["Quotes!B79", "Quotes!A78"])
    def test_an_entry_under_the_table(self, template: Template, reference: str) -> None:
        sheet, _, place = reference.partition("!")
        filling = Filling(rows=shipped_rows(template), others={(sheet, place): 4.04})
        answer = template.compute(filling)
        assert not answer.holds()
        assert "under the table" in answer.failing()[0]
        assert "Filled cells outside the table, in no total: 1." in str(
            answer.at("Quotes", notice_cell(template))
        )

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("heading", ["Class B price", "Day", "Bid less 25", "Remark"])
    def test_a_formula_typed_over(self, template: Template, heading: str) -> None:
        sheet = template.workbook["Quotes"]
        cell = sheet.cell(template.table.first_row + 3, template.columns[heading])
        filling = Filling(rows=shipped_rows(template), others={("Quotes", cell.coordinate): 4.04})
        answer = template.compute(filling)
        assert not answer.holds()
        assert any("formula typed over" in line for line in answer.failing())


def test_a_bid_with_binary_dust_is_read_as_it_is_shown(template: Template) -> None:
    rows = shipped_rows(template)
    rows[10]["Closing bid"] = 5 - 2**-50  # a sheet shows 5.00
    answer = filled(template, rows)
    for heading in ("Class B price", "Plain Class B price"):
        assert answer.column(heading)[10] == pytest.approx(4.85, abs=1e-9)
    assert answer.failing() == []


@pytest.mark.long
def test_a_window_with_bids_of_many_digits_and_without_a_session(template: Template) -> None:
    rows = shipped_rows(template)
    for row in rows:
        row["Closing bid"] += 2**-50  # seventeen digits, as a formula or a pasted bid may have
    last = max(row["Date"] for row in rows)
    waits = [row for row in rows if row["Date"] < last]
    answer = filled(template, waits, Conversion_date=last + datetime.timedelta(days=1))
    assert answer.failing() == []
    assert answer.named("First_missing") == serial_of(last)
    assert answer.named("Lookback_missing") == 1
    assert answer.named("Conversion_price") == 0


def test_no_formula_is_longer_than_a_reader_can_check(template: Template) -> None:
    for sheet in ("Windows", "Debentures", "Quotes"):
        for row in template.workbook[sheet].iter_rows():
            for cell in row:
                if cell.data_type == "f" and cell.style == "xl Twin":
                    assert len(cell.value) <= 300, (sheet, cell.coordinate, cell.value)


class TestTheChart:
    """Its axis begins near the bids, and what falls below it is named."""

    def test_the_axis_shows_the_movement(self) -> None:
        template = once("floating", select("NEOT-2001"), "Quotes")
        (chart,) = template.workbook["Latest"]._charts
        bids = [one for one in template.table.values["Closing bid"] if isinstance(one, float)]
        least = chart.y_axis.scaling.min
        assert min(bids) * 0.7 < least < min(bids) * 0.95  # the Class B price is 95% at the least
        row = {"Date": datetime.date(2001, 11, 8), "Closing bid": min(bids)}
        for bid, words in ((min(bids), " "), (2.0, "points below it are not in the chart.")):
            answer = template.compute(Filling(rows=[row | {"Closing bid": bid}]))
            assert words in str(answer.at("Latest", "A10"))
        assert answer.failing() == []

    @pytest.mark.long
    def test_no_quotations_have_no_notice(self) -> None:
        answer = once("floating", select("NEOT-2001"), "Quotes").compute(Filling())
        assert answer.at("Latest", "A10") == " "
