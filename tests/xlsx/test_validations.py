"""Data validations as files have them."""

from __future__ import annotations

import pytest

from xladdin.xlsx.data_validations import Validation, validations_of
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW, Area
from xladdin.xlsx.xml_bytes import UnsafeXMLError

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
    'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">{}</worksheet>'
)


def read(inside: str) -> tuple[Validation, ...]:
    return validations_of(SHEET.format(inside).encode())


def test_a_rule_with_two_bounds() -> None:
    (rule,) = read(
        '<dataValidations><dataValidation type="date" showErrorMessage="1" allowBlank="1" '
        'error="A day &lt; 2010._x000a_Please." sqref="B2:B5 D7">'
        "<formula1>DATE(2000,1,1)</formula1>"
        "<formula2>&quot;x&quot;</formula2></dataValidation></dataValidations>"
    )
    assert rule == Validation(
        (Area(2, 2, 5, 2), Area(7, 4, 7, 4)),
        "date",
        "between",
        "DATE(2000,1,1)",
        '"x"',
        True,
        "A day < 2010.\nPlease.",
    )


def test_a_list_on_another_sheet_stands_in_an_extension() -> None:
    (rule,) = read(
        '<extLst><ext><x14:dataValidations><x14:dataValidation type="list" showErrorMessage="true">'
        "<x14:formula1><xm:f>Lists!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>C1</xm:sqref>"
        "</x14:dataValidation></x14:dataValidations></ext></extLst>"
    )
    assert (rule.kind, rule.first, rule.areas) == ("list", "Lists!$A$1:$A$3", (Area(1, 3, 1, 3),))


@pytest.mark.parametrize(
    ("cells", "area"),
    [
        ("A:B", Area(1, 1, LAST_ROW, 2)),
        ("3:4", Area(3, 1, 4, LAST_COLUMN)),
        ("$C$3", Area(3, 3, 3, 3)),
    ],
)
def test_whole_columns_and_rows(cells: str, area: Area) -> None:
    (rule,) = read(f'<dataValidation type="whole" showErrorMessage="1" sqref="{cells}"/>')
    assert rule.areas == (area,)


@pytest.mark.parametrize(
    "attributes",
    [
        'type="whole" sqref="A1"',
        'type="whole" showErrorMessage="0" sqref="A1"',
        'type="whole" showErrorMessage="1" errorStyle="warning" sqref="A1"',
        'type="whole" showErrorMessage="1" errorStyle="information" sqref="A1"',
        'showErrorMessage="1" sqref="A1"',
        'type="whole" showErrorMessage="1" sqref=""',
        'type="whole" showErrorMessage="1" sqref="#REF!"',
    ],
)
def test_rules_that_refuse_nothing_are_left_out(attributes: str) -> None:
    assert read(f"<dataValidation {attributes}/>") == ()


def test_broken_xml_is_refused() -> None:
    with pytest.raises(UnsafeXMLError):
        read("<dataValidation")
