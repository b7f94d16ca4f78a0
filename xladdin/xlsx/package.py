"""The parts of a workbook file: read once, within limits, and written once, the same every time."""

from __future__ import annotations

import copy
import datetime
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from xladdin.errors import FileError
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.canonical_xml import canonical, canonical_around_rows, stamped
from xladdin.xlsx.parts import (
    CORE,
    Parts,
    Streamed,
    ordered,
    put,
    relationships_of,
    seal_holds,
    sealed,
)

MAX_ENTRIES: Final = 20_000
"""Most parts of a workbook; the largest real ones have a few hundred."""

MAX_SIZE: Final = 1 << 30
"""Most bytes of a workbook unpacked, all its parts together."""

MAX_RATIO: Final = 400
"""Greatest ratio of unpacked to packed size of a workbook or a large part. Sheets of equal cells
reach about a hundred; decompression bombs come near deflate's limit of 1032."""

SMALL: Final = 1 << 20
"""Bytes below which the ratio is not checked."""

_WITHIN: Final = re.compile(r"(?!/|[A-Za-z]:)(?!(?:.*/)?\.\.?(?:/|\Z))[^\\\x00-\x1f]+", re.DOTALL)
"""Names of parts: none leads out of the folder into which somebody unpacks the workbook."""

_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")

LEVEL: Final = 4
_QUICK: Final = 1
"""How hard deflate tries: for files, where 6 takes nearly twice the time for a tenth less of
bytes; and for what is unpacked at once. One level for all, so that a part that is written anew
has the same bytes as one that was made."""
_STORED: Final = 1 << 26
"""Bytes up to which what is unpacked at once is not deflated at all: that costs memory alone."""

_NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})

_XML: Final = (".xml", ".rels")
_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE_DOCUMENT: Final = "/officeDocument"
_EXTERNAL: Final = "External"


class Package:
    """The parts of a workbook, in memory; each is unpacked when it is first read.

    Attributes:
        path: Its name in messages.
        names: Names of its parts, in the order of the archive.
        workbook: Name of the part that lists the sheets.
        sheets_written: Layouts of sheets as this process wrote them, by part.
    """

    def __init__(self, source: bytes | Mapping[str, bytes], path: Path | str = "workbook") -> None:
        """Open a package and check it before anything is unpacked.

        Args:
            source: The file's bytes; or its parts by name, where the caller made them.
            path: Its name in messages.

        Raises:
            FileError: It is no workbook package, is encrypted, or would unpack to too much.
        """
        self.path = path
        self._source = source
        self.sheets_written = source.sheets if isinstance(source, Parts) else {}
        self._archive: zipfile.ZipFile | None = None
        self._parts: dict[str, bytes] = {}
        if isinstance(source, bytes):
            self._archive = _opened(source, path)
            entries = [entry for entry in self._archive.infolist() if not entry.is_dir()]
            _check_entries(entries, len(source), path)
            self.names = tuple(entry.filename for entry in entries)
        else:
            self._parts.update(source)
            self.names = tuple(source)
        # Part names are compared without regard to case; some writers rely on it.
        self._known = {name.lower(): name for name in self.names}
        if len(self._known) < len(self.names):
            raise FileError(path, "it holds a part of the same name twice", _DAMAGED)
        self.workbook = self._workbook()

    @classmethod
    def of(cls, source: bytes | Self, path: Path | str = "workbook") -> Self:
        """Return a package that was opened already, or open it."""
        return cls(source, path) if isinstance(source, bytes) else source

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process as its source does; each part is unpacked there anew."""
        return type(self), (self._source, self.path)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._known

    def read(self, name: str) -> bytes:
        """Return a part, unpacked when it is first read.

        Args:
            name: Its name, without a leading slash.

        Returns:
            Its bytes.

        Raises:
            FileError: There is no such part, or it is damaged.
        """
        known = self._known.get(name.lower())
        if known is None:
            raise FileError(self.path, f"its part {name} is missing", _DAMAGED)
        content = self._parts.get(known)
        if content is None:
            content = self._parts[known] = self._unpacked(known)
        return content

    def _unpacked(self, name: str) -> bytes:
        assert self._archive is not None
        try:
            return self._archive.read(name)
        except (zipfile.BadZipFile, zlib.error, struct.error, *_UNREADABLE) as error:
            reason = f"its part {name} cannot be unpacked: {error}"
            raise FileError(self.path, reason, _DAMAGED) from None

    def tree(self, name: str) -> Element:
        """Unpack a part and parse it; a part that is not safe XML raises `FileError`."""
        try:
            return xml_bytes.tree(self.read(name))
        except xml_bytes.UnsafeXMLError as error:
            raise self.unsafe(name, error) from None

    def unsafe(self, name: str, error: xml_bytes.UnsafeXMLError) -> FileError:
        """Return the error to raise if a part's XML was refused."""
        return FileError(self.path, f"its part {name} cannot be read: {error}", _DAMAGED)

    def relationships(self, part: str) -> dict[str, tuple[str, str]]:
        """Read the relationships of a part.

        Args:
            part: The part's name; empty for the package itself.

        Returns:
            By identifier: the end of the relationship's type, such as ``/worksheet``, and the name
            of the target part. Links out of the package are left out.

        Raises:
            FileError: The part of relationships is damaged.
        """
        folder = posixpath.dirname(part)
        found = {}
        for item in self._related(part):
            target = item.get("Target", "")
            if item.get("TargetMode") != _EXTERNAL and target:
                path = posixpath.normpath(posixpath.join("/", folder, unquote(target)))
                kind = item.get("Type", "")
                found[item.get("Id", "")] = (kind[kind.rfind("/") :], path.lstrip("/"))
        return found

    def relationship_types(self, part: str) -> dict[str, str]:
        """Return the type of each relationship of a part, links out of the package included.

        Args:
            part: The part's name; empty for the package itself.

        Returns:
            By identifier: the whole type, as written.

        Raises:
            FileError: The part of relationships is damaged.
        """
        return {item.get("Id", ""): item.get("Type", "") for item in self._related(part)}

    def external_targets(self, part: str) -> dict[str, str]:
        """Read the targets of a part's links out of the package; they are not followed.

        Args:
            part: The part's name.

        Returns:
            By identifier: the address, as written.

        Raises:
            FileError: The part of relationships is damaged.
        """
        return {
            item.get("Id", ""): item.get("Target", "")
            for item in self._related(part)
            if item.get("TargetMode") == _EXTERNAL
        }

    def is_as_sealed(self) -> bool:
        """Return whether it has a seal, and no part was written since; see `parts.sealed`."""
        entries = self._archive.infolist() if self._archive else ()
        return CORE in self and seal_holds(self.read(CORE), entries)

    def with_changes(self, changes: Mapping[str, bytes]) -> bytes:
        """Write the package with new content in some parts.

        Args:
            changes: New content by the part's name, spelt as in the archive.

        Returns:
            The package with every other entry's content, order, date, attributes and kind of
            compression as they were; the very same bytes if nothing differs.

        Raises:
            FileError: It has no such part, or one that is damaged.
        """
        missing = sorted(set(changes) - set(self.names))
        if missing:
            raise FileError(self.path, f"its part {missing[0]} is missing", _DAMAGED)
        changed = {name: new for name, new in changes.items() if self.read(name) != new}
        if not changed and isinstance(self._source, bytes):
            return self._source
        assert self._archive is not None, "only a package that was read has entries to keep"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for entry in self._archive.infolist():
                name = entry.filename
                content = b"" if entry.is_dir() else self._content(name, changed)
                # Writing sets sizes and positions in the entry, which reading still needs.
                archive.writestr(copy.copy(entry), content, compresslevel=LEVEL)
            archive.comment = self._archive.comment
        return out.getvalue()

    def canonical(
        self, stamp: datetime.date, changes: Mapping[str, bytes | Streamed] = _NOTHING
    ) -> bytes:
        """Write the package so that equal parts give equal bytes, whatever the clock or the folder.

        Parts go in a fixed order with a fixed date, the document's own dates become `stamp`, and
        XML is written in its canonical form: openpyxl writes it one way with lxml installed and
        another way without. Another build of zlib may deflate to other bytes; the parts stay equal.

        Args:
            stamp: Day on which the document was created and changed, as it states.
            changes: New content of some of its parts.

        Returns:
            The package in that form.

        Raises:
            FileError: A part is damaged, or not safe XML.
        """
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
            for name in ordered(self.names, self.read(CORE) if CORE in self else b""):
                new = changes.get(name)
                rows = new.rows if isinstance(new, Streamed) else ()
                content = new.frame if isinstance(new, Streamed) else new
                if content is None:
                    content = self._content(name, _NOTHING)
                try:
                    if name.endswith(_XML):
                        form = canonical_around_rows if name in self.sheets_written else canonical
                        content = _DECLARATION + form(content)
                    if name.lower() == CORE.lower():
                        content = sealed(stamped(content, stamp), archive.infolist())
                except xml_bytes.UnsafeXMLError as error:
                    raise self.unsafe(name, error) from None
                put(archive, name, content, rows, LEVEL)
        return out.getvalue()

    def for_an_engine(self, changes: Mapping[str, bytes | None]) -> bytes:
        """Write the package for a program that unpacks it at once, packed as quickly as can be.

        Args:
            changes: New content by the part's name; None leaves a part out.
        """
        kept = (name for name in self.names if changes.get(name, b"") is not None)
        return packed({name: self._content(name, changes) for name in kept})

    def _content(self, name: str, changes: Mapping[str, bytes | None]) -> bytes:
        """Return a part on its way to a file: it is not kept in memory for that."""
        content = changes.get(name, self._parts.get(name))
        return self._unpacked(name) if content is None else content

    def _related(self, part: str) -> Iterable[Element]:
        source = relationships_of(part)
        return self.tree(source) if source in self else ()

    def _workbook(self) -> str:
        for kind, target in self.relationships("").values():
            if kind == _OFFICE_DOCUMENT:
                if target.endswith(".bin"):
                    reason, remedy = "it is a binary workbook", "save it as .xlsx or .xlsm in Excel"
                    raise FileError(self.path, reason, remedy)
                if target in self:
                    return target
        raise FileError(self.path, "it holds no workbook", "is it really an .xlsx or .xlsm file?")


_DAMAGED: Final = "the file is damaged; open and repair it in Excel, or take a sound copy"

_UNREADABLE: Final = (ValueError, EOFError, NotImplementedError, OSError)
"""Errors of `zipfile`, besides its own, for a directory that points out of the file."""


def _opened(data: bytes, path: Path | str) -> zipfile.ZipFile:
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise FileError(path, "it is password protected", "remove the password in Excel first")
        raise FileError(path, "it is an old .xls file", "save it as .xlsx or .xlsm in Excel")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, struct.error, *_UNREADABLE):
        reason = "it is not a workbook: no zip archive can be read from it"
        remedy = "it may be cut short, or another kind of file with the wrong name"
        raise FileError(path, reason, remedy) from None


def _check_entries(entries: list[zipfile.ZipInfo], size: int, path: Path | str) -> None:
    """Refuse an archive that would unpack to too much, by the sizes that it declares."""
    remedy = "if you trust it, save it again in Excel"
    if len(entries) > MAX_ENTRIES:
        raise FileError(path, f"it has more than {MAX_ENTRIES:,} parts", remedy)
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_SIZE:
        raise FileError(path, f"it would unpack to more than {MAX_SIZE:,} bytes", remedy)
    if packed > size:
        raise FileError(path, "its parts lie one over another", _DAMAGED)
    for entry in entries:
        if entry.flag_bits & 1:
            raise FileError(path, "it is password protected", "remove the password first")
        if not _WITHIN.fullmatch(entry.filename):
            shown = ascii(entry.filename[:60])
            raise FileError(path, f"its part {shown} lies outside of it", _DAMAGED)
        if _bursts(entry.file_size, entry.compress_size):
            reason = f"its part {entry.filename} unpacks to {MAX_RATIO} times its size and more"
            raise FileError(path, reason, remedy)
    if _bursts(unpacked, packed):
        raise FileError(path, f"it unpacks to {MAX_RATIO} times its size and more", remedy)


def _bursts(unpacked: int, packed: int) -> bool:
    return unpacked > SMALL and unpacked > MAX_RATIO * packed


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Pack parts quickly, for a program that unpacks them at once.

    Args:
        parts: The parts by name, in their order.

    Returns:
        The package.
    """
    small = sum(map(len, parts.values())) <= _STORED
    kind = zipfile.ZIP_STORED if small else zipfile.ZIP_DEFLATED
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind, compresslevel=None if small else _QUICK) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def same_contents(one: bytes, other: bytes) -> bool:
    """Check whether two packages contain the same parts, however they are packed.

    Args:
        one: A package.
        other: Another; bytes that are no package are not the same as any.

    Returns:
        Whether every part has the same name and the same bytes, order aside.
    """
    try:
        first, second = Package(one), Package(other)
        return sorted(first.names) == sorted(second.names) and all(
            first.read(name) == second.read(name) for name in first.names
        )
    except FileError:
        return False
