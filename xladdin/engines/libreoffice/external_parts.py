"""A copy of a workbook from which nothing leads out.

LibreOffice opens what a package refers to elsewhere: pictures that are linked, at least, over the
network and on the disk. Which other parts it follows, in this version or in the next, is not to be
relied on. So the copy that it opens holds only the kinds of parts that cells are made of, and of
what leads elsewhere only the places of other workbooks, whose values stand in the package: as
names of files that do not exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

from xladdin.xlsx import xml_bytes
from xladdin.xlsx.package import Package, packed
from xladdin.xlsx.parts import RELATIONSHIPS, relationships_of

_CELLS: Final = frozenset(
    {
        *("/officeDocument", "/worksheet", "/chartsheet", "/sharedStrings", "/styles"),
        *("/table", "/sheetMetadata", "/externalLink"),
    }
)
"""Ends of the types of relationships to parts that cells are made of."""

_LINK: Final = "/externalLink"
_CONTENT_TYPES: Final = "[Content_Types].xml"


def contained(package: Package, changed: Mapping[str, bytes]) -> bytes:
    """Copy a workbook without anything that leads out of it.

    Args:
        package: The workbook.
        changed: New content of some of its parts.

    Returns:
        The copy.

    Raises:
        FileError: A part is missing, damaged or unsafe.
    """
    made = {_CONTENT_TYPES: package.read(_CONTENT_TYPES)}
    waiting = [("", "")]
    places = iter(range(1, 1 << 31))
    while waiting:
        part, kind = waiting.pop()
        if part:
            content = changed.get(part) or package.read(part)
            _check(package, part, content)
            if kind == _LINK and b"externalBook" not in content:
                continue  # a link to a running program, or to an object of one
            made[part] = content
        kept = list(_kept(package, part, kind, places))
        waiting += [(path, end) for _, end, path in kept if path and path not in made]
        if kept:
            relations = "".join(text for text, _, _ in kept)
            made[relationships_of(part)] = (
                f'<Relationships xmlns="{RELATIONSHIPS}">{relations}</Relationships>'.encode()
            )
    return packed(made)


def _kept(
    package: Package, part: str, kind: str, places: Iterator[int]
) -> Iterator[tuple[str, str, str]]:
    """Yield the relationships of a part that the copy has: as written, kind, and part led to."""
    inside = package.relationships(part)
    for identifier, whole in package.relationship_types(part).items():
        end, path = inside.get(identifier, ("", ""))
        if path and end in _CELLS and path in package:
            yield _written(identifier, whole, f"/{path}"), end, path
        elif not path and kind == _LINK:
            place = f"xladdin-{next(places)}.xlsx"
            yield _written(identifier, whole, place, ' TargetMode="External"'), "", ""


def _written(identifier: str, whole: str, target: str, mode: str = "") -> str:
    named = (("Id", identifier), ("Type", whole), ("Target", target))
    text = " ".join(f"{name}={quoteattr(value)}" for name, value in named)
    return f"<Relationship {text}{mode}/>"


def _check(package: Package, part: str, content: bytes) -> None:
    """Refuse a part with a document type, which may name files to be read."""
    try:
        xml_bytes.feed(xml_bytes.parser(), content)
    except xml_bytes.UnsafeXMLError as error:
        raise package.unsafe(part, error) from None
