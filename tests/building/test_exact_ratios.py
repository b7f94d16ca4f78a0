"""Workbooks of deals whose splits leave prices and counts that no decimal holds."""

from __future__ import annotations

import io
from decimal import Decimal
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from draws import crossed
from offices import office_too
from reading import checks_ok, named
from templates import OF_2001

from xladdin.building.printed import reproduced
from xladdin.building.render import render
from xladdin.checking.verify import verify
from xladdin.terms import select
from xladdin.terms.store import SHIPPED

SPLITS: Final = {
    "3 for 2": ["2/3"],
    "7 for 1": ["1/7"],
    "2 for 3": ["3/2"],
    "several": ["2/3", "3/7", "30/1"],
}
LAST_SALE: Final = Fraction("4.04")
"""USD, on 31 October 2001, before all of them."""


def split(folder: Path, name: str, ratios: list[str], year: int = 2002) -> str:
    """Put a shipped deal with splits of its own into the folder of deals."""
    text = (SHIPPED / f"{name}.toml").read_text("utf-8").replace(name, "EXACT-1")
    for month, ratio in enumerate(ratios, 3):
        text += '\n[[actions]]\nsource = "made up"\nkind = "split"\n'
        text += f'date = {year}-{month:02}-04\nratio = "{ratio}"\n'
    (folder / "EXACT-1.toml").write_text(text, encoding="utf-8")
    return "EXACT-1"


def loaded(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True)


@pytest.mark.sample(4)
@pytest.mark.parametrize(("name", "splits"), crossed(OF_2001, tuple(SPLITS)))
def test_every_workbook_is_built(folder: Path, name: str, splits: str) -> None:
    made = render(name, select(split(folder, "NEOT-2001", SPLITS[splits])))
    assert made.checks_ok, made.failures
    terms = loaded(made.data)["Terms"]
    shown = {row[0]: row[2] for row in terms.iter_rows(5, values_only=True)}
    exact = LAST_SALE * prod(map(Fraction, SPLITS[splits]))
    assert shown["capitalisation.last_sale"] == pytest.approx(float(exact), rel=1e-15)


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", OF_2001)
def test_a_last_sale_below_a_cent(folder: Path, name: str) -> None:
    """Parts of it are no price in cents."""
    path = folder / "EXACT-1.toml"
    text = (SHIPPED / "NEOT-2001.toml").read_text("utf-8").replace("NEOT-2001", "EXACT-1")
    path.write_text(text.replace("value = 4.04,", "value = 0.004,"), "utf-8")
    assert select("EXACT-1").figures["capitalisation.last_sale"].value == Decimal("0.004")
    made = render(name, select("EXACT-1"))
    assert made.checks_ok, made.failures


def test_the_last_sale_is_an_input_as_it_is_carried(folder: Path) -> None:
    book = loaded(render("captable", select(split(folder, "NEOT-2001", ["2/3"]))).data)
    assert named(book, "Market_price") == float(Fraction(202, 75))
    assert checks_ok(book)


@pytest.mark.parametrize("name", [pytest.param(name, marks=office_too) for name in OF_2001])
def test_both_engines_agree(tmp_path: Path, folder: Path, name: str) -> None:
    path = tmp_path / f"{name}.xlsx"
    path.write_bytes(render(name, select(split(folder, "NEOT-2001", ["2/3"]))).data)
    (found,) = verify(path, engine="all")
    assert found.agrees, found


class TestPrintedFigures:
    """What a document prints is of the deal before its actions."""

    def test_nothing_is_compared_after_a_split(self, folder: Path) -> None:
        """5,077,243 shares and warrants are others after a split, and parts of them rounded."""
        deal = split(folder, "NEOT-2001", ["25/1"])
        after, before = (render("captable", select(f"{deal}{day}")) for day in ("", "@2002-03-03"))
        assert (after.checks_ok, before.checks_ok) == (True, True)
        lines = [
            {str(row[0]) for row in loaded(made.data)["Checks"].iter_rows(values_only=True)}
            for made in (after, before)
        ]
        words = "Voting holders' shares and warrants, as the document prints it"
        assert [words in found for found in lines] == [False, True]

    def test_they_are_reproduced_from_before_it(self, folder: Path) -> None:
        deal = split(folder, "CGTX-2022", ["2/3"], 2024)
        assert render("equityline", select(deal)).checks_ok
        found = [one for one in reproduced(select(deal).deal, deal) if one.figure.cell]
        assert len(found) == 9
        assert all(one.agrees for one in found)
