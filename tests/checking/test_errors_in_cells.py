"""Formulas that give an error of their own are named once, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from offices import BY_BOTH, needs_office
from openpyxl.worksheet.formula import ArrayFormula
from user_workbooks import kinds_and_cells, mine, roots_of

from xladdin.cells import CellError
from xladdin.checking.findings import ERROR
from xladdin.checking.recalc import Recalculated, recalc
from xladdin.checking.verify import verify_one
from xladdin.engines.embedded import compute as embedded


def test_each_with_the_words_of_eval(tmp_path: Path) -> None:
    cells = {
        "A1": "=CEO_FEE(-1)",
        "A2": "=A1*2",
        "A3": "=SUM(A1:A2)",
        "B1": "=1/0",
        "B2": "=B1+A1",
        "C1": -5,
        "C2": '=CEO_FEE(C1,0,"NEOT-2001")',
        "C3": "=IFERROR(CEO_FEE(-7),CEO_NET(-8))",
    }
    done = recalc(mine(tmp_path, cells))
    assert [root.cell for root in done.roots] == ["A1", "C2", "C3", "B1"]
    for root, formula in zip(
        done.roots, ("CEO_FEE(-1)", "CEO_FEE(-5)", "CEO_NET(-8)"), strict=False
    ):
        (reason,) = embedded.evaluate(formula).reasons
        assert root.reason == str(reason)
    assert done.roots[-1].reason == "it divides by zero, or by an empty cell"
    assert (done.errors, done.following_errors) == (7, 3)


def test_names_and_tables_are_known(tmp_path: Path) -> None:
    cells = {"A1": -1, "B1": "=CEO_FEE(Gross,,Deal)"}
    path = mine(tmp_path, cells, names={"Gross": "Sheet!$A$1", "Deal": '"NEOT-2001"'})
    (root,) = roots_of(path)
    assert "got -1" in root.reason


def test_one_formula_in_many_rows_is_named_once(tmp_path: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": -row for row in range(1, 11)}
    cells |= {f"B{row}": f"=CEO_FEE(A{row})" for row in range(1, 11)}
    done = recalc(mine(tmp_path, cells))
    assert [(root.cell, root.also) for root in done.roots] == [("B1", 9)]
    assert (done.errors, done.following_errors) == (10, 0)
    assert "(and 9 more cells of this formula)" in str(done.roots[0])


@pytest.mark.parametrize("engine", BY_BOTH)
def test_the_rest_of_the_range_of_an_array(tmp_path: Path, engine: str) -> None:
    cells: dict[str, Any] = {
        "A1": ArrayFormula("A1:F3", '=EXPLAIN("CEO_FEE",2000000)'),
        "A5": ArrayFormula("A5:F6", '=EXPLAIN("CEO_FEE",-1)'),
        "H1": ArrayFormula("H1:H4", "=CEO_FEE(J1:J3)"),
        "J1": 1,
        "J2": 2,
    }
    roots = recalc(mine(tmp_path, cells), engine=engine).roots
    beyond = "its array formula has fewer values than its range has cells, and this is beyond"
    assert {root.cell for root in roots if root.reason == beyond} == {"F1", "F5", "H4"}
    reasons = [root.reason for root in roots if root.value == CellError("#NUM!")]
    assert reasons == ["EXPLAIN says in the cells beside what is wrong"]


def test_errors_alone_are_no_failure(tmp_path: Path) -> None:
    """Excel has them too, and they may be meant."""
    path = mine(tmp_path, {"A1": "=NA()"})
    done: Recalculated = recalc(path, in_place=True)
    assert (done.well, kinds_and_cells(list(done.roots))) == (True, [(ERROR, "A1")])
    assert verify_one(path).agrees


def test_a_formula_that_could_take_long_is_not_computed_again(tmp_path: Path) -> None:
    path = mine(tmp_path, {"A1": "=CEO_FEE(-LEN(REPT(1,9)))"})
    (root,) = roots_of(path)
    assert root.reason == "a number in it is outside of what its function takes"


@needs_office
def test_reasons_are_the_same_with_libreoffice(tmp_path: Path) -> None:
    path = mine(tmp_path, {"A1": -1, "A2": "=CEO_FEE(A1)", "A3": "=A2+1"})
    recalc(path, in_place=True, engine="libreoffice")
    done = verify_one(path, engine="libreoffice")
    assert [root.cell for root in done.roots] == ["A2"]
    assert "gross must be" in done.roots[0].reason
