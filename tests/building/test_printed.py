"""Printed figures of a deal, to half of their last digit."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from deals import NEOT_1

from xladdin.building.build import TEMPLATES
from xladdin.building.printed import agrees, reproduced
from xladdin.cells import Cell
from xladdin.cli import main
from xladdin.terms import read_terms, select


@pytest.mark.parametrize(
    ("printed", "found", "same"),
    [
        ("$900,000", 900_000.0, True),
        ("$900,000", 900_000.5, True),
        ("$900,000", 900_000.51, False),
        ("28%", 0.2821, True),
        ("28%", 0.2851, False),
        ("2.6%", 0.02649, True),
        ("2.6%", 0.0266, False),
        ("(0.16)", -0.1566, True),
        ("(0.16)", 0.16, False),
        ("1.94", 1.9426, True),
        ("$16,741,022", 16_741_022.37, True),
        ("lesser of both", "lesser of both", True),
        ("lesser of both", 1.0, False),
        ("5", True, False),
        ("5", None, False),
    ],
)
def test_half_of_the_last_digit(printed: str, found: Cell, same: bool) -> None:
    assert agrees(printed, found) is same


def test_the_shipped_deal_proves_itself() -> None:
    deal = select("NEOT-2001").deal
    found = list(reproduced(deal, "NEOT-2001"))
    assert len(found) == 7
    assert all(one.agrees for one in found)
    done = CliRunner().invoke(main, ["deals", "NEOT-2001", "--check"])
    assert done.exit_code == 0
    assert done.output.count("reproduced") == 7


def test_a_figure_that_differs(folder: Path) -> None:
    path = folder / "BAD-1.toml"
    text = NEOT_1.replace("NEOT-2001", "BAD-1").replace("value = 0.28,", "value = 0.29,")
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["deals", str(path), "--check"])
    assert done.exit_code == 1
    assert "dilution  29%  DIFFERS: 0.28216751619654545  [S-9]" in done.output


def test_exceptions_and_cells_of_workbooks(folder: Path) -> None:
    path = folder / "BOOKS-1.toml"
    more = """
[[printed]]
source = "12"
name = "percentage"
value = "16.66%"
exception = "it is printed with a denominator that is fixed"

[[printed]]
source = "12"
name = "checks"
value = "no such cell"
workbook = "proceeds"
cell = "Nowhere"

[[printed]]
source = "12"
name = "book"
value = "5"
workbook = "nope"
cell = "Nowhere"

[[printed]]
source = "12"
name = "words"
value = "$2,5000,000"
call = '=CEO_CAPACITY(0,,"BOOKS-1")'
"""
    newer = CliRunner().invoke(main, ["deals", "NEOT-2001", "--format", "2"]).output
    text = newer[: newer.index("[[printed]]")].replace("NEOT-2001", "BOOKS-1") + more
    path.write_text(text, encoding="utf-8")
    first, *others = reproduced(read_terms(path).deal, path)
    assert (first.agrees, first.found) == (True, None)
    assert [(one.agrees, one.found) for one in others] == [(False, None)] * 2 + [(False, 25e6)]
    done = CliRunner().invoke(main, ["deals", str(path), "--check"])
    assert done.exit_code == 1
    assert [line.partition("COMPARED: ")[2] for line in done.output.splitlines()[1:]] == [
        "proceeds names no cell Nowhere  [12]",
        f"no workbook has that name; there is {', '.join(TEMPLATES)}  [12]",
        "it is written as no number is, beside 25000000  [12]",
    ]


def test_deals_without_printed_figures(folder: Path) -> None:
    text = NEOT_1.replace("NEOT-2001", "NONE-1")
    path = folder / "NONE-1.toml"
    path.write_text(text[: text.index("[printed]")], encoding="utf-8")
    done = CliRunner().invoke(main, ["deals", str(path), "--check"])
    assert done.exit_code == 2
    assert CliRunner().invoke(main, ["deals", "--check"]).exit_code == 2
