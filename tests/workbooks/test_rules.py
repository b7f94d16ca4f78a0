"""What may be typed: the same for Excel's validation and for data files."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from offices import BY_BOTH
from openpyxl.workbook.defined_name import DefinedName

from xladdin.cells import Cell, CellError
from xladdin.checking.recalc import compute
from xladdin.workbooks.layout.data_validation import (
    Allowed,
    amount_of,
    amount_up_to,
    date_between,
    part_between,
    price_of,
    short_text,
    whole_number,
)

DAY = datetime.date(2001, 8, 14)
WHOLE = whole_number(0, "Shares")
PRICE = price_of("A price")
AMOUNT = amount_of("An amount")
DATE = date_between(datetime.date(2000, 1, 1), datetime.date(2009, 12, 31), "A date.")
PART = amount_up_to("agreement.capacity", "At most the capacity.")
RATE = part_between(Decimal("0.000001"), Decimal("0.03"), "Rate, up to 3%.")
TEXT = short_text(5, "Five characters.")


@pytest.mark.parametrize(
    ("allowed", "given", "read"),
    [
        (WHOLE, "25000", 25000),
        (WHOLE, "0", 0),
        (WHOLE, "3.0", 3),
        (WHOLE, "2e3", 2000),
        (WHOLE, 25000.0, 25000),
        (PRICE, " 4.04 ", 4.04),
        (PRICE, ".5", 0.5),
        (PRICE, "+4", 4.0),
        (PRICE, 1e-7, 1e-7),
        (RATE, "0.03", 0.03),
        (AMOUNT, "0", 0.0),
        (AMOUNT, "-0", 0.0),
        (PART, "1E308", 1e308),  # the workbook has to say what it thinks of that
        (DATE, "2001-08-14", DAY),
        (DATE, 37117.0, DAY),
        (DATE, "2000-01-01", datetime.date(2000, 1, 1)),
        (DATE, "2009-12-31", datetime.date(2009, 12, 31)),
        (TEXT, "=1+1", "=1+1"),
        (TEXT, "12345", "12345"),
        (TEXT, 2001.0, "2001"),
        (TEXT, 0.5, "0.5"),
        *((allowed, blank, None) for allowed in (WHOLE, PRICE, DATE, TEXT) for blank in (None, "")),
    ],
)
def test_read(allowed: Allowed, given: Cell, read: object) -> None:
    found = allowed.read(given)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(
    ("allowed", "given", "reason"),
    [
        (WHOLE, "50%", "write a whole number such as 25000"),
        (WHOLE, "-1", "Shares: a whole number from 0 to 1 trillion."),
        (WHOLE, "2.5", "write a whole number"),
        (WHOLE, "1000000000000000", "Shares: a whole number from 0 to 1 trillion."),
        (WHOLE, "1,000", "write 1000"),
        (WHOLE, "١٢", "write a whole number"),  # digits of another script
        (PRICE, "0", "A price from 0.0000001 to 100 million."),
        (PRICE, 0.0, "A price from 0.0000001 to 100 million."),
        (PRICE, "$4.04", "write 4.04"),
        (PRICE, "4,04", "write 4.04"),
        (RATE, "2.5%", "write 0.025"),
        (RATE, "2,5 %", "write 0.025"),
        (RATE, "100%", "write 1"),
        (RATE, "about 3%", "write a number such as 4.04"),
        (RATE, "0.031", "'0.031' is not accepted: Rate, up to 3%"),
        (RATE, "0.0300000001", "is not accepted"),
        (PRICE, "nan", "write a number"),
        (PRICE, "inf", "write a number"),
        (PRICE, "1e999", "write a number"),
        (PRICE, "0x10", "write a number"),
        (PRICE, "1_000", "write a number"),
        (PRICE, True, "write a number"),
        (PRICE, CellError("#N/A"), "#N/A cannot be read"),
        (AMOUNT, "-0.01", "An amount from 0 to 1 billion."),
        (PART, "-1", "At most the capacity."),
        (DATE, "8/14/2001", "write 2001-08-14"),
        (DATE, "2001-02-30", "write a date"),
        (DATE, "1999-12-31", "A date."),
        (DATE, "2010-01-01", "A date."),
        (DATE, 37117.5, "write a date"),
        (DATE, 60.0, "write a date"),
        (DATE, -1.0, "write a date"),
        (DATE, 1e300, "write a date"),
        (TEXT, "123456", "Five characters."),
        (TEXT, False, "write a shorter text"),
        (PRICE, "x" * 10_000, "cannot be read"),
    ],
)
def test_refused(allowed: Allowed, given: Cell, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        allowed.read(given)
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize(
    ("allowed", "kind", "operator", "bounds"),
    [
        (WHOLE, "whole", "between", ("0", "1000000000000")),
        (PRICE, "decimal", "between", ("0.0000001", "100000000")),
        (AMOUNT, "decimal", "between", ("0", "1000000000")),
        (PART, "decimal", "between", ("0", "agreement.capacity")),
        (DATE, "date", "between", ("DATE(2000,1,1)", "DATE(2009,12,31)")),
        (TEXT, "textLength", "lessThanOrEqual", ("5", None)),
    ],
)
def test_excel_is_told_the_same(
    allowed: Allowed, kind: str, operator: str, bounds: tuple[str, str | None]
) -> None:
    rule = allowed.validation()
    assert (rule.type, rule.operator) == (kind, operator)
    assert (rule.formula1, rule.formula2) == bounds
    assert rule.error == allowed.what
    assert rule.allow_blank
    assert rule.showErrorMessage


BROKEN: list[tuple[Allowed, tuple[Any, ...], tuple[Any, ...]]] = [
    (
        WHOLE,
        (None, "", 0, 40000, 0.1 * 3 * 10, 10**12),
        (-1, 0.5, 99999.9999999, 10**12 + 1, 12345678901234567, "7", "x", True),
    ),
    (
        PRICE,
        (None, "", 1e-7, 0.0001, 1e7),
        (0, 9.9e-8, 1e8 + 1, 1e308, -0.01, "$2.80", False, "#N/A"),
    ),
    (AMOUNT, (None, 0, 0.0, 1e9), (-1e-9, 1e9 + 1, "0", True)),
    (
        DATE,
        (None, "", DAY, datetime.datetime(2009, 12, 31, 23, 59), datetime.date(2000, 1, 1)),
        (datetime.date(2010, 1, 1), datetime.date(1999, 12, 31), "4 Feb 2002", 0, True),
    ),
    (PART, (None, 0, 1000, 1000.000009), (1000.00002, 1001, -1, "1")),
    (TEXT, (None, "", "12345", 12345, "ünïco"), ("123456", 123456, "#REF!")),
]
"""Rules, each with what may stand in a cell and what may not; agreement.capacity is 1000."""


@pytest.mark.parametrize("engine", BY_BOTH)
def test_a_workbook_knows_what_breaks_a_rule(engine: str) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    expected: list[tuple[str, Any, float]] = []
    for allowed, good, bad in BROKEN:
        cases = [(value, 0.0) for value in good] + [(value, 1.0) for value in bad]
        for value, breaks in cases:
            row = len(expected) + 1
            expected.append((allowed.broken_by, value, breaks))
            sheet.cell(row, 1).value = value
            sheet.cell(row, 2).value = f"={allowed.broken(f'A{row}')}"
    sheet["D1"] = 1000
    name = DefinedName("agreement.capacity", attr_text="Sheet!$D$1")
    workbook.defined_names[name.name] = name
    buffer = io.BytesIO()
    workbook.save(buffer)
    computed = compute(engine, buffer.getvalue())
    found = [
        (words, value, computed.value("Sheet", row, 2))
        for row, (words, value, _) in enumerate(expected, 1)
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("allowed", "words"),
    [
        (WHOLE, "not a whole number from 0 to 1 trillion"),
        (PRICE, "not a number from 0.0000001 to 100 million"),
        (AMOUNT, "not a number from 0 to 1 billion"),
        (RATE, "not a number from 0.000001 to 0.03 (3%)"),
        (DATE, "not a date from 2000 to 2009"),
        (PART, "not a number from 0 to agreement.capacity"),
        (TEXT, "not text up to 5 characters"),
    ],
)
def test_what_breaks_a_rule_is_said_in_words(allowed: Allowed, words: str) -> None:
    assert allowed.broken_by == words
