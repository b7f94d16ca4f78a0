"""Parts of a workbook: those that this package wrote, and where relationships are."""

from __future__ import annotations

import hashlib
import itertools
import posixpath
import re
import stat
import zipfile
from collections.abc import Collection, Iterable, Mapping
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

_FIRST: Final = ("[Content_Types].xml", "_rels/.rels")
"""Parts that come first, for programs that read the archive as a stream."""

END_OF_ROWS: Final = b"</sheetData>"

CORE: Final = "docProps/core.xml"
"""Name of the part of document properties."""

TO_SEAL: Final = b"sha256:" + b"0" * 64
"""Stands there in the place of a seal that is to come; see `sealed`."""

_SEAL: Final = re.compile(rb"sha256:[0-9a-f]{64}")


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


def ordered(names: Collection[str], core: bytes) -> list[str]:
    """Put the names of parts in the order of the archive.

    Args:
        names: The names.
        core: The part of document properties.

    Returns:
        The same names; that part is last if it is to get a seal, which is made of all the others.
    """
    last = (CORE,) if TO_SEAL in core else ()
    rest = sorted(name for name in names if name not in (*_FIRST, *last))
    return [*(name for name in _FIRST if name in names), *rest, *last]


def sealed(core: bytes, entries: Iterable[zipfile.ZipInfo]) -> bytes:
    """Put a digest of a whole package into its document properties, where one is to come.

    Of the other parts it has names, sizes and checksums, which the archive lists, so that parts of
    any size need not be read again. Whoever wants to can forge it, as it is no signature.

    Args:
        core: The part of document properties.
        entries: The archive's entries; that part may be among them.

    Returns:
        The part with the digest.
    """
    others = sorted(
        (entry.filename, entry.file_size, entry.CRC)
        for entry in entries
        if entry.filename.lower() != CORE.lower()
    )
    found = hashlib.sha256(repr(others).encode() + core).hexdigest()
    return core.replace(TO_SEAL, f"sha256:{found}".encode())


def seal_holds(core: bytes, entries: Iterable[zipfile.ZipInfo]) -> bool:
    """Return whether a package has the digest that `sealed` puts there, and it is right."""
    found = _SEAL.search(core)
    return found is not None and sealed(core.replace(found[0], TO_SEAL), entries) == core
