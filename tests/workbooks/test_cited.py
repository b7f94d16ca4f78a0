"""A source stands beside a figure only while the figure is the one that the source has."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from fillings.base import Answer, Filling, Template, once
from paths import DATA

from xladdin.checking.recalc import store
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer


@pytest.fixture(autouse=True)
def _deals() -> Iterator[None]:
    for name in ("LINE-2023", "HALCYON-2024"):
        path = DATA / f"{name}.toml"
        offer(read_terms(path), path)
    yield
    forget()


def beside(answer: Answer, name: str, letter: str) -> Any:
    """Read the source beside an input cell."""
    sheet, place = answer.template.place(name)
    return answer.at(sheet, f"{letter}{place[1:]}")


class TestSingleInputs:
    @pytest.fixture
    def line(self) -> Template:
        return once("equityline", select("LINE-2023"), "Advances")

    @pytest.mark.sample(2)
    @pytest.mark.parametrize(
        ("limit", "said"), [(0.0999, "s. 3"), (0.1, "entered"), (None, "blank")]
    )
    def test_the_source_goes_with_the_figure(
        self, line: Template, limit: float | None, said: str
    ) -> None:
        answer = line.compute(Filling({"Ownership_limit": limit}))
        assert beside(answer, "Ownership_limit", "D") == said

    def test_a_blank_is_what_the_source_is_of(self, line: Template) -> None:
        for amount, said in ((None, "what the table is about"), (5.0, "entered")):
            answer = line.compute(Filling({"Sensitivity_amount": amount}))
            assert beside(answer, "Sensitivity_amount", "D") == said


class TestSeveralAgreements:
    def test_one_typed_over_is_named(self) -> None:
        template = once("proceeds", select("NEOT-2001"))
        sheet, place = template.place("Gross_1")
        row = [cell for cell in template.workbook[sheet][place[1:]] if cell.value is not None]
        letter = row[-1].column_letter
        for gross, said in ((25_000_000, False), (24_000_000, True)):
            answer = template.compute(Filling({"Gross_1": gross}))
            found = str(answer.at(sheet, f"{letter}{place[1:]}"))
            assert (found == "entered, or in part") is said, found


class TestDocumentedBesideNow:
    def test_the_source_is_of_what_is_documented(self) -> None:
        template = once("captable", select("NEOT-2001"))
        answer = template.compute(Filling({"Shares_outstanding": 30_000_000}))
        sheet, place = template.place("Shares_outstanding")
        row = place[1:]
        assert answer.at(sheet, f"B{row}") == 21_862_772
        assert str(template.workbook[sheet][f"E{row}"].value).endswith("S-9")
        headings = [cell.value for cell in template.workbook[sheet]["E"]]
        assert "Source of what is documented" in headings

    @pytest.mark.parametrize(
        ("deal", "heading"),
        [
            ("NEOT-2001", "As documented"),
            ("HALCYON-2024", "As documented, adjusted for splits"),
            ("HALCYON-2024@2024-05-19", "As documented"),
        ],
    )
    def test_a_figure_after_a_split_is_not_shown_as_printed(self, deal: str, heading: str) -> None:
        template = once("captable", select(deal))
        headings = {cell.value for cell in template.workbook["Capitalisation"]["B"]}
        assert heading in headings
        assert {one for one in headings if str(one).startswith("As documented")} == {heading}


class TestRowsOfTables:
    """A source stands in a row while its figures are those of a first row."""

    @pytest.mark.parametrize(
        ("source", "securities", "price", "shows"),
        [
            ("S-10", 405_000, 5.69, True),
            ("S-10", 405_001, 5.69, False),
            ("S-10", 405_000, 5.7, False),
            ("S-10", None, None, False),
            ("own file", 405_001, 5.69, True),
            ("illustrative", 405_000, 5.69, False),
        ],
    )
    def test_of_a_tranche(
        self, source: str, securities: int | None, price: float | None, shows: bool
    ) -> None:
        sheet = once("captable", select("NEOT-2001"), "Tranches").workbook["Exercise"]
        assert [sheet[f"{letter}5"].value for letter in "CDE"] == ["S-10", 405_000, 5.69]
        rules = [
            rule
            for area in sheet.conditional_formatting
            if str(area.sqref).startswith("C5:")
            for rule in area.rules
        ]
        words = [rule.dxf.numFmt.formatCode.split('"')[1] for rule in rules]
        assert set(words) == {"entered", "blank"}
        workbook = openpyxl.Workbook()
        own = workbook.active
        assert own is not None
        own["C5"], own["D5"], own["E5"] = source, securities, price
        for row, rule in enumerate(rules, 1):
            own[f"A{row}"] = f"={rule.formula[0]}"
        buffer = io.BytesIO()
        workbook.save(buffer)
        data, _ = store(buffer.getvalue())
        found = openpyxl.load_workbook(io.BytesIO(data), data_only=True).active
        assert found is not None
        held = [word for row, word in enumerate(words, 1) if found[f"A{row}"].value]
        assert held == ([] if shows else ["blank" if securities is None else "entered"])


class TestBases:
    """The unit of a count or a price names the splits that it is after."""

    @staticmethod
    def units(deal: str, sheet: str) -> dict[str, str]:
        worksheet = once("equityline", select(deal), "Advances").workbook[sheet]
        return {
            cell.value: worksheet.cell(3, cell.column).value.replace("\n", " ")
            for cell in worksheet[4]
            if worksheet.cell(3, cell.column).value
        }

    def test_rows_of_different_days(self) -> None:
        units = self.units("LINE-2023", "Advances")
        own, every = "of the day", "after all splits"
        for heading, unit in {
            "Held before": f"shares {own}", "Price": f"USD a share {own}",
            "Shares": f"shares {own}", "Commitment shares": f"shares {every}",
            "Issued": f"shares {every}", "Issued to date": f"shares {every}",
            "Average price": f"USD a share {every}", "Left under the cap": f"shares {every}",
            "Ownership limit leaves": f"shares {every}", "Held that counts": f"shares {every}",
            "Plain shares": f"shares {own}", "Plain issued": f"shares {every}",
            "Close 1 before": f"USD a share {every}", "Window 3 lowest 1": f"USD a share {every}",
            "Window 2 average": f"USD a share {own}", "regular leg 2": f"USD a share {own}",
            "Amount": "USD",
        }.items():  # fmt: skip
            assert units[heading] == unit, heading

    def test_quotations_as_traded_and_carried(self) -> None:
        units = self.units("LINE-2023", "Quotations")
        assert units["Close"] == "USD a share as traded"
        assert units["Close carried"] == "USD a share after all splits"

    def test_a_deal_without_splits_has_none(self) -> None:
        assert self.units("CGTX-2022", "Advances")["Shares"] == "shares"

    def test_a_deal_of_one_day_has_its_day(self) -> None:
        units = self.units("LINE-2023@2023-12-29", "Advances")
        assert units["Issued"] == units["Shares"] == "shares as of 29 Dec 2023"
