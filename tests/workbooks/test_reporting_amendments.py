"""reporting.xlsx of a deal whose commissions were amended: each sale bears that of its day."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from fillings.base import Answer, Filling, Template
from offices import needs_office
from paths import DATA

from xladdin.building.render import render
from xladdin.checking.verify import verify
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

POOLED: Final = DATA / "POOLED-2024.toml"
TIERED: Final = """
[agreements.TIERED]
source = "s. 6"
capacity = 9_000_000

[[agreements.TIERED.tiers]]
source = "s. 6(a)"
up_to = 1_000_000
rate = 0.05

[[agreements.TIERED.tiers]]
source = "s. 6(b)"
up_to = 9_000_000
rate = 0.03

[pools.shelf]"""
AMENDED: Final = (
    ("2024-05-01", "agreements.BLOCK.rate", 0.05),
    ("2024-06-03", "fees.line.tier_1.rate", 0.04),
    ("2024-06-03", "fees.line.minimum", 6_000),
    ("2024-08-01", "agreements.FIRST.rate", 0.02),
    ("2024-08-01", "pools.shelf.capacity", 15_000_000),
    ("2024-08-01", "agreements.TIERED.tier_1.rate", 0.04),
    ("2024-08-01", "agreements.TIERED.tier_1.up_to", 1_500_000),
)
ENDS: Final = {
    "Period_end": datetime.date(2024, 9, 30),
    "Quarter_before": datetime.date(2024, 6, 30),
    "Year_before": datetime.date(2023, 12, 31),
    "Compared_end": None,
    "Compared_quarter_before": None,
    "Compared_year_before": None,
}


def _amended(name: str, amendments: Sequence[tuple[str, str, float]]) -> str:
    text = POOLED.read_text(encoding="utf-8").replace("POOLED-2024", name)
    text = text.replace("\n[pools.shelf]", TIERED)
    for day, figure, value in amendments:
        text += f'\n[[actions]]\nsource = "amendment of {day}"\nkind = "amendment"\n'
        text += f'date = {day}\nfigure = "{figure}"\nvalue = {value}\n'
    return text


@pytest.fixture(scope="module", autouse=True)
def _offered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    text = _amended("AMENDED-1", AMENDED)
    path = tmp_path_factory.mktemp("deals") / "AMENDED-1.toml"
    path.write_text(text, encoding="utf-8")
    offer(read_terms(path), path)
    yield
    forget()


@functools.cache
def template(terms: str = "AMENDED-1") -> Template:
    return Template("reporting", select(terms), "Sales")


def sold(
    *rows: tuple[str, str, int, float], terms: str = "AMENDED-1", own_rate: float | None = None
) -> Answer:
    """Type sales: agreement, day, shares, price."""
    typed = [
        {
            "Agreement": key,
            "Date": datetime.date.fromisoformat(day),
            "Shares": shares,
            "Price": price,
            "Own rate": own_rate,
        }
        for key, day, shares, price in rows
    ]
    return template(terms).compute(Filling(dict(ENDS), typed))


def fees(answer: Answer, count: int) -> list[Any]:
    shown, plain = answer.column("Fee")[:count], answer.column("Plain fee")[:count]
    assert shown == pytest.approx(plain, abs=1e-6)
    return shown


def part(amount: int, percent: str) -> float:
    return float(amount * Fraction(percent) / 100)


@pytest.mark.long
def test_a_flat_rate_before_and_from_its_day_on() -> None:
    answer = sold(
        ("FIRST", "2024-07-31", 100_000, 10.0),
        ("SECOND", "2024-08-01", 100_000, 10.0),
        ("FIRST", "2024-08-01", 100_000, 10.0),
        ("FIRST", "2024-09-03", 1_000, 10.0),
    )
    assert answer.failing() == []
    expected = [part(1_000_000, "3"), part(1_000_000, "2.5"), part(1_000_000, "2"), 200]
    assert fees(answer, 4) == pytest.approx(expected, abs=1e-6)


def test_tiers_of_the_day_count_for_what_was_sold_before() -> None:
    """Of 800,000 sold before, 600,000 are in a first tier to 1,000,000, or to 1,500,000."""
    rows = [("TIERED", "2024-07-30", 80_000, 10.0), ("TIERED", "2024-07-31", 60_000, 10.0)]
    answer = sold(*rows)
    assert fees(answer, 2) == pytest.approx([40_000, 10_000 + 12_000], abs=1e-6)
    answer = sold(rows[0], ("TIERED", "2024-08-01", 60_000, 10.0))
    assert fees(answer, 2) == pytest.approx([40_000, 24_000], abs=1e-6)
    assert answer.failing() == []


def test_a_schedule_of_fees_on_its_day() -> None:
    """On all that is sold: 5% to 1,000,000, 4% from 3 June 2024; at least 5,000, then 6,000."""
    answer = sold(("LINE", "2024-05-31", 4_000, 10.0), ("LINE", "2024-05-31", 6_000, 10.0))
    assert fees(answer, 2) == pytest.approx([5_000, 0], abs=1e-6)
    answer = sold(("LINE", "2024-05-31", 4_000, 10.0), ("LINE", "2024-06-03", 46_000, 10.0))
    assert fees(answer, 2) == pytest.approx([5_000, 20_000 - 6_000], abs=1e-6)
    assert answer.failing() == []


@pytest.mark.sample(1)
@pytest.mark.parametrize(("day", "holds"), [("2024-04-30", False), ("2024-05-01", True)])
def test_an_own_rate_up_to_the_most_of_its_day(day: str, holds: bool) -> None:
    answer = sold(("BLOCK", day, 800, 10.0), own_rate=0.045)
    assert answer.holds() is holds
    remark = str(answer.column("Remark")[0])
    assert remark.startswith("Failure: Own rate above the most that is agreed") is not holds


@pytest.mark.parametrize("rate", [0.01, 0.9])
def test_an_own_rate_where_the_deal_has_a_fixed_one_or_none(rate: float) -> None:
    keys = ("FIRST", "DIRECT", "LINE", "TIERED")
    answer = sold(*((key, "2024-08-05", 800, 10.0) for key in keys), own_rate=rate)
    assert answer.holds() is False
    words = "where none is agreed" if rate < 0.05 else "not a number from 0.000001 to 0.05 (5%)"
    assert any(f"own rate {words}: 4.0 against 0.0" in line for line in answer.failing())
    remarks = answer.column("Remark")[:4]
    assert all(str(one).startswith(f"Failure: Own rate {words}") for one in remarks)


@pytest.mark.sample(1)
@pytest.mark.parametrize(("day", "holds"), [("2024-07-31", False), ("2024-08-01", True)])
def test_what_may_be_sold_is_that_of_the_day(day: str, holds: bool) -> None:
    answer = sold(("FIRST", day, 1_300_000, 10.0))
    assert answer.holds() is holds
    remark = str(answer.column("Remark")[0])
    assert remark.startswith("Failure: Above what may be sold in all") is not holds


@pytest.mark.long
def test_a_named_day_ends_the_amendments() -> None:
    answer = sold(("FIRST", "2024-09-03", 1_000, 10.0), terms="AMENDED-1@2024-07-31")
    assert answer.failing() == []
    assert fees(answer, 1) == pytest.approx([300], abs=1e-6)


def test_the_figures_of_each_time_and_their_sources_are_shown() -> None:
    sheet = template().workbook["Commissions"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=7, max_row=12)]
    at = rows[0].index("agreement_1.rate, per cent")
    assert [row[at] for row in rows[1:]] == [0.03, 0.03, 0.03, 0.03, 0.02]
    texts = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert {"s. 1", "amendment of 2024-08-01"} <= texts


def test_a_changed_capacity_alone_is_no_amended_commission(tmp_path: Path) -> None:
    path = tmp_path / "AMENDED-2.toml"
    path.write_text(_amended("AMENDED-2", AMENDED[4:5]), encoding="utf-8")
    offer(read_terms(path), path)
    assert "Commissions" not in template("AMENDED-2").workbook.sheetnames


@needs_office
@pytest.mark.long
def test_both_engines_agree(tmp_path: Path) -> None:
    rendered = render("reporting", select("AMENDED-1"))
    assert rendered.checks_ok, rendered.failures
    path = tmp_path / "reporting.xlsx"
    path.write_bytes(rendered.data)
    (found,) = verify(path, engine="all")
    assert found.agrees, found


@pytest.mark.parametrize(
    ("terms", "day", "remark"),
    [
        ("AMENDED-1/TIERED", "2024-07-31", "Failure: Before the amendment of 01 Aug 2024"),
        ("AMENDED-1/TIERED", "2024-08-01", ""),
        ("AMENDED-1/TIERED@2024-07-01", "2024-07-31", ""),
        (
            "AMENDED-1/TIERED@2024-07-01",
            "2024-08-01",
            "Failure: After the amendment of 01 Aug 2024",
        ),
        ("AMENDED-1/SECOND", "2024-07-31", ""),
    ],
)
def test_a_log_of_one_agreement_at_other_terms(terms: str, day: str, remark: str) -> None:
    """It has the terms of one day: a sale at others fails, and is not charged these unseen."""
    log = Template("placements", select(terms), "Placements")
    row = {"Date": datetime.date.fromisoformat(day), "Shares": 1_000, "Price": 10.0}
    answer = log.compute(Filling({}, [row]))
    assert str(answer.column("Remark")[0] or "").partition(";")[0] == remark
    assert answer.holds() is (remark == "")


@pytest.mark.parametrize("terms", ["AMENDED-1/TIERED", "AMENDED-1/TIERED@2024-07-01"])
def test_what_a_log_is_filled_with_is_of_the_days_of_its_terms(terms: str) -> None:
    render("placements", select(terms))
