"""proceeds.xlsx: its figures against the library, the document, and exact arithmetic."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from draws import first
from fillings.base import Filling, Template
from oracles import contract as oracle
from paths import DATA
from reading import named

import xladdin
from xladdin.building import build
from xladdin.checking.recalc import recalc, store
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer
from xladdin.workbooks.proceeds import workbook
from xladdin.workbooks.proceeds.part_sold import PARTS


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(
        io.BytesIO(build.render("proceeds", select()).data), data_only=True
    )


def row_of(sheet: Any, label: str) -> list[Any]:
    return next([cell.value for cell in row] for row in sheet.iter_rows() if row[0].value == label)


def recalculated(changes: dict[str, float]) -> Any:
    """Type into named inputs of a new workbook, and compute it."""
    made = workbook.build(select()).workbook
    for name, value in changes.items():
        sheet, reference = next(iter(made.defined_names[name].destinations))
        made[sheet][reference.replace("$", "")].value = value
    buffer = io.BytesIO()
    made.save(buffer)
    data, _ = store(buffer.getvalue())
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True)


def test_the_table_of_the_document(book: Any) -> None:
    # S-12: 4% of 10, 3.5% of 10 and 3% of 5 million make 900,000.
    rows = [[cell.value for cell in row] for row in book["Fee table"].iter_rows(min_row=5)]
    found = [(row[5], row[4], row[6], row[9]) for row in rows if row[0] == "Sales Agreement"]
    assert found == [
        (10_000_000, 0.04, 400_000, "cover, S-11"),
        (10_000_000, 0.035, 350_000, "cover, S-11"),
        (5_000_000, 0.03, 150_000, "cover, S-11"),
    ]
    assert named(book, "Fees_1") == 900_000
    assert named(book, "Fees_2") == 336_000


@pytest.mark.parametrize(
    ("what", "printed", "page"),
    [
        (
            "Commission on the first agreement's capacity, as the document prints it",
            900_000,
            "S-12",
        ),
        ("Advisory share of an agreement, as the document prints it", 62_500, "S-12"),
    ],
)
def test_printed_figures_are_rows_of_checks(
    book: Any, what: str, printed: float, page: str
) -> None:
    row = row_of(book["Checks"], what)
    assert row[1] == row[2] == printed
    assert row[5] is True
    assert row[7] == f"printed, {page}"


def test_compensation_of_the_whole_offering(book: Any) -> None:
    fees = Fraction(900_000), Fraction(336_000)
    fixed = 60_000 + Fraction(75_000 + 50_000) / 2
    gross = Fraction(25_000_000), Fraction(8_400_000)
    expected = [
        (fee + fixed) / sold
        for fee, sold in zip((*fees, sum(fees) - 0), (*gross, sum(gross)), strict=True)
    ]
    expected[2] = (sum(fees) + 2 * fixed) / sum(gross)
    found = row_of(book["Proceeds"], "Compensation over proceeds")[1:4]
    assert found == [pytest.approx(float(value), rel=1e-15) for value in expected]
    assert row_of(book["Proceeds"], "Within the limit on compensation")[1:4] == ["yes"] * 3
    net = row_of(book["Proceeds"], "Net proceeds after all")[1:4]
    assert net[:2] == [25_000_000 - 900_000 - fixed - 300_000, 8_400_000 - 336_000 - fixed]
    assert net[2] == net[0] + net[1] == named(book, "Net_proceeds")


def test_warrants_and_their_limit(book: Any) -> None:
    shares = row_of(book["Proceeds"], "Shares sold")[1:4]
    earned = row_of(book["Proceeds"], "Warrants earned")[1:4]
    terms = ("NEOT-2001", "NEOT-2001/OTHER")
    assert shares[:2] == [xladdin.ceo_capacity(0, 4.04, terms=item) for item in terms]
    assert earned[:2] == [
        xladdin.cantor_warrants(count, terms=item)
        for count, item in zip(shares, terms, strict=False)
    ]
    assert (shares[2], earned[2]) == (sum(shares[:2]), sum(earned[:2]))
    assert all(10 * item <= count for item, count in zip(earned, shares, strict=True))
    assert row_of(book["Proceeds"], "Within the limit on warrants")[1:4] == ["yes"] * 3


@pytest.mark.parametrize(
    ("gross", "answer"),
    [(2000.0, "yes"), (2010.0, "but for rounding")],
)
def test_a_limit_passed_by_rounding_alone(gross: float, answer: str) -> None:
    # 6.5% of 1,000 shares are 65 warrants; of 1,005 they are 65.325, rounded up to 66.
    path = DATA / "ROUNDED.toml"
    offer(read_terms(path), path)
    proceeds = Template("proceeds", select("ROUNDED"))
    filled = proceeds.compute(Filling({"Gross_1": gross, "Price_1": 2}))
    forget()
    assert filled.holds()
    sheet, place = proceeds.place("Within_warrants")
    assert filled.at(sheet, f"B{place[1:]}") == answer


def test_small_sales_cross_the_limit(book: Any) -> None:
    sheet = book["Part sold"]
    for row, part in enumerate(PARTS, 5):
        assert sheet.cell(row, 1).value == part / 100
        for column, (capacity, terms) in enumerate(
            ((25_000_000, "NEOT-2001"), (8_400_000, "NEOT-2001/OTHER")), 2
        ):
            sold = part * capacity / 100
            exact = (Fraction(xladdin.ceo_fee(sold, terms=terms)) + 122_500) / Fraction(sold)
            assert sheet.cell(row, column).value == pytest.approx(float(exact), rel=1e-14)
    # 122,500 beside a flat 4% are 8% of 3,062,500: above it the limit holds, below it does not.
    assert sheet.cell(7, 3).value > 0.08 > sheet.cell(8, 3).value


@pytest.mark.parametrize(("gross", "answer"), [(3_062_500.0, "yes"), (3_062_499.0, "no")])
def test_the_compensation_limit_on_both_sides(gross: float, answer: str) -> None:
    after = recalculated({"Gross_1": gross})
    assert named(after, "Checks_OK") is True
    assert row_of(after["Proceeds"], "Within the limit on compensation")[1] == answer


@pytest.mark.long
def test_nothing_sold_is_no_error() -> None:
    after = recalculated({"Gross_1": 0, "Gross_2": 0})
    assert named(after, "Checks_OK") is True
    assert row_of(after["Proceeds"], "Compensation over proceeds")[1:4] == [0, 0, 0]
    assert row_of(after["Proceeds"], "Exercise price of the warrants")[1:3] == [0, 0]


def test_more_than_the_capacity_shows_a_real_error() -> None:
    after = recalculated({"Gross_2": 8_400_000.01})
    assert named(after, "Checks_OK") is False
    assert row_of(after["Proceeds"], "Commission")[1:4] == [900_000, "#NUM!", "#NUM!"]


@pytest.mark.parametrize("limit", first([10_000_000_000, 1_000_000_000, 100_000_000, 25_000_000]))
def test_function_twin_and_rule_agree_on_both_sides_of_a_limit(tmp_path: Path, limit: int) -> None:
    path = tmp_path / "LARGE.toml"
    text = (DATA / "ODD-CENTS.toml").read_text("utf-8").replace('"ODD-CENTS"', '"LARGE"')
    path.write_text(text.replace("1_000_000_000.01", f"{limit}"), "utf-8")
    offer(read_terms(path), path)
    try:
        made = workbook.build(select("LARGE"))
        sheet, place = "Proceeds", "C7"
        assert made.workbook.defined_names["Gross_2"].attr_text == "'Proceeds'!$C$7"
        slack = oracle.slack(Fraction(limit))
        for part, passed in ((Fraction(4, 5), False), (Fraction(6, 5), True)):
            made.workbook[sheet][place].value = float(limit + slack * part)
            filled = tmp_path / f"{passed}.xlsx"
            made.workbook.save(filled)
            done = recalc(filled, in_place=True)
            assert done.checks.hold is not passed
            assert [root.where for root in done.roots] == ["'Proceeds'!C7"] * passed
            found = openpyxl.load_workbook(filled, data_only=True)
            commission = row_of(found["Proceeds"], "Commission")
            assert (commission[2] == "#NUM!") is passed
            assert (commission[5] == "#N/A") is passed
            rule = "Proceeds!C7, Gross 2: not a number from 0 to agreement_2.capacity"
            assert row_of(found["Checks"], rule)[5] is not passed
    finally:
        forget()


@pytest.mark.parametrize(("deal", "of_warrants"), [("NEOT-2001", True), ("MORF-2020", False)])
def test_the_note_speaks_of_warrants_where_agents_earn_some(deal: str, of_warrants: bool) -> None:
    sheet = workbook.build(select(deal)).workbook["Proceeds"]
    texts = [str(cell.value) for cell in sheet["A"]]
    [note] = [text for text in texts if text.startswith("Counted here: commission")]
    assert ("warrants" in note) is of_warrants
    assert any(text.startswith("Warrants of the agent") for text in texts) is of_warrants
