"""XML in canonical form: one text for all forms of the same content."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Final

from xladdin.xlsx import xml_bytes
from xladdin.xlsx.parts import END_OF_ROWS

_ROWS: Final = b"<sheetData>"


def canonical_around_rows(data: bytes) -> bytes:
    """Write a sheet's part in canonical form, of which the rows are so already.

    Args:
        data: The part, without prefixes.

    Returns:
        As `canonical` does.
    """
    start, stop = data.index(_ROWS) + len(_ROWS), data.rindex(END_OF_ROWS)
    head, found, tail = canonical(data[:start] + data[stop:]).partition(_ROWS)
    return b"".join((head, found, data[start:stop], tail))


def canonical(data: bytes) -> bytes:
    """Write a part in canonical form (Exclusive XML Canonicalization 1.0).

    Args:
        data: The part.

    Returns:
        One text, in UTF-8 and without a declaration, for all forms of the same content.

    Raises:
        UnsafeXMLError: It is not well formed, or not safe.
    """
    return _kept_form(data) if len(data) <= _SHORT else _canonical(data)


def _canonical(data: bytes) -> bytes:
    from lxml import etree  # only now: few commands write whole parts

    xml_bytes.feed(xml_bytes.parser(), data)
    careful = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, careful).getroottree()
    except etree.XMLSyntaxError as error:  # such as a text of ten megabytes
        raise xml_bytes.UnsafeXMLError(f"its XML cannot be read: {error}") from None
    written: bytes = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    return written


_SHORT: Final = 1 << 15
"""Bytes of a part whose canonical form is kept: the workbooks of many deals share such parts."""

_kept_form: Final = lru_cache(maxsize=256)(_canonical)


def stamped(content: bytes, stamp: datetime.date) -> bytes:
    """Replace the dates in the part of document properties."""
    moment = f"{stamp:%Y-%m-%d}T00:00:00Z".encode()
    dates = xml_bytes.elements(content, ("created", "modified"))
    edits = [xml_bytes.Edit(date.inner, date.stop, moment) for date in dates if not date.empty]
    return xml_bytes.splice(content, edits)
