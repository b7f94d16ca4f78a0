"""Formulas as workbooks of finance have them: the embedded engine computes each, and rightly.

What they come to is worked out by hand or by plain Python beside each; LibreOffice agrees.
"""

from __future__ import annotations

import datetime
import io
import math
from fractions import Fraction
from typing import Final

import openpyxl
import pytest
from engines.excel_cases import same
from offices import needs_office

from xladdin.cells import Cell, CellError
from xladdin.checking.recalc import compute

EMBEDDED: Final = "embedded"


def serial(year: int, month: int, day: int) -> float:
    return float((datetime.date(year, month, day) - datetime.date(1899, 12, 30)).days)


ROWS: Final = (
    (datetime.date(2024, 1, 15), "North", "Widget", 120.0, 9.5),
    (datetime.date(2024, 1, 31), "South", "Gadget", 75.0, 12.25),
    (datetime.date(2024, 2, 29), "North", "Gadget", 60.0, 12.25),
    (datetime.date(2024, 3, 8), "West", "Widget", 200.0, 9.25),
    (datetime.date(2024, 3, 29), "South", "Widget", 15.0, 9.75),
)
"""A2:E6 of the sheet Data: date, region, product, units, price; the revenue stands in F2:F6."""

REVENUE: Final = [Fraction(row[3]) * Fraction(row[4]) for row in ROWS]
TOTAL: Final = float(sum(REVENUE))
FLOWS: Final = (-1000.0, 300.0, 420.0, 680.0)
DAYS: Final = (serial(2021, 1, 1), serial(2022, 1, 1), serial(2023, 1, 1), serial(2024, 1, 1))
"""H2:H5 and I2:I5: cash flows and their days."""


def total(product: str = "", region: str = "") -> float:
    return float(
        sum(
            amount
            for amount, row in zip(REVENUE, ROWS, strict=True)
            if product in ("", row[2]) and region in ("", row[1])
        )
    )


def present(rate: float) -> float:
    return math.fsum(
        amount / (1 + rate) ** ((day - DAYS[0]) / 365)
        for amount, day in zip(FLOWS, DAYS, strict=True)
    )


def annuity(rate: float, periods: int, amount: float) -> float:
    return float(-amount * rate / (1 - (1 + rate) ** -periods))


FORMULAS: Final[tuple[tuple[str, Cell], ...]] = (
    ("SUM(F2:F6)", TOTAL),
    ("SUM(Data!$F:$F)", 2 * TOTAL),
    ('IF(SUM(F2:F6)>3000,"above","below")', "above" if TOTAL > 3000 else "below"),
    ('IF(B2="north",1,0)', 1.0),
    ("IF(AND(D2>100,E2<10),D2*E2,0)", 1140.0),
    ('IF(OR(B3="West",C3="Gadget"),"x","")', "x"),
    ('SUMIF(B2:B6,"North",F2:F6)', total(region="North")),
    ('SUMIF(D2:D6,">=75")', 395.0),
    ('SUMIFS(F2:F6,B2:B6,"South",C2:C6,"Widget")', total("Widget", "South")),
    ('SUMIFS(F:F,A:A,">="&DATE(2024,2,1),A:A,"<="&EOMONTH(DATE(2024,2,1),0))', 735.0),
    ('SUMIFS(D2:D6,D2:D6,"<>0",B2:B6,"<>West")', 270.0),
    ('COUNTIF(C2:C6,"Widget")', 3.0),
    ('COUNTIFS(B2:B6,"North",D2:D6,">100")', 1.0),
    ('AVERAGEIF(C2:C6,"Gadget",D2:D6)', 67.5),
    ('AVERAGEIFS(E2:E6,C2:C6,"Widget",B2:B6,"<>West")', 9.625),
    ('MAXIFS(D2:D6,B2:B6,"South")', 75.0),
    ('INDEX(D2:D6,MATCH("West",B2:B6,0))', 200.0),
    ("INDEX(B2:F6,MATCH(MAX(D2:D6),D2:D6,0),2)", "Widget"),
    ('VLOOKUP("South",B2:D6,3,FALSE)', 75.0),
    ('IFERROR(VLOOKUP("East",B2:D6,3,FALSE),"not found")', "not found"),
    ('XLOOKUP("West",B2:B6,E2:E6,"none")', 9.25),
    ('XLOOKUP("East",B2:B6,E2:E6,"none")', "none"),
    ("ROUND(F2*0.0725,2)", 82.65),
    ("ROUND(-2.5,0)", -3.0),
    ("ROUNDUP(F3/7,1)", 131.3),
    ("MROUND(F4,25)", 725.0 if math.fmod(735, 25) < 12.5 else 750.0),
    ("INT(F5/100)*100", 1800.0),
    ("MOD(D6,4)", 3.0),
    ("SUMPRODUCT(D2:D6,E2:E6)", TOTAL),
    ('SUMPRODUCT((B2:B6="North")*(C2:C6="Gadget")*F2:F6)', 735.0),
    ("SUMPRODUCT(D2:D6,E2:E6)/SUM(D2:D6)", float(sum(REVENUE) / 470)),
    ("EOMONTH(A2,0)", serial(2024, 1, 31)),
    ("EDATE(A3,1)", serial(2024, 2, 29)),
    ('YEAR(A4)&"-"&TEXT(MONTH(A4),"00")', "2024-02"),
    ("WEEKDAY(A2,2)", 1.0),
    ("NETWORKDAYS(A2,A4)", 34.0),
    ("WORKDAY(A2,10)", serial(2024, 1, 29)),
    ('DATEDIF(A2,A6,"m")', 2.0),
    ("YEARFRAC(DATE(2024,1,1),DATE(2024,7,1),0)", 0.5),
    ('DATEVALUE("2024-03-15")-A2', 60.0),
    ("HOUR(0.75)+MINUTE(TIME(6,45,30))/60", 18.75),
    ('TEXT(A2,"d mmm yyyy")', "15 Jan 2024"),
    ('TEXT(F2,"#,##0.00")', "1,140.00"),
    ('TEXT(0.0724,"0.0%")', "7.2%"),
    ("FIXED(573.92,1)", "573.9"),
    ('"Total: "&TEXT(SUM(F2:F6),"#,##0")&" USD"', "Total: " + f"{TOTAL:,.0f}" + " USD"),
    ('B2&" / "&C2', "North / Widget"),
    ("LEFT(B2,3)&MID(C2,2,2)&RIGHT(C2,1)", "Noridt"),
    ('UPPER(B2)&PROPER("new york")', "NORTHNew York"),
    ('TRIM("  a  b ")&LEN(B2)', "a b5"),
    ('SUBSTITUTE(B2,"North","N")', "N"),
    ('REPLACE("2024Q1",5,2,"Q2")', "2024Q2"),
    ("IFERROR(F2/0,0)", 0.0),
    ("F2/0", CellError("#DIV/0!")),
    ('IFNA(MATCH("East",B2:B6,0),-1)', -1.0),
    ('CHOOSE(2,"low","base","high")', "base"),
    ("NPV(0.08,H3:H5)+H2", -1000 + 300 / 1.08 + 420 / 1.08**2 + 680 / 1.08**3),
    ("XNPV(0.08,H2:H5,I2:I5)", present(0.08)),
    ("PMT(0.06/12,360,300000)", annuity(0.005, 360, 300000)),
    ("MEDIAN(D2:D6)", 75.0),
    ("LARGE(D2:D6,2)", 120.0),
    ("RANK(D2,D2:D6)", 2.0),
    ("SUBTOTAL(9,F2:F6)", TOTAL),
    ("MAX(D2:D6)-MIN(D2:D6)", 185.0),
    ('TEXTJOIN(", ",TRUE,B2:B4)', "North, South, North"),
    ("0.1+0.2=0.3", True),
    ('TEXT(E2,"$0.00")&TEXT(-1234.5,"$#,##0.00;($#,##0.00)")', "$9.50($1,234.50)"),
    ('TEXT(0.0725,"0.00%")&TEXT(0,"#,##0;(#,##0);-")', "7.25%-"),
    ('TEXT(A2,"mmm d, yyyy")&" "&TEXT(A2,"d-mmm-yyyy")', "Jan 15, 2024 15-Jan-2024"),
    ('"Units: "&TEXT(D2,"#,##0")&IF(D7="",""," and "&TEXT(D7,"0"))', "Units: 120"),
    ("SUMPRODUCT((MONTH(A2:A6)=3)*(YEAR(A2:A6)=2024)*D2:D6)", 215.0),
    ("SUMPRODUCT(--ISNUMBER(D2:D7))", 5.0),
    ('COUNTIF(B2:B6,"N*")', 2.0),
    ('XLOOKUP("West",B2:B6,E2:E6,,0,1)', 9.25),
    ("F7=SUM(F2:F6)", True),
    ('"1,250.50"*2', 2501.0),
)
"""What stands on the sheet Data, and what it comes to."""

_NEWER: Final = ("XLOOKUP", "MAXIFS", "TEXTJOIN", "IFNA")
ITERATIVE: Final = ("IRR(H2:H5)", "XIRR(H2:H5,I2:I5)", "RATE(48,-250,10000)")


def made(*formulas: str) -> bytes:
    book = openpyxl.Workbook()
    data = book.active
    data.title = "Data"
    data.append(["Date", "Region", "Product", "Units", "Price", "Revenue", None, "Flow", "Day"])
    for row, cells in enumerate(ROWS, 2):
        data.append(cells)
        data.cell(row, 6).value = f"=D{row}*E{row}"
    data["F7"] = "=F2+F3+F4+F5+F6"
    for row, (flow, day) in enumerate(zip(FLOWS, DAYS, strict=True), 2):
        data.cell(row, 8).value, data.cell(row, 9).value = flow, day
    for row, formula in enumerate(formulas, 1):
        for name in _NEWER:
            formula = formula.replace(f"{name}(", f"_xlfn.{name}(")
        data.cell(row, 11).value = f"={formula}"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def column(engine: str, formulas: tuple[str, ...]) -> tuple[list[Cell], dict[str, str]]:
    found = compute(engine, made(*formulas))
    values = [found.values["Data"][row, 11] for row in range(1, len(formulas) + 1)]
    return values, {one.cell: one.reason for one in found.refusals}


def test_ordinary_formulas_are_computed_and_right() -> None:
    formulas = tuple(formula for formula, _ in FORMULAS)
    values, refused = column(EMBEDDED, formulas)
    assert not refused
    wrong = [
        (formula, value, expected)
        for (formula, expected), value in zip(FORMULAS, values, strict=True)
        if not same(value, expected)
    ]
    assert not wrong


def test_rates_are_found_to_their_own_tolerance() -> None:
    values, refused = column(EMBEDDED, ITERATIVE)
    assert not refused
    internal, dated, monthly = values
    assert isinstance(internal, float)
    assert isinstance(dated, float)
    assert isinstance(monthly, float)
    assert sum(a / (1 + internal) ** at for at, a in enumerate(FLOWS)) == pytest.approx(0, abs=1e-6)
    assert present(dated) == pytest.approx(0, abs=1e-6)
    assert annuity(monthly, 48, 10000) == pytest.approx(-250, rel=1e-9)


@needs_office
def test_libreoffice_agrees() -> None:
    """Apart from what LibreOffice 7.4 does not know."""
    formulas = tuple(
        formula for formula, _ in FORMULAS if not formula.startswith(("XLOOKUP", '"1,250'))
    )
    mine, theirs = column(EMBEDDED, formulas), column("libreoffice", formulas)
    assert not theirs[1]
    assert [
        (formula, one, other)
        for formula, one, other in zip(formulas, mine[0], theirs[0], strict=True)
        if not same(one, other)
    ] == []
    mine, theirs = column(EMBEDDED, ITERATIVE), column("libreoffice", ITERATIVE)
    assert all(same(one, other, 1e-7) for one, other in zip(mine[0], theirs[0], strict=True))
