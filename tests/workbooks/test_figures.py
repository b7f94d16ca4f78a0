"""Figures of the template workbooks, held against the library."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from reading import checks_ok, named, table_rows

import xladdin
from xladdin.building.build import build
from xladdin.terms.store import forget


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


class TestPlacements:
    def test_figures_against_the_library(self, made: Path) -> None:
        sheet = openpyxl.load_workbook(made / "placements.xlsx", data_only=True)["Placements"]
        rows = table_rows(sheet, "Placements")
        sold, shares, seen = 0.0, 0, 0
        for row in rows:
            if row["Date"] is None:
                assert row["Commission"] == row["Warrants"] == row["Capacity left"] == 0
                continue
            seen += 1
            gross = row["Shares"] * row["Price"]
            assert row["Gross"] == gross
            assert math.isclose(row["Prior gross"], sold, rel_tol=1e-15)
            prior = row["Prior gross"]
            assert row["Commission"] == xladdin.ceo_fee(gross, prior)
            assert row["Net proceeds"] == xladdin.ceo_net(gross, prior)
            assert row["Warrants"] == (shares + row["Shares"]) // 10 - shares // 10
            assert row["Capacity left"] == xladdin.ceo_capacity(prior + gross)
            assert row["Standstill begins"].date() == xladdin.trading_day(row["Date"].date(), -5)
            settled = xladdin.trading_day(row["Date"].date(), 3)
            assert row["Settlement"].date() == settled
            assert row["Standstill ends"].date() == xladdin.trading_day(settled, 5)
            assert row["Agrees"] is True
            assert row["Remark"] is None
            sold += gross
            shares += row["Shares"]
        assert seen == 8
        assert sold > 10_000_000  # the example touches the second tier

    def test_a_sale_beyond_the_capacity_shows_a_real_error(self, tmp_path: Path) -> None:
        build(["placements"], out=tmp_path)
        path = tmp_path / "placements.xlsx"
        book = openpyxl.load_workbook(path)
        table = book["Placements"].tables["Placements"]
        top = int(re.findall(r"\d+", table.ref)[0])
        book["Placements"].cell(top + 9, 2, datetime.date(2002, 6, 3))
        book["Placements"].cell(top + 9, 3, 4_000_000)
        book["Placements"].cell(top + 9, 4, 4.0)
        book.save(path)
        xladdin.recalc(path, in_place=True)
        after = openpyxl.load_workbook(path, data_only=True)
        rows = table_rows(after["Placements"], "Placements")
        assert rows[8]["Commission"] == "#NUM!"
        assert rows[7]["Commission"] > 0
        assert checks_ok(after) is False

    def test_a_printed_figure_is_reconciled(self, made: Path) -> None:
        sheet = openpyxl.load_workbook(made / "placements.xlsx", data_only=True)["Checks"]
        lines = {row[0].value: row for row in sheet.iter_rows(min_row=6) if row[0].value}
        line = next(row for what, row in lines.items() if "prints" in what)
        assert line[1].value == line[2].value == 900_000
        assert line[5].value is True
        assert "S-12" in line[7].value


class TestFloating:
    def test_figures_against_the_library(self, made: Path) -> None:
        book = openpyxl.load_workbook(made / "floating.xlsx", data_only=True)
        rows = table_rows(book["Quotes"], "Quotes")
        quotes = [(row["Date"].date(), row["Closing bid"]) for row in rows]
        issued = named(book, "Issue_date").date()
        converted = named(book, "Conversion_date").date()
        assert (converted - issued).days > 90
        price = xladdin.debenture_conversion_price(quotes, issued, converted)
        assert named(book, "Initial_price") == xladdin.debenture_conversion_price(quotes, issued)
        assert named(book, "Conversion_price") == price
        shares = xladdin.debenture_shares(named(book, "Principal"), price)
        assert named(book, "Shares_issued") == shares
        assert named(book, "Dilution_share") == xladdin.dilution(named(book, "Outstanding"), shares)
        for row in rows:
            assert row["Class B price"] == xladdin.classb_exercise_price(row["Closing bid"])

    def test_falling_prices(self, made: Path) -> None:
        book = openpyxl.load_workbook(made / "floating.xlsx", data_only=True)
        sheet = book["Debentures"]
        falls = [
            [cell.value for cell in row[:7]]
            for row in sheet.iter_rows()
            if row[0].value in (0, 0.25, 0.5, 0.75) and row[2].value
        ]
        assert [row[0] for row in falls] == [0, 0.25, 0.5, 0.75]
        prices = [row[2] for row in falls]
        shares = [row[3] for row in falls]
        assert prices == sorted(prices, reverse=True)
        assert shares == sorted(shares)
        quotes = table_rows(book["Quotes"], "Quotes")
        issued = named(book, "Issue_date").date()
        halved = [
            (row["Date"].date(), row["Closing bid"] * (0.5 if row["Date"].date() >= issued else 1))
            for row in quotes
        ]
        converted = named(book, "Conversion_date").date()
        assert prices[2] == xladdin.debenture_conversion_price(halved, issued, converted)

    @pytest.mark.long
    def test_a_missing_session_is_waited_for(self, tmp_path: Path) -> None:
        build(["floating"], out=tmp_path)
        path = tmp_path / "floating.xlsx"
        book = openpyxl.load_workbook(path)
        sheet = book["Quotes"]
        top, last = map(int, re.findall(r"\d+", sheet.tables["Quotes"].ref))
        assert top < last
        sheet.cell(last, 2).value = None
        book.save(path)
        xladdin.recalc(path, in_place=True)
        after = openpyxl.load_workbook(path, data_only=True)
        assert named(after, "Conversion_price") == 0
        assert named(after, "First_missing") == sheet.cell(last, 1).value
        assert named(after, "Initial_price") > 0
        assert checks_ok(after) is True
