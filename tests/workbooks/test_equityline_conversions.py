"""equityline.xlsx: a conversion is no draw on the line, and both are shown apart."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from fillings.base import Answer, Filling, once
from oracles.contract import SESSIONS
from paths import DATA

from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

DAY = datetime.date(2023, 6, 15)


@pytest.fixture(autouse=True)
def _line() -> Iterator[None]:
    path = DATA / "LINE-2023.toml"
    offer(read_terms(path), path)
    yield
    forget()


def filled(deal: str, rows: list[dict[str, Any]], **quotes: float) -> Answer:
    """Fill rows, and the same quotations on each session around their day."""
    template = once("equityline", select(deal), "Advances")
    cells = {"Line_outstanding": None, "Sensitivity_amount": None, "Explained_advance": 1}
    filling = Filling(cells, rows)
    sheet = template.workbook["Quotations"]
    columns = {sheet.cell(4, at).value: at for at in range(1, sheet.max_column + 1)}
    first = SESSIONS.index(DAY) - 14
    for number in range(25):
        session = SESSIONS[first + number]
        for heading, value in {"Date": session, **quotes}.items():
            place = sheet.cell(5 + number, columns[heading.replace("_", " ")]).coordinate
            filling.others["Quotations", place] = value
    answer = template.compute(filling)
    assert answer.failing() == []
    return answer


class TestALineWithANote:
    """A draw of 1,000,000 at 2.00, then a conversion of 600,000 of the deal's note at 6.15."""

    ROWS = (
        {"Date": DAY, "Formula": "regular", "Amount": 1_000_000},
        {"Date": DAY, "Formula": "note", "Issue date": DAY, "Amount": 600_000},
        {"Date": DAY, "Formula": "regular", "Amount": 500_000},
    )
    PRICE = Fraction("2.4")  # 120% of a market value of 2.00 before the issue: below 6.15

    def test_the_conversion_counts_for_itself(self) -> None:
        answer = filled("LINE-2023", list(self.ROWS), Low=2.0, Close=2.0, Market_value=2.0)
        assert answer.column("Kind")[:4] == ["draw", "conversion", "draw", ""]
        assert answer.column("Price")[:3] == pytest.approx([2, float(self.PRICE), 2], abs=1e-12)
        assert answer.column("Capacity left")[:3] == [14_000_000, 14_000_000, 13_500_000]
        # 5% to 1,000,000, then 4%; 80,000 old shares over 15,000,000 are 20,000 after the split.
        assert answer.column("Fee")[:3] == [50_000, 0, 20_000]
        paid = [1_000_000 * 20_000 // 15_000_000, 0, 1_500_000 * 20_000 // 15_000_000 - 1_333]
        assert answer.column("Commitment shares")[:3] == paid
        # 1-for-4: what was bought and converted is a fourth in shares of the deal's day.
        assert answer.column("Issued")[:3] == [125_000 + paid[0], 62_500, 62_500 + paid[2]]
        # Draws alone: 1,500,000 for 187,500 shares.
        assert answer.column("Average price")[:3] == [8, 8, 8]

    def test_totals_apart(self) -> None:
        answer = filled("LINE-2023", list(self.ROWS), Low=2.0, Close=2.0, Market_value=2.0)
        right = {
            "Amount_total": 1_500_000,
            "Shares_bought": 750_000,
            "Averaged_shares": 187_500,
            "Average_paid": 8,
            "Fee_total": 70_000,
            "Net_total": 1_430_000,
            "Line_left": 13_500_000,
            "Commitment_total": 2_000,
            "Converted_total": 600_000,
            "Shares_converted": 250_000,
            "Converted_issued": 62_500,
            "Average_converted": float(4 * self.PRICE),
            "Issued_total": 187_500 + 62_500 + 2_000,
        }
        found = {name: answer.named(name) for name in right}
        assert found == pytest.approx(right, abs=1e-9)


class TestPrepaidAdvances:
    """CANOO-2022: the advance uses the capacity and bears the fee, its conversion does not."""

    def test_an_advance_and_its_conversion(self) -> None:
        rows = [
            {"Date": DAY, "Formula": "prepaid", "Amount": 2_000_000},
            {"Date": DAY, "Formula": "first", "Issue date": DAY, "Amount": 950_000},
        ]
        answer = filled("CANOO-2022", rows, VWAP=1.0)
        assert answer.column("Kind")[:2] == ["prepaid", "conversion"]
        assert answer.column("Price")[:2] == [0, 0.95]  # 95% of 1.00, above the floor of that day
        assert answer.column("Shares")[:2] == [0, 1_000_000]
        assert answer.column("Capacity left")[:2] == [298_000_000, 298_000_000]
        assert answer.column("Fee")[:2] == [100_000, 0]
        right = {
            "Amount_total": 2_000_000, "Fee_total": 100_000, "Line_left": 298_000_000,
            "Converted_total": 950_000, "Shares_bought": 1_000_000, "Advances_left": 1_050_000,
        }  # fmt: skip
        assert {name: answer.named(name) for name in right} == right
        assert answer.named("Checks_Warnings") == 0

    @pytest.mark.parametrize(("converted", "warnings"), [(100_000, 0), (300_000, 1)])
    def test_no_more_is_converted_than_was_paid(self, converted: int, warnings: int) -> None:
        rows = [
            {"Date": DAY, "Formula": "prepaid", "Amount": 100_000},
            {"Date": DAY, "Formula": "first", "Issue date": DAY, "Amount": converted},
        ]
        answer = filled("CANOO-2022", rows, VWAP=1.0)
        assert (answer.failing(), answer.holds()) == ([], True)
        assert answer.named("Advances_left") == 100_000 - converted
        assert answer.named("Checks_Warnings") == warnings
        lines = [answer.at("Checks", f"A{row}") for row in range(6, 120)]
        at = 6 + lines.index("Advances: more converted than was paid in advance")
        assert answer.at("Checks", f"B{at}") == warnings

    def test_notes_alone_have_no_kinds(self) -> None:
        template = once("equityline", select("CDIO-2023"), "Advances")
        assert "Kind" not in template.columns
        labels = [cell.value for cell in template.workbook["Line"]["A"]]
        assert "Converted, USD" in labels
        assert not any(str(label).startswith("Drawn") for label in labels)
