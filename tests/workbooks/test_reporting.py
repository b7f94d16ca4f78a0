"""reporting.xlsx: quarters by hand, ends in a wrong order, what a deal lacks left out."""

from __future__ import annotations

import datetime
import functools
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from draws import first
from fillings.base import Filling, Template
from fillings.test_reporting import places
from fillings.typed import typed
from paths import DATA

from xladdin.building.build import build
from xladdin.building.render import render, write
from xladdin.building.upgrade import upgrade
from xladdin.cells import serial_of
from xladdin.checking.verify import verify
from xladdin.errors import InputError
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer
from xladdin.workbooks.layout import styles

PATH: Final = DATA / "POOLED-2024.toml"
DEALS: Final = (
    "NEOT-2001",
    "CANOO-2022",
    "CDIO-2023",
    "CGTX-2022",
    "CIK886128-SHARES",
    "MORF-2020",
    "POOLED-2024",
)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture(autouse=True)
def _pooled() -> Iterator[None]:
    offer(read_terms(PATH), PATH)
    yield
    forget()


@functools.cache
def programme() -> Template:
    """Write the workbook once: a filling leaves it as it was."""
    return Template("reporting", select("MORF-2020"), "Sales")


def morf(*rows: tuple[str, int, float], **cells: str) -> tuple[Template, Filling]:
    """Fill the log of a programme with one flat rate, 3% on up to $75 million."""
    template = programme()
    filling = Filling()
    for name in ("Compared_end", "Compared_quarter_before", "Compared_year_before"):
        filling.cells[name] = None
    filling.cells |= {name: day(value) for name, value in cells.items()}
    for when, shares, price in rows:
        filling.rows.append({"Date": day(when), "Shares": shares, "Price": price})
    return template, filling


ROWS: Final = (
    ("2020-07-20", 10_000, 25.0),
    ("2020-09-30", 20_000, 30.0),
    ("2020-10-01", 5_000, 40.0),
    ("2020-12-31", 1_000, 50.0),
    ("2021-01-04", 2_000, 45.0),
    ("2021-03-31", 4_000, 60.0),
    ("2021-04-01", 3_000, 70.0),
    ("2021-05-10", 1_000, 80.0),
)
ENDS: Final = {
    "Period_end": "2021-03-31",
    "Quarter_before": "2020-12-31",
    "Year_before": "2020-12-31",
}


def table(template: Template, filling: Filling) -> dict[str, list[Any]]:
    """Read the sheet of periods, by label."""
    answer = template.compute(filling)
    assert answer.failing() == []
    found = {}
    for (_, label), row in places(template).items():
        found[label] = [answer.at("Periods", f"{letter}{row}") for letter in "BCDEFG"]
    return found


def shares_row(template: Template) -> int:
    """Find the row of the shares sold under the only agreement."""
    return next(row for (_, label), row in places(template).items() if label == "Shares sold")


def headings_of(deal: str) -> list[str]:
    return [column.header for column in write("reporting", select(deal)).tables["Sales"].columns]


class TestAQuarterByHand:
    def test_a_first_quarter(self) -> None:
        found = table(*morf(*ROWS, **ENDS))
        assert found["Shares sold"] == [6_000, 0, 6_000, 0, 42_000, 4_000]
        assert found["Gross proceeds"] == [330_000, 0, 330_000, 0, 1_430_000, 290_000]
        assert found["Average price"][0] == 55
        assert found["Fees"] == pytest.approx([9_900, 0, 9_900, 0, 42_900, 8_700])
        assert found["Net proceeds"] == pytest.approx([320_100, 0, 320_100, 0, 1_387_100, 281_300])
        left = [75_000_000 - sold for sold in (1_430_000, 1_430_000, 1_430_000, 1_720_000)]
        assert [found["Left on the last day"][at] for at in (0, 2, 4, 5)] == left

    @pytest.mark.long
    def test_a_third_quarter_beside_that_of_the_year_before(self) -> None:
        ends = {
            "Period_end": "2021-09-30",
            "Quarter_before": "2021-06-30",
            "Year_before": "2020-12-31",
            "Compared_end": "2020-09-30",
            "Compared_quarter_before": "2020-06-30",
            "Compared_year_before": "2019-12-31",
        }
        found = table(*morf(*ROWS, **ends))
        assert found["Shares sold"] == [0, 30_000, 10_000, 30_000, 46_000, 0]
        assert found["Left on the last day"][1] == 75_000_000 - 850_000

    def test_what_is_reported_through(self) -> None:
        template, filling = morf(*ROWS, **ENDS, Reported_through="2021-04-30")
        answer = template.compute(filling)
        assert answer.at("Periods", f"G{shares_row(template)}") == 3_000
        assert answer.named("Checks_Warnings") == 1  # a sale after that day is in no column
        assert answer.holds()


def test_earnings_a_share_of_textbooks() -> None:
    template, filling = morf()
    ends = ("Period_end", "2021-12-31"), ("Quarter_before", "2021-09-30")
    filling.cells |= {name: day(value) for name, value in (*ends, ("Year_before", "2020-12-31"))}
    filling.cells |= {"Year_income": 750_000, "Quarter_income": -1, "Year_average_price": 5.0}
    changes = [
        {"Date": day("2020-05-01"), "Issued": 90_000},
        {"Date": day("2021-04-01"), "Issued": 30_000},
        {"Date": day("2021-07-01"), "Retired": 39_000},
        {"Date": day("2021-11-01"), "Issued": 60_000},
    ]
    filling.others = typed(template, "Shares", changes)
    bonds = {"Name": "Bonds", "Shares issuable": 10_000, "Year interest": 2_100}
    filling.others |= typed(template, "Securities", [bonds])
    answer = template.compute(filling)
    assert answer.failing() == []
    assert answer.named("Year_weighted") == pytest.approx(102_969.8630136986, rel=1e-15)
    loss = answer.named("Quarter_diluted")
    assert loss == answer.named("Quarter_basic")
    assert isinstance(loss, float)
    assert loss < 0
    assert answer.named("Quarter_left_out") == 10_000
    filling.others = typed(template, "Shares", [{"Date": day("2020-05-01"), "Issued": 690_000}])
    filling.others |= typed(template, "Securities", [bonds])
    answer = template.compute(filling)
    assert answer.named("Year_diluted") == pytest.approx(752_100 / 700_000, rel=1e-15)
    assert answer.named("Year_left_out") == 0


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Quarter_before", "2021-03-31"),
        ("Year_before", "2021-01-01"),
        ("Reported_through", "2021-03-30"),
        ("Compared_end", "2021-03-31"),
    ],
)
def test_ends_in_a_wrong_order_fail_and_are_named(name: str, value: str) -> None:
    template, filling = morf(*ROWS, **(ENDS | {name: value}))
    answer = template.compute(filling)
    assert not answer.holds()
    assert answer.failing()[0].startswith("Inputs!B")
    words = [answer.at("Inputs", f"G{row}") for row in range(5, 12)]
    assert sum("type the day anew" in str(one) for one in words) == 1


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", ["Period_end", "Quarter_before", "Year_before"])
def test_an_end_left_out_is_a_warning_and_leaves_its_columns_empty(name: str) -> None:
    template, filling = morf(*ROWS, **ENDS)
    filling.cells[name] = None
    answer = template.compute(filling)
    assert answer.holds()
    assert answer.named("Checks_Warnings") == 1
    row = shares_row(template)
    empty = {"Period_end": "BDFG", "Quarter_before": "B", "Year_before": "D"}[name]
    for letter in "BDFG":
        assert (answer.at("Periods", f"{letter}{row}") == 0) is (letter in empty), letter


JANUARY: Final = day("2021-01-04")


@pytest.mark.parametrize(
    "wrong",
    [
        {
            "Shares": {
                "Fewer than no shares on that day": {"Date": JANUARY, "Retired": 1},
                "Date not a date": {"Date": "4 Jan 2021", "Issued": 1},
                "Issued not a whole number": {"Date": JANUARY, "Issued": 1.5},
            },
            "Securities": {
                "Shares issuable not a": {"Name": "A", "Shares issuable": "many"},
                "Exercise price": {"Name": "B", "Shares issuable": 5, "Exercise price": -1},
                "Year interest": {"Name": "C", "Shares issuable": 5, "Year interest": True},
            },
            "Warrants": {
                "Exercise price not a number": {"Name": "A", "Exercise price": "1.25 USD"},
                "Expires not a date": {"Name": "B", "Exercise price": 1, "Expires": 5},
            },
        },
        {
            "Warrant changes": {
                "No such name on the sheet Warrants": {
                    "Date": JANUARY,
                    "Warrants": "None such",
                    "Issued": 1,
                },
                "Fewer than no warrants on that day": {
                    "Date": JANUARY,
                    "Warrants": "Pre-funded, illustrative",
                    "Exercised": 1,
                },
            },
        },
    ],
    ids=["shares, securities and warrants", "changes of warrants"],
)
def test_what_is_wrong_about_shares_and_securities_is_named(
    wrong: dict[str, dict[str, dict[str, Any]]],
) -> None:
    template, filling = morf(*ROWS, **ENDS)
    for sheet, rows in wrong.items():
        filling.others |= typed(template, sheet, [*rows.values()])
    answer = template.compute(filling)
    failing = [line.casefold() for line in answer.failing()]
    for sheet, rows in wrong.items():
        headings = [cell.value for cell in template.workbook[sheet][4]]
        letter = template.workbook[sheet].cell(4, headings.index("Remark") + 1).column_letter
        for number, words in enumerate(rows, 5):
            assert str(answer.at(sheet, f"{letter}{number}")).startswith(f"Failure: {words}")
            counted = [one for one in failing if f", rows with: {words.casefold()}" in one]
            assert counted
            assert all(one.endswith(": 1.0 against 0.0") for one in counted)


class TestWhatADealLacks:
    def test_one_agreement_needs_no_name(self) -> None:
        headings = [
            column.header
            for column in write("reporting", select("MORF-2020")).tables["Sales"].columns
        ]
        assert headings[:4] == ["No", "Date", "Shares", "Price"]
        assert not {"Agreement", "Own rate", "Fee paid"}.intersection(headings)

    def test_what_some_agreement_needs_is_there(self) -> None:
        headings = [
            column.header
            for column in write("reporting", select("POOLED-2024")).tables["Sales"].columns
        ]
        assert headings[1:7] == ["Agreement", "Date", "Shares", "Price", "Own rate", "Fee paid"]

    def test_a_deal_of_instruments_alone_has_no_log_of_sales(self) -> None:
        made = write("reporting", select("CDIO-2023"))
        sheets = set(made.workbook.sheetnames)
        assert not {"Sales", "Agreements", "Calendar"} & sheets
        assert {"Periods", "EPS", "Roll-forward", "Runway"} <= sheets
        names = [row[1].value for row in made.workbook["Securities"].iter_rows(5, 6)]
        assert names == ["first, converted at the floor", "second, converted at the floor"]
        shares = [row[2].value for row in made.workbook["Securities"].iter_rows(5, 6)]
        assert shares == [25_000_000, 31_000_000]  # $5,000,000 and $6,200,000 at $0.20

    def test_a_deal_without_agreement_and_instrument_has_none(self, tmp_path: Path) -> None:
        text = PATH.read_text(encoding="utf-8").replace("POOLED-2024", "PRICED-1")
        head = text[: text.index("\n[")]
        path = tmp_path / "PRICED-1.toml"
        source = 'source = "made up"\n'
        price = f'\n[prices.one]\n{source}[[prices.one.legs]]\n{source}kind = "fixed"\nprice = 1\n'
        path.write_text(head + price, encoding="utf-8")
        offer(read_terms(path), path)
        with pytest.raises(InputError, match="no sales agreement and no instrument"):
            write("reporting", select("PRICED-1"))


@pytest.mark.sample(2)  # fillings of all of them are ordinary
@pytest.mark.parametrize("deal", DEALS)
def test_every_deal_s_workbook_holds(deal: str) -> None:
    rendered = render("reporting", select(deal))
    assert rendered.checks_ok, rendered.failures
    assert rendered.warnings == 0


@pytest.mark.long
def test_it_is_the_same_again() -> None:
    first, second = (render("reporting", select("POOLED-2024")).data for _ in range(2))
    assert first == second


@pytest.mark.long
@pytest.mark.parametrize("deal", DEALS)
def test_both_engines_agree(deal: str, tmp_path: Path) -> None:
    path = tmp_path / "reporting.xlsx"
    path.write_bytes(render("reporting", select(deal)).data)
    (found,) = verify(path, engine="all")
    assert found.agrees, found


@pytest.mark.long
def test_an_upgrade_carries_all_over(tmp_path: Path) -> None:
    (made,) = build(["reporting"], deals=["NEOT-2001"], out=tmp_path)
    book = openpyxl.load_workbook(made.path)
    sheet = book["Sales"]
    sheet["B14"], sheet["C14"], sheet["D14"], sheet["E14"] = (
        "OTHER",
        datetime.datetime(2001, 11, 20),
        5_000,
        3.5,
    )
    book["Inputs"]["B8"] = datetime.datetime(2001, 11, 30)
    book.save(made.path)
    done = upgrade(made.path, out=tmp_path / "new")
    assert len(done.entries) == 5
    assert done.rendered.checks_ok
    new = openpyxl.load_workbook(io.BytesIO(done.rendered.data), data_only=True)
    assert [new["Sales"].cell(14, column).value for column in (2, 4, 5, 7, 9)] == [
        "OTHER",
        5_000,
        3.5,
        17_500,
        700,
    ]
    assert new["Inputs"]["B8"].value == datetime.datetime(2001, 11, 30)


@pytest.mark.parametrize("cash", first((0, None)))
def test_no_cash_is_a_runway_of_0_months_and_no_cash_used_is_none(cash: int | None) -> None:
    template, filling = morf(("2020-10-01", 100, 20.0), Period_end="2020-12-31")
    filling.cells |= {"Quarter_cash_used": 300, "Year_cash_used": 0, "Cash_at_the_end": cash}
    answer = template.compute(filling)
    assert answer.failing() == []
    end = serial_of(day("2020-12-31"))
    assert (answer.named("Quarter_runway"), answer.named("Quarter_runway_ends")) == (0, end)
    assert (answer.named("Year_runway"), answer.named("Year_runway_ends")) == ("–", 0)
    sheet, place = template.place("Quarter_runway")
    assert template.workbook[sheet][place].number_format == "0.00_);(0.00)"


def test_ends_in_a_wrong_order_are_red_and_those_that_are_missing_amber() -> None:
    sheet = write("reporting", select("MORF-2020")).workbook["Inputs"]
    assert [sheet[f"{letter}4"].value for letter in "FG"] == ["Out of order", "What is odd"]
    ends = [row for row in range(5, 30) if sheet[f"G{row}"].value]
    judged = f"G{ends[0]}:G{ends[-1]}"
    areas = {str(one.sqref): one.rules for one in sheet.conditional_formatting}
    colours = [(rule.formula, rule.dxf.fill.bgColor.rgb) for rule in areas[judged]]
    assert colours == [(["$F5=1"], styles.PALE_RED), (["LEN($G5)>1"], styles.PALE_AMBER)]
