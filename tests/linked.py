"""Workbooks as Excel saves them where functions come from another file, made by hand."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from packages import packed, parts_of

from xladdin.functions.registry import FUNCTIONS

PATH: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"
START: Final = "http://schemas.microsoft.com/office/2006/relationships/xlExternalLinkPath/xlStartup"
MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
LINK_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"


class Link(NamedTuple):
    """An external link: where it leads, and the value of A1 on the only sheet there."""

    address: str
    kind: str = PATH
    held: float = 5


OURS: Final = Link("xladdin.xlam", START)
RATES: Final = Link("rates.xlsm")


def put(parts: dict[str, bytes], part: str, before: str, text: str) -> None:
    content = parts[part].decode()
    assert content.count(before) == 1
    parts[part] = content.replace(before, text + before).encode()


def linked(data: bytes, *links: Link) -> bytes:
    """Put external links into a workbook, in this order, with all that Excel writes of them."""
    parts = parts_of(data)
    references = relations = types = ""
    for number, link in enumerate(links, 1):
        # The numbers in the names of parts and of relationships say nothing.
        other = len(links) + 1 - number
        name = f"externalLinks/externalLink{other}.xml"
        identifier = f"rIdLink{other}"
        held = f'<row r="1"><cell r="A1"><v>{link.held}</v></cell></row>'
        parts[f"xl/{name}"] = (
            f'<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{OFFICE}" r:id="rId1">'
            '<sheetNames><sheetName val="Sheet1"/></sheetNames>'
            '<definedNames><definedName name="CEO_FEE"/></definedNames>'
            f'<sheetDataSet><sheetData sheetId="0">{held}</sheetData></sheetDataSet>'
            "</externalBook></externalLink>"
        ).encode()
        ways = "".join(
            f'<Relationship Id="{key}" Type="{kind}" Target="{target}" TargetMode="External"/>'
            for key, kind, target in (
                # Beside the address there may be the full path by which the file was found.
                ("rId2", PATH, "file:///C:/full/path/of/that.xlsx"),
                ("rId1", link.kind, link.address),
            )
        )
        rels = f'<Relationships xmlns="{PACKAGE}">{ways}</Relationships>'
        parts[f"xl/externalLinks/_rels/externalLink{other}.xml.rels"] = rels.encode()
        references += f'<externalReference xmlns:r="{OFFICE}" r:id="{identifier}"/>'
        relation = f'Id="{identifier}" Type="{OFFICE}/externalLink" Target="{name}"'
        relations = f"<Relationship {relation}/>{relations}"
        types += f'<Override PartName="/xl/{name}" ContentType="{LINK_TYPE}"/>'
    listed = f"<externalReferences>{references}</externalReferences>"
    put(parts, "xl/workbook.xml", "<definedNames>", listed)
    put(parts, "xl/_rels/workbook.xml.rels", "</Relationships>", relations)
    put(parts, "[Content_Types].xml", "</Types>", types)
    return packed(parts)


def prefixed(data: bytes, number: int) -> bytes:
    """Write every call of ours in cells and names as one into the file of an external link."""
    call = re.compile(rf"\b({'|'.join(FUNCTIONS)})\(")
    formula = re.compile(r"(<(?:f|definedName)\b[^>]*>)([^<]*)")
    parts = parts_of(data)
    for name, content in parts.items():
        if name.startswith("xl/worksheets/sheet") or name == "xl/workbook.xml":
            text = formula.sub(
                lambda match: match[1] + call.sub(rf"[{number}]!\1(", match[2]), content.decode()
            )
            parts[name] = text.encode()
    return packed(parts)
