"""The Explain sheet: its steps, its choice of row, and what it says of a wrong one."""

from __future__ import annotations

import io
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from fillings.base import Filling, Template
from paths import DATA, WORKBOOKS
from templates import OF_2001

import xladdin
from xladdin.building.render import write
from xladdin.checking.recalc import store
from xladdin.engines.embedded.compute import evaluate
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer
from xladdin.workbooks import explain_sheet
from xladdin.workbooks.layout import styles


def computed(name: str, changes: dict[tuple[str, str], Any] | None = None) -> Any:
    """Compute a template after typing into some cells, by sheet and reference or defined name."""
    made = write(name, select()).workbook
    for (sheet, place), value in (changes or {}).items():
        if place in made.defined_names:
            sheet, reference = next(iter(made.defined_names[place].destinations))
            place = reference.replace("$", "")
        made[sheet][place].value = value
    buffer = io.BytesIO()
    made.save(buffer)
    data, _ = store(buffer.getvalue())
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True)


def story(book: Any, heading: str) -> list[list[Any]]:
    """Return the steps below a heading, without those beyond the last."""
    rows = [[cell.value for cell in row[:5]] for row in book["Explain"].iter_rows()]
    start = next(number for number, row in enumerate(rows) if row[0] == heading)
    assert rows[start + 1] == ["Step", "Amount", "Rate or factor", "Result", "Source"]
    steps = []
    for row in rows[start + 2 :]:
        if row[0] is None:
            break
        if row[0] != "–":
            steps.append(row)
    return steps


def checks(book: Any) -> dict[str, Any]:
    return {row[0].value: row[5].value for row in book["Checks"].iter_rows(min_row=6)}


def test_a_placement_that_crosses_a_tier() -> None:
    book = computed("placements")
    steps = story(book, "Commission on the placement")
    assert [step[0] for step in steps] == [
        "Sold before under the agreement",
        "Tier 1, from 0 to 10,000,000",
        "Tier 2, from 10,000,000 to 20,000,000",
        "Commission",
    ]
    prior, first, second, total = steps
    assert prior[1] + first[1] == 10_000_000
    assert (first[2], second[2]) == (0.04, 0.035)
    assert total[3] == xladdin.ceo_fee(total[1], prior[1])
    assert {step[4] for step in steps[1:]} == {"cover, S-11"}


@pytest.mark.sample(1)
@pytest.mark.parametrize("number", [1, 8])
def test_the_choice_of_a_placement(number: int) -> None:
    book = computed("placements", {("", "Explained_placement"): number})
    table = book["Placements"]
    top = int(table.tables["Placements"].ref[1:].split(":")[0])
    shares, price = table.cell(top + number, 3).value, table.cell(top + number, 4).value
    earned = story(book, "Warrants earned on all shares sold up to the placement")[-1][3]
    assert earned == sum(table.cell(top + row, 3).value for row in range(1, number + 1)) // 10
    last = story(book, "Exercise price of those warrants")[-1]
    assert last[3] == xladdin.cantor_exercise_price([shares], [price])
    assert checks(book)["Explained: commission on the placement"] is True


NOTHING = [["Nothing to explain yet", "–", "–", "–", "–"]]

OF_A_PLACEMENT = (
    "Commission on the placement",
    "Warrants earned on all shares sold up to the placement",
    "Exercise price of those warrants",
    "Settlement of the placement",
)


def test_a_placement_without_entries_has_nothing_to_explain() -> None:
    book = computed("placements", {("", "Explained_placement"): 20})
    assert all(checks(book).values())
    assert [story(book, heading) for heading in OF_A_PLACEMENT] == [NOTHING] * 4


def test_a_placement_past_the_last_row_fails_the_check_of_its_number_alone() -> None:
    book = computed("placements", {("", "Explained_placement"): 21})
    assert [story(book, heading) for heading in OF_A_PLACEMENT] == [NOTHING] * 4
    failing = [what for what, holds in checks(book).items() if not holds]
    assert failing == ["Explain!B4, Explained placement: past the last row of the log"]


def test_a_placement_that_is_wrong_is_said_in_words() -> None:
    book = computed("placements", {("Placements", "D5"): -4, ("", "Explained_placement"): 1})
    (words,) = story(book, "Commission on the placement")
    assert words[0].startswith("CEO_FEE: gross holds an error")
    assert words[3] == "#N/A"
    assert checks(book)["Explained: commission on the placement"] is False


def error_cells(book: Any) -> list[str]:
    """Name the cells of the Explain sheet that hold an error."""
    cells = [cell for row in book["Explain"].iter_rows() for cell in row]
    return [f"{cell.coordinate} {cell.value}" for cell in cells if cell.data_type == "e"]


WAITED_FOR: Final = {
    "captable": ("Capitalisation!C6, Shares outstanding:",),
    "reporting": (
        "Inputs: ends of periods that are",
        "Inputs: income or average price that is",
    ),
    "offering": (
        "Offering!B5, Offer price:",
        "Offering!B6, Offered shares:",
        "Dilution!B5, Book value:",
        "Dilution!B6, Outstanding before:",
        "Capitalisation!B5, Cash actual:",
        "Capitalisation!B6, Debt actual:",
        "Capitalisation!B7, Equity actual:",
        "Baby shelf!B5, Float shares:",
        "Baby shelf!B6, Float price:",
        "Baby shelf!B7, Shelf day:",
        *(f"Minimum price!B{4 + number}, Close {number}:" for number in range(1, 6)),
    ),
}
"""What the Checks sheet names as missing where nothing at all is typed."""


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", OF_2001)
def test_no_error_is_shown_while_figures_wait(name: str) -> None:
    made = write(name, select())
    cleared: dict[tuple[str, str], Any] = {("", typed): None for typed in made.inputs}
    for placed in made.tables.values():
        for number, column in enumerate(placed.columns, 1):
            if column.allowed:
                for row in range(placed.first_row + 1, placed.last_row + 1):
                    cell = made.workbook[placed.sheet].cell(row, number)
                    cleared[placed.sheet, cell.coordinate] = None
    book = computed(name, cleared)
    assert error_cells(book) == []
    failing = [what for what, holds in checks(book).items() if not holds]
    assert failing == [f"{what} missing" for what in WAITED_FOR.get(name, ())]


def test_a_day_of_the_quotations() -> None:
    book = computed("floating")
    steps = story(book, "Class B exercise price on that day")
    bid = steps[3][1]
    assert [step[3] for step in steps][-2:] == [xladdin.classb_exercise_price(bid)] * 2
    assert [steps[0][2], steps[3][2]] == [1, 0.95]
    assert steps[1][3] == 5


NEOT_NET: Final = 1_096_000 * 4.04 * 0.96 - 100_000
"""Of the offering that is shown: at 4.04, less 4% to the agent, less other costs."""

ACCOUNTS: Final = (
    ("offering", "Net proceeds of the offering", 4, NEOT_NET),
    ("offering", "Proceeds that no purpose takes", 5, NEOT_NET),
    ("offering", "Cash as adjusted", 4, 21_927_372 * 4.04 / 4 + NEOT_NET),
    ("offering", "Total capitalisation as adjusted", 5, 21_927_372 * 4.04 / 4 + NEOT_NET),
    ("offering", "Minimum price of the exchange", 4, (4.12 + 4.0 + 4.08 + 3.96 + 4.04) / 5),
    ("captable", "Shares if all options and warrants are exercised", 3, 21_862_772 + 8_593_877),
    ("captable", "Vote of holders with agreements", 4, 5_077_243 / (21_862_772 + 4_498_145)),
    (
        "captable",
        "Authorised stock left to issue",
        6,
        50_000_000 - 21_927_372 - 8_593_877 - 2_100_000,
    ),
    ("captable", "Diluted shares", 4, 27_724_594.2277),
    ("placements", "Net proceeds of the placement", 3, None),
    ("reporting", "Net proceeds of the quarter", 3, None),
    ("reporting", "Weighted average shares of the year to date", 3, None),
    ("reporting", "Warrants at the end of the quarter", 5, None),
    ("reporting", "Runway at the pace of the quarter", 5, 12_000_000 / (3_600_000 / 3)),
)
"""Workbook, figure, number of its steps, and what they come to; None where sales are made up."""


@pytest.mark.sample(6)
@pytest.mark.parametrize("case", ACCOUNTS, ids=lambda case: f"{case[0]}, {case[1]}")
def test_what_is_added_up_is_explained_term_by_term(case: tuple[str, str, int, Any]) -> None:
    name, heading, count, right = case
    book = openpyxl.load_workbook(WORKBOOKS / f"{name}.xlsx", data_only=True)
    steps = story(book, heading)
    assert len(steps) == count
    assert all(isinstance(step[3], int | float) for step in steps)
    if right is not None:
        assert steps[-1][3] == pytest.approx(right, rel=1e-12 if name == "offering" else 1e-9)
    terms = [step[3] for step in steps[:-1]]
    if steps[-1][0] in (
        "Net proceeds, USD",
        "Closing, warrants",
        "Left to issue",
        "Diluted shares",
    ):
        assert steps[-1][3] == pytest.approx(sum(terms), rel=1e-12)
    whole = f"Explained: {heading[0].lower()}{heading[1:]}"
    assert checks(book)[whole] is True


def test_a_pool_and_a_fee_that_is_typed_are_explained() -> None:
    for deal, headings in (
        ("POOLED-2024", ("Net proceeds of the placement", "Sold up to the placement")),
        ("CGTX-2022", ("Commission on the placement", "Net proceeds of the placement")),
    ):
        path = DATA / f"{deal}.toml"
        if path.exists():
            offer(read_terms(path), path)
        sheet = write("placements", select(deal)).workbook["Explain"]
        forget()
        assert set(headings) <= {row[0].value for row in sheet.iter_rows()}


@pytest.mark.parametrize("number", [1, 7])
def test_an_assumed_price_is_explained(number: int) -> None:
    template = Template("equityline", select("CGTX-2022"))
    answer = template.compute(Filling({"Explained_assumed": number}))
    assert answer.failing() == []
    sheet = template.workbook["Explain"]
    top = next(row[0].row for row in sheet.iter_rows() if str(row[0].value).startswith("Shares at"))
    row: list[Any] = [answer.at("Sensitivity", f"{letter}{4 + number}") for letter in "ABC"]
    price, shares, part = row
    found: list[Any] = [answer.at("Explain", f"D{top + 2 + step}") for step in range(5)]
    assert found[1:3] == [shares, pytest.approx(shares * price, rel=1e-12)]
    assert found[4] == pytest.approx(shares / (found[3] + shares), rel=1e-12)
    assert found[4] == part


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", OF_2001)
def test_every_template_explains_and_checks_that_it_does(name: str) -> None:
    found = checks(computed(name))
    explained = [what for what in found if what.startswith("Explained: ")]
    assert len(explained) >= 3
    assert all(found.values())


RATES: Final = (
    ('"CEO_FEE",2000000,9000000', "Tier 1, from 0 to 10,000,000", "C"),
    ('"DEAL_FEE",100,50,0.02,"","BLOCKS-1"', "Rate of this sale, in place of the schedule's", "D"),
    ('"DEAL_FEE",100,50,0.02,"","BLOCKS-1"', "On all that is sold, at the sale's rate", "C"),
    (
        '"DEAL_FEE",100,50,"","line","BLOCKS-1"',
        "On what was sold before: tier 1, on all of it",
        "C",
    ),
    ('"CANTOR_WARRANTS",1000', "Warrants for the shares sold", "C"),
    ('"NASDAQ20_HEADROOM",1000', "Shares at which the limit is reached", "C"),
    ('"FLOAT_HEADROOM",9,2,{"",""},37200', "Part that may be sold", "C"),
    ('"OWNERSHIP_HEADROOM",1000', "The holder's part of the shares before", "C"),
    ('"DILUTION",3,1', "New shares over all shares", "D"),
    ('"WARRANT_VALUE",42,40,0.5,0.2,0.1', "Volatility to expiry", "B"),
    ('"WARRANT_VALUE",42,40,0.5,0.2,0.1', "Volatility to expiry", "D"),
)
NO_RATES: Final = (
    ('"WARRANT_VALUE",42,40,0.5,0.2,0.1', "Exercise price, discounted", "C"),
    ('"SPLIT_ADJUSTED",8,DATE(2024,1,2),"","count","BLOCKS-1"', "Split of 1 Jul 2024", "C"),
    ('"CEO_FEE",2000000,9000000', "Commission", "D"),
    ('"DEBENTURE_SHARES",404,4.04', "Conversion price", "D"),
)


@pytest.mark.parametrize("case", [*RATES, *NO_RATES], ids=lambda case: f"{case[1]} {case[2]}")
def test_steps_that_hold_rates_are_shown_as_percentages(
    case: tuple[str, str, str], tmp_path: Path
) -> None:
    text = (
        (DATA / "POOLED-2024.toml").read_text(encoding="utf-8").replace("POOLED-2024", "BLOCKS-1")
    )
    path = tmp_path / "BLOCKS-1.toml"
    first = text.index("[agreements.FIRST]")
    block = text[text.index("[agreements.BLOCK]") : text.index("[agreements.DIRECT]")]
    text = text[:first] + block + text[first:].replace(block, "")
    path.write_text(text, encoding="utf-8")
    offer(read_terms(path), path)
    call, label, letter = case
    steps: Any = evaluate(f"=EXPLAIN({call})").value
    forget()
    labels = [row[0] for row in steps]
    assert label in labels, labels
    at = "ABCDE".index(letter)
    assert steps[labels.index(label)][at] > 0
    matched = any(fnmatchcase(label, words) for words in explain_sheet._RATES.get(letter, ()))
    assert matched is (case in RATES)


def test_rules_of_the_sheet_show_them_so() -> None:
    sheet = write("placements", select()).workbook["Explain"]
    for letter, patterns in explain_sheet._RATES.items():
        formulas = [
            rule.formula[0]
            for own in sheet.conditional_formatting
            for rule in own.rules
            if rule.dxf.numFmt and rule.dxf.numFmt.formatCode == "0.0##%_);(0.0##%)"
            if str(own.sqref).startswith(letter)
        ]
        assert formulas
        assert all(f'"{words}"' in formula for words in patterns for formula in formulas)


def test_counts_among_results_that_are_prices_show_no_part_of_a_share() -> None:
    sheet = write("offering", select()).workbook["Explain"]
    top = next(
        row[0].row for row in sheet.iter_rows() if row[0].value == "Dilution of new investors"
    )
    rules = [
        rule.formula[0]
        for own in sheet.conditional_formatting
        for rule in own.rules
        if str(own.sqref).startswith(f"D{top + 2}:") and rule.dxf.numFmt
        if rule.dxf.numFmt.formatCode == "#,##0_);(#,##0)"
    ]
    assert len(rules) == 2
    place = f"D{top + 2}"
    for value, is_count in ((21_927_372, True), (1_000, True), (4, False), (4_427.84, False)):
        text = rules[-1].replace(place, repr(value))
        assert evaluate(f"={text}").value is is_count


@pytest.mark.parametrize("path", sorted(WORKBOOKS.glob("*.xlsx")), ids=lambda path: path.stem)
class TestFirstExplanations:
    def test_each_says_something(self, path: Path) -> None:
        sheet = openpyxl.load_workbook(path, data_only=True)["Explain"]
        first = {
            sheet.cell(row[0].row - 1, 1).value: sheet.cell(row[0].row + 1, 1).value
            for row in sheet.iter_rows()
            if row[0].value == "Step"
        }
        assert first
        assert not {
            heading for heading, step in first.items() if step in {"–", "Nothing to explain yet"}
        }

    def test_what_they_take_has_its_unit(self, path: Path) -> None:
        sheet = openpyxl.load_workbook(path)["Explain"]
        for row in sheet.iter_rows(min_row=explain_sheet.FIRST_ROW):
            label, value = row[0].value, row[1]
            if label == "Step":
                break
            if value.number_format in (styles.USD, styles.PRICE, styles.QUOTE):
                assert ", USD" in label, label


@pytest.mark.parametrize("form", [styles.USD, styles.PRICE, styles.QUOTE, styles.COUNT])
def test_thousands_are_separated(form: str) -> None:
    for section in form.split(";")[:2]:
        assert section.strip("()").startswith("#,##0")
