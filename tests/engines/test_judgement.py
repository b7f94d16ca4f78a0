"""Which formulas the embedded engine is proved to compute, and how it is given them."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded.compute import evaluate
from xladdin.engines.embedded.formula_cell import spelled
from xladdin.engines.embedded.formula_notes import NamedCells, Scope
from xladdin.engines.embedded.formula_parts import ARRAY, PLAIN
from xladdin.engines.embedded.formula_reader import is_excels
from xladdin.engines.embedded.judgement import called, judge
from xladdin.formulas.tokens import ANY_CELL, shape

NAMED: Final = {"many": NamedCells("S", "$A$1:$A$3"), "one": NamedCells("S", "$A$1")}
SCOPE: Final = Scope({"CEO_FEE": True, "CANTOR": False}, frozenset(), NAMED.get, is_excels, [])


@pytest.mark.parametrize("context", [PLAIN, ARRAY])
@given(formula=st.text("ABaz09_$.!'\"[](){},;:#@+ \n\u00e9", max_size=60))
def test_anything_can_be_judged(context: str, formula: str) -> None:
    judge(shape(formula), SCOPE, context)


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(A1:A3)+LEN(A1)",
        "ROUND(SUM(A1:A3),2)",
        "SUM(CEO_FEE(A1:A3,0))",
        "SUMPRODUCT(--(A1:A3>1),B1:B3)",
        "SMALL(A1:A9,ROW(A1))+SMALL(A1:A3,ROWS(A$1:A2))",
        "INDEX(A1:A3,MATCH(1,B1:B3,0))",
        'SUMIFS(A:A,B:B,">1",C:C,1)+COUNTIFS(A:A,1,B:B,2)',
        "MAX(IF(A1:A3>2,A1:A3))",
        "LEN(A1:$A$1)",
        "LEN(OFFSET(A1,1,0))",
        "_xlfn.LET(_xlpm.x,1,ROUND(_xlpm.x,2))",
        "SUM(A1,(B1),{1,2})",
        "SUM(A1:INDEX(A1:A9,2))+MAX(INDEX(A1:A9,2):INDEX(A1:A9,3))",
        'LEN("A1:A3")',
        "ROUND(CANTOR(A1:A3,B1:B3),2)",
    ],
)
def test_what_is_proved(formula: str) -> None:
    assert judge(shape(formula), SCOPE, ARRAY).reason == ""


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("SUMPRODUCT(CODE(A1:A3))", "CODE is given a range"),
        ("SUM(SUMIFS(B1:B3,A1:A3,{1,2}))", "SUMIFS is given a range"),
        ("EVEN(A1:A3*2)", "EVEN is given a range"),
        ("EVEN(CEO_FEE(A1:A3))", "EVEN is given a range"),
        ("SMALL(A1:A3,{1;2})", "SMALL is given a range"),
        ("SUMPRODUCT(SMALL(A1:A9,ROW(1:3)))", "ROW is given a range"),
        ("CODE(IF(A1:A3>1,1))", "CODE is given a range"),
        ("ABS(_xlfn.SEQUENCE(3))", "not proved to compute SEQUENCE"),
        ("LN((A1:A3))", "LN is given a range"),
        ("INT(A1#)", "a reference to what spills"),
        ("LN(Many)", "LN is given a range"),
        ("LN(A:A)", "LN is given a range"),
        ("CONCATENATE(A1:A3)", "CONCATENATE is given a range"),
        ("SUM((A1,B1))", "several ranges joined"),
        ("SUM(A1:OFFSET(B1,C1,0))", "between such corners"),
        ("SUM(A1:OFFSET(B1,2,0,2,1))", "between such corners"),
        ("SUM(CHOOSE(1,A1,A2):A5)", "between such corners"),
        ("SUM(IF(A1>0,A1,A2):A5)", "between such corners"),
        ("INDEX(A1:A9,2):A2", "such a range there"),
        ("IFERROR(INDEX(A1:A9,2):A2,0)", "such a range there"),
        ("_xlfn.LET(_xlpm.x,INDEX(A1:A9,2):A4,SUM(_xlpm.x))", "such a range there"),
        ("SUM(OFFSET(A5,0,0,-3,1))", "OFFSET is given a negative number"),
        ("SUM(OFFSET(A5,0,0,1,-2))", "OFFSET is given a negative number"),
        (
            "VLOOKUP(1,A1:B3,2,C1)",
            "VLOOKUP is not proved with A1 in place 4 (it is with 0 or FALSE)",
        ),
        ("SUMPRODUCT(2*3,A1>1)", "SUMPRODUCT is given something else than cells"),
        ("ROUND(A1)", "ROUND is given 1 arguments"),
        ("SUM(1,,SUMIFS(A1:A2,,1))", "SUMIFS is given an argument left out"),
        ('PMT("5",1,2)', "PMT is given a number written as text"),
        ("_xlfn.WHATEVER(1)", "not proved to compute WHATEVER"),
        ("_xlfn.LET(_xlpm.x,A1:A3,SUM(CODE(_xlpm.x)))", "CODE is given a range"),
    ],
)
def test_what_is_not(formula: str, words: str) -> None:
    assert words in judge(shape(formula), SCOPE, ARRAY).reason


@pytest.mark.parametrize(
    ("formula", "given"),
    [
        ("A5*2", "A5*2"),
        ("SUMPRODUCT(A5*2)", "SUMPRODUCT(A5*2)"),
        ("A1:A9*2", "A3*2"),
        ("SUM(S!A1:A9*B3:D3)", "SUM(S!A3*C3)"),
        ("S!A4:A9*2", "#VALUE!*2"),
        ("B:B+4:4", "B3+C4"),
        ("SUM(A1:A9)", "SUM(A1:A9)"),
        ("A1=B7", "A1=B7"),
        ("A1/3=B7", 'XLADDIN.COMPARE(A1/3,B7,"=",7)'),
        ('A1/3="x"', 'A1/3="x"'),
        ("A1^2", "A1^2"),
        ("2^A1", "XLADDIN.POWER(2,A1,7)"),
        ("A1^B2", "XLADDIN.POWER(A1,B2,7)"),
        ('"a "&A1', '"a "&A1'),
        ('"a "&A1/3', '"a "&XLADDIN.WRITTEN(A1/3,{},7)'),
        ("MOD(A1,3)", "XLADDIN.MOD(A1,3,7)"),
        ('SEARCH("x",A1)', 'SEARCH("x",A1)'),
        ('SEARCH("x*",A1)', 'SEARCH(XLADDIN.PATTERN("x*",7),A1)'),
        ("SEARCH(A1,B1)", "SEARCH(XLADDIN.PATTERN(A1,7),B1)"),
    ],
)
def test_how_the_engine_is_given_it(formula: str, given: str) -> None:
    """In the cell C3, which is number 7."""
    verdict = judge(shape(formula), SCOPE)
    assert verdict.reason == ""
    references = [match[0] for match in ANY_CELL.finditer(formula)]
    assert spelled(verdict.parts({}, False), references, (3, 3), 7) == given.format(
        len(SCOPE.checks) - 1
    )


def test_called() -> None:
    formula = '_xlfn.LET(_xlpm.f,1,_xlpm.f(2))+ceo_fee(1)+"SUM("+_xlfn._xlws.SORT(A1)+VDB(1)'
    assert called(formula) == {"LET": True, "CEO_FEE": False, "SORT": True, "VDB": False}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('=MOD(710.582,7.202)&"b"', "4.78599999999994b"),
        ("=MOD(-7,3)", 2.0),
        ("=MOD(1.5,0.5)", 0.0),
        ('=SEARCH("x*","axb")', 2.0),
        ('=SEARCH("*","")', CellError("#VALUE!")),
    ],
)
def test_what_it_gives(formula: str, value: Cell) -> None:
    found = evaluate(formula)
    assert found.value == value
    assert bool(found.reasons) == isinstance(value, CellError)
