"""Printed figures of a deal, to half of their last digit."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from deals import NEOT_1, head

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
        ("2.63%", 0.02625, True),
        ("$1.01", 1.005, True),
        ("0.84", 0.835, True),
        ("$1.01", 1.0049, False),
        ("$16,741,022", 16_741_022.37, True),
        ("lesser of both", "lesser of both", True),
        ("lesser of both", 1.0, False),
        ("5", True, False),
        ("June 14, 2024", 45457.0, True),
        ("June 14, 2024", 45457.75, True),
        ("14th Jun. 2024", 45457.0, True),
        ("6/14/24", 45457.0, True),
        ("2024-06-14", 45456.0, False),
        ("2024-06-14", 45458.0, False),
        ("June 31, 2024", 45473.0, False),
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
        "it is written as no number and no day is, beside 25000000  [12]",
    ]


def test_deals_without_printed_figures(folder: Path) -> None:
    text = NEOT_1.replace("NEOT-2001", "NONE-1")
    path = folder / "NONE-1.toml"
    path.write_text(text[: text.index("[printed]")], encoding="utf-8")
    done = CliRunner().invoke(main, ["deals", str(path), "--check"])
    assert done.exit_code == 2
    assert CliRunner().invoke(main, ["deals", "--check"]).exit_code == 2


def test_printed_figures_that_are_named_in_words(folder: Path) -> None:
    newer = CliRunner().invoke(main, ["deals", "NEOT-2001", "--format", "2"]).output
    words = '\n[[printed]]\nsource = "12"\nname = "Fee on the whole"\nvalue = "1"\ncall = "=1"\n'
    path = folder / "WORDS-1.toml"
    path.write_text(newer.replace("NEOT-2001", "WORDS-1") + words, encoding="utf-8")
    made = CliRunner().invoke(
        main, ["build", "proceeds", "--deal", str(path), "--out", str(folder)]
    )
    assert made.exit_code == 0, made.output
    book = openpyxl.load_workbook(folder / "proceeds.xlsx")
    assert "printed.Fee on the whole.value" in [cell.value for cell in book["Terms"]["A"]]
    assert not [name for name in book.defined_names if " " in name]


def test_names_that_are_too_long_or_differ_in_case_alone(folder: Path) -> None:
    newer = CliRunner().invoke(main, ["deals", "NEOT-2001", "--format", "2"]).output
    # "printed." and ".value" are 14 characters of the 255 that Excel takes.
    fits, long, accents = "a" * 241, "b" * 242, "Prämie"

    def build_with(*names: str) -> Result:
        path = folder / "NAMES-1.toml"
        more = "".join(
            f'\n[[printed]]\nsource = "12"\nname = "{name}"\nvalue = "1"\ncall = "=1"\n'
            for name in names
        )
        path.write_text(newer.replace("NEOT-2001", "NAMES-1") + more, encoding="utf-8")
        arguments = ["build", "proceeds", "--deal", str(path), "--out", str(folder)]
        return CliRunner().invoke(main, arguments)

    made = build_with(fits, long, accents, "R1C1")
    assert made.exit_code == 0, made.output
    book = openpyxl.load_workbook(folder / "proceeds.xlsx")
    shown = {cell.value for cell in book["Terms"]["A"]}
    assert {f"printed.{name}.value" for name in (fits, long, accents, "R1C1")} <= shown
    named = {f"printed.{name}.value" for name in (fits, "R1C1")}
    assert {name for name in book.defined_names if name in shown} >= named
    assert max(map(len, book.defined_names)) == 255
    assert all(name.isascii() for name in book.defined_names)
    folded = [name.casefold() for name in book.defined_names]
    assert len(set(folded)) == len(folded)
    refused = build_with("Fee", "fEE")
    assert refused.exit_code == 2
    assert "'fEE' is the name of number 8, too; each needs its own" in refused.output


def test_days_that_differ_and_texts_that_are_none(folder: Path) -> None:
    path = folder / "DAYS-1.toml"
    text = (
        head("DAYS-1")
        + """
[agreements.ATM]
source = "s. 1"
dated = 2024-06-14
delivery_sessions = 2
"""
    )
    for name, value, call in (
        ("agreed", "June 14, 2024", '=DEAL_TERM("agreement.dated","DAYS-1")'),
        ("delivered", "June 18, 2024", '=SETTLEMENT_DATE(DATE(2024,6,14),"DAYS-1")'),
        ("late", "June 19, 2024", '=SETTLEMENT_DATE(DATE(2024,6,14),"DAYS-1")'),
        ("not a day", "June 2024", '=DEAL_TERM("agreement.dated","DAYS-1")'),
    ):
        text += f'[[printed]]\nsource = "cover"\nname = "{name}"\n'
        text += f"value = \"{value}\"\ncall = '{call}'\n"
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["deals", str(path), "--check"])
    assert done.output.splitlines() == [
        "agreed  June 14, 2024  reproduced  [cover]",
        "delivered  June 18, 2024  reproduced  [cover]",
        "late  June 19, 2024  DIFFERS: 2024-06-18  [cover]",
        (
            "not a day  June 2024  CANNOT BE COMPARED: it is written as no number and no day is, "
            "beside 45457  [cover]"
        ),
    ]
