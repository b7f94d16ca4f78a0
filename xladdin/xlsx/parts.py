"""Parts of a workbook: those that this package wrote, and where relationships are."""

from __future__ import annotations

import itertools
import posixpath
import stat
import zipfile
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from xladdin.xlsx.written_sheet import WrittenSheet

_SCHEMAS: Final = "http://schemas.openxmlformats.org"
MAIN: Final = f"{_SCHEMAS}/spreadsheetml/2006/main"
OFFICE_RELATIONSHIPS: Final = f"{_SCHEMAS}/officeDocument/2006/relationships"
RELATIONSHIPS: Final = f"{_SCHEMAS}/package/2006/relationships"
CONTENT_TYPES: Final = f"{_SCHEMAS}/package/2006/content-types"
"""Namespaces of XML."""


_FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)
_FIXED_MODE: Final = (stat.S_IRUSR | stat.S_IWUSR) << 16
_FIXED_SYSTEM: Final = 3

END_OF_ROWS: Final = b"</sheetData>"


def relationships_of(part: str) -> str:
    """Return the name of the part with the relationships of another, or of the package for none."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


class Streamed(NamedTuple):
    """A sheet's part that is too long to be held in memory: itself without its rows, and these."""

    frame: bytes
    rows: Iterable[bytes]


class Parts(dict[str, bytes]):
    """Parts by name.

    Attributes:
        sheets: The layouts of sheets as they were written, by part, rows in canonical form.
    """

    def __init__(self, parts: Mapping[str, bytes], sheets: Mapping[str, WrittenSheet]) -> None:
        """Take the parts and the layouts."""
        super().__init__(parts)
        self.sheets = dict(sheets)

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process as bytes alone."""
        return dict, (dict(self),)


def put(
    archive: zipfile.ZipFile, name: str, content: bytes, rows: Iterable[bytes], level: int
) -> None:
    """Write a part into an archive: the same entry whatever the clock and the system.

    Args:
        archive: The archive.
        name: The part's name.
        content: What it is; of a sheet that is streamed, without its rows.
        rows: These.
        level: How hard deflate tries.
    """
    entry = zipfile.ZipInfo(name, _FIXED_DATE)
    entry.external_attr = _FIXED_MODE
    entry.create_system = _FIXED_SYSTEM
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry._compresslevel = level  # type: ignore[attr-defined]  # which only a whole part is given
    head, mark, tail = content.rpartition(END_OF_ROWS) if rows else (content, b"", b"")
    with archive.open(entry, "w") as part:
        for piece in itertools.chain((head,), rows, (mark + tail,)):
            part.write(piece)
