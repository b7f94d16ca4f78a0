import datetime
import io
import struct
import time
import zipfile
from collections.abc import Mapping

import openpyxl
import pytest

from xladdin.errors import FileError
from xladdin.xlsx import package as archive
from xladdin.xlsx.package import Package, same_contents

STAMP = datetime.date(2001, 11, 1)


def made(text: str = "x") -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = text
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def zipped(parts: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return buffer.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        return {name: source.read(name) for name in source.namelist()}


def changed(data: bytes, **parts: bytes) -> bytes:
    return zipped(parts_of(data) | {name.replace("__", "/"): new for name, new in parts.items()})


def test_a_workbook_opens() -> None:
    package = Package(made())
    assert package.workbook == "xl/workbook.xml"
    assert "XL/Workbook.XML" in package
    assert package.read("xl/WORKBOOK.xml").startswith(b"<")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a workbook"),
        (b"just text", "not a workbook"),
        (b"PK\x03\x04 torn", "not a workbook"),
        (made()[:-40], "not a workbook"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "an old .xls file"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "password protected",
        ),
        (zipped({"readme.txt": b"hello"}), "holds no workbook"),
    ],
)
def test_other_files_are_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words):
        Package(data, "book.xlsx")


def test_binary_workbooks_are_named_as_such() -> None:
    data = made()
    rels = parts_of(data)["_rels/.rels"].replace(b"xl/workbook.xml", b"xl/workbook.bin")
    with pytest.raises(FileError, match="binary workbook"):
        Package(changed(data, **{"_rels__.rels": rels}))


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = changed(made(), xl__big=bytes(64 << 20))
    unpacked: list[str] = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda _, name, *__: unpacked.append(str(name)))
    with pytest.raises(FileError, match="times its size"):
        Package(data)
    assert unpacked == []


def test_too_much_in_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_SIZE", 1000)
    with pytest.raises(FileError, match="more than 1,000 bytes"):
        Package(made())


def test_too_many_parts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    with pytest.raises(FileError, match="more than 3 parts"):
        Package(made())


def test_a_size_that_lies_unpacks_to_no_more_than_it_says() -> None:
    """The directory says 10 bytes of a part that holds a million."""
    data = bytearray(changed(made(), xl__big=b"a" * 1_000_000))
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/big"))
    assert struct.unpack_from("<I", data, at + 24)[0] == 1_000_000
    struct.pack_into("<I", data, at + 24, 10)
    with pytest.raises(FileError, match="cannot be unpacked"):
        Package(bytes(data)).read("xl/big")


def test_a_directory_that_leads_out_of_the_file_is_refused() -> None:
    """A count of bytes before the archive that lies gives parts a place before its beginning."""
    data = bytearray(made())
    end = data.rindex(b"PK\x05\x06")
    (start,) = struct.unpack_from("<I", data, end + 16)
    struct.pack_into("<I", data, end + 16, start + 50)
    with pytest.raises(FileError, match=r"is damaged|no zip archive|cannot be unpacked"):
        Package(bytes(data)).read("xl/workbook.xml")


def test_a_damaged_part_is_named() -> None:
    data = bytearray(zipped(parts_of(made()) | {"xl/big": b"abc" * 99}, zipfile.ZIP_STORED))
    data[data.index(b"abcabc")] ^= 1
    with pytest.raises(FileError, match="xl/big cannot be unpacked"):
        Package(bytes(data)).read("xl/big")


def test_names_twice_are_refused() -> None:
    with pytest.raises(FileError, match="twice"):
        Package(zipped(parts_of(made()) | {"XL/workbook.xml": b"<a/>"}))


@pytest.mark.parametrize(
    "text",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0" encoding="UTF-16"?><a/>',
        "<a/>".encode("utf-16"),
        b"<a>",
        b"",
    ],
)
def test_unsafe_xml_is_refused(text: bytes) -> None:
    with pytest.raises(FileError, match=r"_rels/\.rels cannot be read"):
        Package(changed(made(), **{"_rels__.rels": text}))


def test_normalised_bytes_do_not_depend_on_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Package(made()).canonical(STAMP)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 90_061)
    parts = parts_of(made())
    shuffled = dict(reversed(parts.items()))
    core = parts["docProps/core.xml"]
    assert STAMP.isoformat().encode() not in core
    assert Package(zipped(shuffled, zipfile.ZIP_STORED)).canonical(STAMP) == first
    assert Package(first).canonical(STAMP) == first


def test_normalised_packages_say_what_they_should() -> None:
    with zipfile.ZipFile(io.BytesIO(Package(made()).canonical(STAMP))) as found:
        names = found.namelist()
        assert names[:2] == ["[Content_Types].xml", "_rels/.rels"]
        assert names[2:] == sorted(names[2:])
        for entry in found.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert (entry.create_system, entry.external_attr) == (3, 0o600 << 16)
            assert entry.compress_type == zipfile.ZIP_DEFLATED
    book = openpyxl.load_workbook(io.BytesIO(Package(made()).canonical(STAMP)))
    assert book.properties.created == datetime.datetime(2001, 11, 1)
    assert book.properties.modified == datetime.datetime(2001, 11, 1)


def test_replacing_a_part_leaves_the_others() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for number, (name, content) in enumerate(reversed(parts_of(made()).items())):
            entry = zipfile.ZipInfo(name, (2000 + number, 3, 4, 5, 6, 8))
            entry.compress_type = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)[number % 2]
            entry.external_attr = number << 16
            entry.comment = b"kept"
            target.writestr(entry, content)
        target.comment = b"all of it"
    data = buffer.getvalue()
    new = Package(data).with_changes({"xl/workbook.xml": b"<other/>"})

    def described(data: bytes) -> tuple[object, ...]:
        with zipfile.ZipFile(io.BytesIO(data)) as found:
            entries = [
                (
                    entry.filename,
                    entry.date_time,
                    entry.compress_type,
                    entry.external_attr,
                    entry.create_system,
                    entry.comment,
                )
                for entry in found.infolist()
            ]
            return entries, found.comment

    assert described(new) == described(data)
    assert parts_of(new) == parts_of(data) | {"xl/workbook.xml": b"<other/>"}


def test_replacing_with_the_same_is_nothing() -> None:
    data = made()
    assert (
        Package(data).with_changes({"xl/workbook.xml": parts_of(data)["xl/workbook.xml"]}) is data
    )


def test_replacing_what_is_not_there_is_refused() -> None:
    with pytest.raises(FileError, match="xl/none is missing"):
        Package(made()).with_changes({"xl/none": b""})


def test_same_contents() -> None:
    data = Package(made()).canonical(STAMP)
    assert same_contents(data, zipped(parts_of(data), zipfile.ZIP_STORED))
    assert not same_contents(data, Package(made("y")).canonical(STAMP))
    assert not same_contents(data, b"")
