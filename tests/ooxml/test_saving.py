import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from xladdin.core.errors import FileError
from xladdin.ooxml.saving import save

OLD, NEW = b"old" * 100, b"new" * 200


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(OLD)
    return path


def failing(error: BaseException) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def alone(path: Path) -> bool:
    """Whether nothing but the file is left in its folder."""
    return list(path.parent.iterdir()) == [path]


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "book.xlsx"
    assert save(path, OLD)
    assert save(str(path), NEW)
    assert path.read_bytes() == NEW
    assert alone(path)


def test_the_same_bytes_are_not_written(book: Path) -> None:
    os.utime(book, (1, 1))
    assert not save(book, OLD)
    assert book.stat().st_mtime == 1


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_modes(book: Path) -> None:
    book.chmod(0o640)
    save(book, NEW)
    assert stat.S_IMODE(book.stat().st_mode) == 0o640
    old = os.umask(0o027)
    try:
        save(book.with_name("new.xlsx"), NEW)
    finally:
        os.umask(old)
    assert stat.S_IMODE(book.with_name("new.xlsx").stat().st_mode) == 0o640


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_is_followed(book: Path) -> None:
    link = book.with_name("link.xlsx")
    link.symlink_to(book)
    save(link, NEW)
    assert link.is_symlink()
    assert book.read_bytes() == NEW


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "no permission"),
        (OSError(errno.EROFS, "Read-only file system"), "read-only"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
)
def test_a_failure_leaves_the_old_file(
    book: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: OSError, words: str
) -> None:
    monkeypatch.setattr(os, step, failing(error))
    with pytest.raises(FileError, match=words) as caught:
        save(book, NEW)
    assert caught.value.path == book
    assert caught.value.remedy
    assert book.read_bytes() == OLD
    assert alone(book)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), MemoryError()])
def test_an_interruption_leaves_the_old_file(
    book: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(os, "replace", failing(error))
    with pytest.raises(type(error)):
        save(book, NEW)
    assert book.read_bytes() == OLD
    assert alone(book)


def test_windows_sharing_violation(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = PermissionError(errno.EACCES, "in use")
    error.winerror = 32  # type: ignore[attr-defined,unused-ignore]
    monkeypatch.setattr(os, "replace", failing(error))
    with pytest.raises(FileError, match="open in another program"):
        save(book, NEW)


def test_a_read_only_folder(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", failing(PermissionError(errno.EACCES, "denied")))
    with pytest.raises(FileError, match="no permission"):
        save(book, NEW)


def test_a_read_only_file(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileError, match="read-only"):
        save(book, NEW)
    assert book.read_bytes() == OLD


@pytest.mark.parametrize(
    ("owner", "program"), [("~$book.xlsx", "Excel"), (".~lock.book.xlsx#", "LibreOffice")]
)
def test_an_open_workbook_is_left_alone(book: Path, owner: str, program: str) -> None:
    book.with_name(owner).write_bytes(b"")
    with pytest.raises(FileError, match=f"open in {program}"):
        save(book, NEW)
    assert book.read_bytes() == OLD


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="a folder"):
        save(tmp_path, NEW)


def test_a_file_is_no_folder(book: Path) -> None:
    with pytest.raises(FileError, match="where its folder should be"):
        save(book / "inner.xlsx", NEW)
