"""Workbooks of generated formulas: made as bytes, since thousands of cells are made at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from packages import packed

from xladdin.cells import CellError
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.workbook_part import column_letters

Constant: TypeAlias = float | bool | str | CellError

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def made(constants: Mapping[tuple[int, int], Constant], formulas: Sequence[str]) -> bytes:
    """Make a workbook: constants on the sheet D, and formulas in column A of the sheet F.

    Args:
        constants: Constants by row and column.
        formulas: Formulas without equals signs, one a row.

    Returns:
        The workbook.
    """
    rows: dict[int, list[str]] = {}
    for (row, column), value in sorted(constants.items()):
        rows.setdefault(row, []).append(_cell(row, column, value))
    data = "".join(f'<row r="{row}">{"".join(cells)}</row>' for row, cells in rows.items())
    wanted = "".join(
        f'<row r="{row}"><c r="A{row}"><f>{xml_bytes.escaped(formula)}</f><v>0</v></c></row>'
        for row, formula in enumerate(formulas, 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="D" sheetId="1" r:id="r1"/><sheet name="F" sheetId="2" r:id="r2"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet2.xml"/>'
        f'<Relationship Id="r3" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
        "</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/>'
        '<name val="Calibri"/></font></fonts><fills count="1"><fill><patternFill '
        'patternType="none"/></fill></fills><borders count="1"><border><left/><right/><top/>'
        '<bottom/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" '
        'fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" '
        'fillId="0" borderId="0" xfId="0"/></cellXfs><cellStyles count="1"><cellStyle '
        'name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{data}</sheetData>'
        "</worksheet>",
        "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{wanted}</sheetData>'
        "</worksheet>",
    }
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return packed({name: f"{head}{text}".encode() for name, text in parts.items()})


def _cell(row: int, column: int, value: Constant) -> str:
    name = f"{column_letters(column)}{row}"
    if isinstance(value, bool):
        return f'<c r="{name}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, float):
        return f'<c r="{name}"><v>{value!r}</v></c>'
    if value == "":  # as a formula leaves it: Excel keeps no empty text as a constant
        return f'<c r="{name}" t="str"><f>""</f><v></v></c>'
    if isinstance(value, CellError):
        return f'<c r="{name}" t="e"><v>{xml_bytes.escaped(value.code)}</v></c>'
    text = f'<t xml:space="preserve">{xml_bytes.escaped(value)}</t>'
    return f'<c r="{name}" t="inlineStr"><is>{text}</is></c>'
