"""reporting.xlsx: shares and securities that count, in what shares, and how long cash lasts."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from draws import first_row
from fillings.base import Filling, Template, once
from fillings.typed import reporting_of, typed
from paths import DATA

from xladdin.building.render import write
from xladdin.cells import serial_of
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

PATH: Final = DATA / "POOLED-2024.toml"
ENDS: Final = {
    "Period_end": datetime.date(2024, 6, 30),
    "Quarter_before": datetime.date(2024, 3, 31),
    "Year_before": datetime.date(2023, 12, 31),
    "Compared_end": None,
    "Compared_quarter_before": None,
    "Compared_year_before": None,
}
PRE_FUNDED: Final = """
[[instruments]]
key = "prepaid"
source = "made up"
kind = "pre-funded warrant"
count = 400_000
price = 0.001
issued = 2024-05-16

[[instruments]]
key = "investors"
source = "made up"
kind = "warrant"
count = 80_000
price = 12
"""


@pytest.fixture(autouse=True)
def _offered() -> Iterator[None]:
    yield
    forget()


def template(tmp_path: Path, extra: str = "", name: str = "SHARES-1") -> Template:
    """Write the workbook of a made-up deal, with entries added to it."""
    path = tmp_path / f"{name}.toml"
    text = PATH.read_text(encoding="utf-8").replace("POOLED-2024", name)
    path.write_text(text.replace("[[actions]]", extra + "\n[[actions]]", 1), encoding="utf-8")
    offer(read_terms(path), path)
    return once("reporting", select(name), "Sales")


def column(sheet: Any, heading: str) -> list[Any]:
    """What stands below a heading of row 4."""
    at = next(cell.column for cell in sheet[4] if cell.value == heading)
    return [sheet.cell(row, at).value for row in range(5, sheet.max_row + 1)]


def unit(sheet: Any, heading: str) -> str:
    at = next(cell.column for cell in sheet[4] if cell.value == heading)
    return str(sheet.cell(3, at).value).replace("\n", " ")


class TestPreFundedWarrants:
    def test_count_as_shares_from_their_issue_and_as_no_security(self, tmp_path: Path) -> None:
        made = template(tmp_path, PRE_FUNDED)
        assert "prepaid" not in column(made.workbook["Securities"], "Name")
        assert "investors" in column(made.workbook["Securities"], "Name")
        assert "prepaid" in column(made.workbook["Warrants"], "Name")
        shares = made.workbook["Shares"]
        at = column(shares, "What").index("prepaid, pre-funded warrants")
        # The deal's count is that after the split of 8 for 1; issued before it, there were more.
        assert column(shares, "Issued")[at] == 400_000
        assert column(shares, "Date")[at] == datetime.date(2024, 5, 16)

    def test_are_in_basic_shares_once(self, tmp_path: Path) -> None:
        made = template(tmp_path, PRE_FUNDED)
        filling = Filling(dict(ENDS))
        opening = {"Date": datetime.date(2023, 12, 31), "Issued": 8_000_000}
        warrants = {"Date": datetime.date(2024, 5, 16), "Issued": 400_000}
        filling.others = typed(made, "Shares", [opening, warrants])
        answer = made.compute(filling)
        assert answer.failing() == []
        # 1,000,000 and 50,000 after the split; of the 91 days of the quarter, 46 count these.
        right = 1_000_000 + 50_000 * 46 / 91
        assert answer.named("Quarter_weighted") == pytest.approx(right, rel=1e-14)
        shown: Any = answer.at("Securities", f"{_letter(made, 'Securities', 'Quarter shares')}5")
        more = shown if answer.at("Securities", "H5") == "dilutes" else 0
        assert answer.named("Quarter_diluted_shares") == pytest.approx(right + more, rel=1e-14)

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        ("price", "average", "warned"),
        [(0.001, 4.0, True), (0.01, 0.1, True), (0.01, 0.09, False), (0.02, 4.0, False)],
    )
    def test_a_nominal_price_is_warned_of(self, price: float, average: float, warned: bool) -> None:
        made = reporting_of("MORF-2020")
        filling = Filling(ENDS | {"Quarter_average_price": average, "Year_average_price": average})
        row = {"Name": "Prepaid", "Shares issuable": 1_000, "Exercise price": price}
        filling.others = typed(made, "Securities", [row])
        answer = made.compute(filling)
        assert answer.failing() == []
        remark = str(answer.at("Securities", f"{_letter(made, 'Securities', 'Remark')}5"))
        words = "Warning: Nominal price that counts on Shares"
        assert remark == (words if warned else "")


def _letter(made: Template, sheet: str, heading: str) -> str:
    cells = made.workbook[sheet][4]
    return str(next(cell.column_letter for cell in cells if cell.value == heading))


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("day", "quarter", "year"),
    [
        (datetime.date(2024, 1, 2), True, False),
        (datetime.date(2023, 12, 31), True, True),
        (datetime.date(2024, 1, 1), True, True),
        (datetime.date(2024, 4, 2), False, False),
    ],
)
def test_without_an_opening_count_there_is_no_average(
    day: datetime.date, quarter: bool, year: bool
) -> None:
    made = reporting_of("MORF-2020")
    filling = Filling(dict(ENDS))
    filling.others = typed(made, "Shares", [{"Date": day, "Issued": 8_000_000}])
    answer = made.compute(filling)
    assert answer.failing() == []
    for span, given in (("Quarter", quarter), ("Year", year)):
        words = "given" if given else "missing: see Shares"
        assert answer.named(f"{span}_opening") == words
        for name in ("weighted", "basic", "diluted"):
            assert bool(answer.named(f"{span}_{name}")) is given, (span, name)
    assert answer.named("Checks_Warnings") == 2 - quarter - year


@pytest.mark.long
def test_an_opening_count_of_none_is_one(tmp_path: Path) -> None:
    made = template(tmp_path)
    filling = Filling(dict(ENDS))
    rows = [(datetime.date(2023, 12, 31), 0), (datetime.date(2024, 4, 1), 800)]
    changes = [{"Date": day, "Issued": issued} for day, issued in rows]
    filling.others = typed(made, "Shares", changes)
    answer = made.compute(filling)
    assert answer.named("Quarter_weighted") == 100  # of the quarter's first day, over 8


def test_headings_name_the_shares_that_figures_are_in(tmp_path: Path) -> None:
    book = template(tmp_path).workbook
    after, typed_in = "after all splits", "of the day"
    for sheet, heading, words in (
        ("Sales", "Shares", f"shares {typed_in}"),
        ("Sales", "Price", f"USD a share {typed_in}"),
        ("Sales", "Shares sold", f"shares {after}"),
        ("Shares", "Issued", f"shares {typed_in}"),
        ("Shares", "Retired", f"shares {typed_in}"),
        ("Securities", "Shares issuable", f"shares {after}"),
        ("Securities", "Exercise price", f"USD a share {after}"),
        ("Securities", "Quarter shares", f"shares {after}"),
        ("Warrants", "Exercise price", f"USD a share {after}"),
        ("Warrants", "Closing warrants", f"warrants {after}"),
        ("Warrant changes", "Issued", f"warrants {typed_in}"),
        ("Warrant changes", "Issued warrants", f"warrants {after}"),
    ):
        assert unit(book[sheet], heading) == words, (sheet, heading)
    dated = write("reporting", select("SHARES-1@2024-05-01")).workbook
    assert unit(dated["Warrants"], "Exercise price") == "USD a share as of 1 May 2024"
    plain = write("reporting", select("MORF-2020")).workbook
    assert unit(plain["Shares"], "Issued") == "shares"
    assert unit(plain["Warrants"], "Exercise price") == "USD a share"


# 2,000,000 shares are 250,000 after the split of 8 for 1.
@pytest.mark.parametrize(("shares", "holds"), first_row([(2_000_008, False), (2_000_000, True)]))
def test_a_capacity_in_shares_is_one_after_the_split(
    tmp_path: Path, shares: int, holds: bool
) -> None:
    made = template(tmp_path)
    sale = {"Agreement": "BLOCK", "Date": datetime.date(2024, 6, 3), "Price": 0.5}
    answer = made.compute(Filling(dict(ENDS), [sale | {"Shares": shares}]))
    assert answer.holds() is holds
    remark = str(answer.column("Remark")[0])
    assert remark.startswith("Failure: More shares than may be sold in all") is not holds


def test_long_names_of_agreements_fit_their_columns(tmp_path: Path) -> None:
    name = "AN-ISSUER-OF-A-LONG-NAME-IN-2024"
    made = template(tmp_path, name=name)
    sheet = made.workbook["Agreements"]
    for letter, text in (("B", "SECOND"), ("F", f"{name}@2024-07-01/SECOND")):
        assert sheet.column_dimensions[letter].width >= len(text) + 2


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("end", "cash", "used", "day"),
    [
        ("2024-06-30", 1_050_000, 900_000, "2024-10-15"),  # half of October's 31 days
        ("2024-06-30", 900_000, 900_000, "2024-09-30"),
        ("2024-09-30", 900_000, 900_000, "2024-12-31"),  # a month's end, as the period's
        ("2024-06-30", 299_999, 900_000, "2024-07-30"),
        ("2024-11-30", 450_000, 900_000, "2025-01-15"),
        ("2024-06-30", 10, 900_000, "2024-06-30"),
    ],
)
def test_cash_lasts_to_a_day(end: str, cash: int, used: int, day: str) -> None:
    made = reporting_of("MORF-2020")
    last = datetime.date.fromisoformat(end)
    cells = ENDS | {
        "Period_end": last,
        "Quarter_before": last - datetime.timedelta(days=91),
        "Cash_at_the_end": cash,
        "Quarter_cash_used": used,
    }
    answer = made.compute(Filling(cells))
    assert answer.named("Quarter_months") == 3
    assert answer.named("Quarter_runway_ends") == serial_of(datetime.date.fromisoformat(day))


def test_a_row_that_is_wrong_leaves_the_shares_to_date_of_others(tmp_path: Path) -> None:
    made = template(tmp_path)
    sale = {"Agreement": "BLOCK", "Date": datetime.date(2024, 6, 3), "Price": 0.5}
    rows = [sale | {"Shares": "40,000"}, sale | {"Shares": 2_000_000}]
    answer = made.compute(Filling(dict(ENDS), rows))
    assert str(answer.column("Remark")[0]).startswith("Failure: Shares not a")
    assert answer.column("Remark")[1] == ""
    assert answer.column("Shares to date")[1] == 250_000
