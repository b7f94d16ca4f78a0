"""Interest and principal of payments against exact fractions, and what is left of other functions.

IPMT, PPMT, CUMIPMT and CUMPRINC have the formulas of Microsoft's pages: a payment pays the interest
of what is owed, and the rest of it is principal. What those subtract loses digits in Excel as well,
so that where less than some nine digits are left, no value is stored.
"""

from __future__ import annotations

import io
import itertools
import math
from fractions import Fraction

import formualizer
import openpyxl
import pytest
from engines.excel_cases import NONE, Case, differences

from xladdin.engines.embedded import compute
from xladdin.engines.embedded.bridge import Recorder
from xladdin.engines.embedded.substitutes import rates
from xladdin.engines.embedded.substitutes.values import UnknownRuleError

RATES = (0.0, 1 / 8192, 1 / 256, 1 / 64, 1 / 8, 1 / 2, 1.0)  # exact as doubles
PERIODS = (1, 2, 12, 60, 272, 360)
CLOSE = 2e-9


def exact(
    rate: float, period: int, periods: int, amount: int, future: int, advance: int
) -> tuple[Fraction, Fraction]:
    """Pay a loan off in fractions, and return the interest and principal of one payment."""
    each = Fraction(rate)
    grown = (1 + each) ** periods
    payment = -(amount * grown + future) / periods
    if each:
        payment = -(amount * grown + future) * each / ((grown - 1) * (1 + each * advance))
    owed, interest = Fraction(amount), Fraction(0)
    for now in range(1, period + 1):
        interest = Fraction(0) if advance and now == 1 else -owed * each
        owed += payment - interest
    return interest, payment - interest


@pytest.mark.parametrize("advance", [0, 1])
@pytest.mark.parametrize("future", [0, -500])
def test_payments_are_those_of_exact_arithmetic(advance: int, future: int) -> None:
    computed = 0
    for rate, periods in itertools.product(RATES, PERIODS):
        for period in {1, 2, periods // 2, periods - 1, periods} - {0}:
            if period > periods:
                continue
            given = rate, period, periods, 1000, future, advance
            try:
                found = rates.interest(*map(float, given)), rates.principal(*map(float, given))
            except UnknownRuleError:
                continue
            computed += 1
            for one, other in zip(found, exact(*given), strict=True):
                assert math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-12), given
    assert computed > 80


def test_a_part_without_digits_is_refused() -> None:
    for period in (1, 2, 136, 271, 272):
        with pytest.raises(UnknownRuleError):
            rates.principal(0.1, float(period), 272.0, 1000.0)


def test_formulas() -> None:
    cases = (
        # The examples of Microsoft's pages on IPMT and PPMT, to the digits shown there.
        Case("ROUND(IPMT(0.1/12,1,3*12,8000),2)", -66.67),
        Case("ROUND(IPMT(0.1,3,3,8000),2)", -292.45),
        Case("ROUND(PPMT(0.1/12,1,2*12,2000),2)", -75.62),
        Case("ROUND(PPMT(0.08,10,10,200000),2)", -27598.05),
        Case("PPMT(0,3,12,1200)", -100.0),
        Case("IPMT(0.1,2,272,1000)", 0.0, NONE),
        Case("PPMT(0.1,2,272,1000)", 0.0, NONE),
        Case("CUMIPMT(0.1,272,1000,1,2,0)", 0.0, NONE),
        Case("ROUND(CUMIPMT(5%/12,360,3000000,1,1,0),6)", -12500.0),
        # No address of one range, by which a formula is refused and no more than that.
        Case('SUM(INDIRECT(A1&",A3"))', 5.0, NONE),
        Case("A2+A3", 5.0),
        # K12 to K14 hold these: a circle is 0 in Excel, with a warning.
        Case('INDIRECT("K12")+1', 0.0, NONE),
        Case('SUM(INDIRECT("K"&13&":K13"))', 0.0, NONE),
        Case('COUNT(INDIRECT("A2:A3"))', 2.0),
        # Whether Excel's SEARCH takes one dash for another is not documented.
        Case('SEARCH("-",A4)', 2.0, NONE),
        Case('SEARCH("-","2–3")', 2.0, NONE),
        Case('ISNUMBER(SEARCH("-",A4&A2))', True, NONE),
        Case('SEARCH("–",A4)', 2.0),
        Case('FIND("–",A4)', 2.0),
        # Nor is whether a ligature is its letters, in a cell, in a formula or on the way.
        Case('IF(A5="fi",1,2)', 1.0, NONE),
        Case('IF("ﬁ"="fi",1,2)', 1.0, NONE),
        Case('IF(A5&""="fi",1,2)', 1.0, NONE),
        Case('IF("ﬁ"<>A1,1,2)', 1.0),
    )
    cells = {"A1": "A2", "A2": 2, "A3": 3, "A4": "2–3", "A5": "ﬁ"}
    assert differences("embedded", cells, cases, ()) == []


def test_an_engine_that_finds_no_end_refuses_what_chooses_its_cells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = compute._run

    def endless(workbook: formualizer.Workbook, recorder: Recorder) -> None:
        if "INDIRECT" in str(workbook.get_formula("Data", 1, 1)):
            raise RuntimeError("dynamic dependency evaluation did not converge")
        run(workbook, recorder)

    monkeypatch.setattr(compute, "_run", endless)
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for place, value in {"A1": '=SUM(INDIRECT("A"&3))', "A2": "=A3+1", "A3": 3}.items():
        book.active[place] = value
    buffer = io.BytesIO()
    book.save(buffer)
    found = compute.compute(buffer.getvalue(), apart=False)
    assert [item.cell for item in found.refusals] == ["A1"]
    assert "comes to no end" in found.refusals[0].reason
    assert found.value("Data", 2, 1) == 4.0
