"""Files: read whole, saved whole, and never over somebody else's."""

import errno
import os
import socket
import time
from pathlib import Path

import pytest
from saved_files import NEW, OLD, failing

from xladdin import files
from xladdin.errors import FileError, visible
from xladdin.files import refuse_shared_targets, remove, save, save_copy, snapshot

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX's own")


def refusal(path: Path, most: int = 10) -> str:
    with pytest.raises(FileError) as caught:
        files.read(path, most)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith(visible(str(path)))
    return message


@pytest.mark.parametrize("size", [0, 9, 10])
def test_a_file_up_to_its_limit(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * size)
    assert files.read(path, 10) == b"x" * size


def test_a_file_past_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 11)
    assert "it is larger than 10 bytes" in refusal(path)


def test_no_more_than_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a terabyte of nothing
    assert "it is larger than 1,000 bytes" in refusal(path, 1_000)


def test_nothing_there(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "a")
    assert "there is no such file" in refusal(tmp_path / "no" / "a")


def test_a_folder(tmp_path: Path) -> None:
    assert "it is a folder" in refusal(tmp_path)


def test_a_path_that_no_system_takes() -> None:
    assert refusal(Path("a\0b")).endswith("it cannot be read: embedded null byte")
    assert refusal(Path("a" * 5_000)).endswith("it cannot be read: File name too long")


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that Excel on Windows has open."""
    path = tmp_path / "a"
    path.write_bytes(b"x")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(os, "open", refuse)
    assert refusal(path).endswith(
        "it cannot be read: The process cannot access the file; is it open in another program?"
    )


@POSIX
def test_what_might_never_end_is_not_begun(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for path in (pipe, tmp_path / "socket", Path("/dev/zero")):
            assert "it is no ordinary file" in refusal(path)


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


@POSIX
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
    monkeypatch.setattr(os, "open", failing(PermissionError(errno.EACCES, "denied")))
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


@POSIX
def test_an_open_workbook_behind_a_link_is_left_alone(book: Path) -> None:
    link = book.with_name("link.xlsx")
    link.symlink_to(book)
    for name in ("~$link.xlsx", "~$book.xlsx"):
        book.with_name(name).write_bytes(b"")
        with pytest.raises(FileError, match="open in Excel"):
            save(link, NEW)
        book.with_name(name).unlink()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="a folder"):
        save(tmp_path, NEW)


def test_a_file_is_no_folder(book: Path) -> None:
    with pytest.raises(FileError, match="where its folder should be"):
        save(book / "inner.xlsx", NEW)


@POSIX
def test_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    link = tmp_path / "link.xlsx"
    link.symlink_to(link)
    with pytest.raises(FileError, match="a link that leads to itself"):
        save(link, NEW)
    with pytest.raises(FileError, match="a link that leads to itself"):
        save(link / "inner.xlsx", NEW)
    assert "a link that leads to itself" in refusal(link)
    assert alone(link)


@POSIX
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.xlsx"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.xlsx"))
        for path in (pipe, tmp_path / "socket.xlsx", Path("/dev/null"), tmp_path):
            link = tmp_path / "link.xlsx"
            link.symlink_to(path)
            before = path.stat()
            for shown in (path, link):
                with pytest.raises(FileError, match=r"no ordinary file|a folder") as caught:
                    save(shown, NEW)
                assert "\n" not in str(caught.value)
            assert (path.stat().st_ino, path.stat().st_mode) == (before.st_ino, before.st_mode)
            link.unlink()


@POSIX
def test_a_file_of_two_names_is_refused(book: Path) -> None:
    other = book.with_name("other.xlsx")
    os.link(book, other)
    with pytest.raises(FileError, match="several names"):
        save(book, NEW)
    assert book.read_bytes() == other.read_bytes() == OLD


@pytest.mark.parametrize("length", [200, 247, 248, 250, 255])
@pytest.mark.parametrize("letter", ["a", "é"])
def test_names_as_long_as_they_can_be(tmp_path: Path, length: int, letter: str) -> None:
    stem = "a" * (length % 2) + letter * ((length - 5 - length % 2) // len(letter.encode()))
    path = tmp_path / f"{stem.ljust(1, 'a')}.xlsx"
    assert length - 2 <= len(os.fsencode(path.name)) <= length
    for data in (OLD, NEW):
        assert save(path, data)
        assert path.read_bytes() == data
    assert alone(path)
    with pytest.raises(FileError, match="longer than the disk allows"):
        save(path.with_name("a" * 256), NEW)


class TestChangedMeanwhile:
    """Somebody saves the file between the reading and the saving."""

    @pytest.mark.parametrize("theirs", [b"their" * 60, b"b" * len(OLD), b""])
    def test_refused(self, book: Path, theirs: bytes) -> None:
        since = snapshot(book, 1000)
        times = book.stat()
        book.write_bytes(theirs)
        os.utime(book, ns=(times.st_atime_ns, times.st_mtime_ns))
        with pytest.raises(FileError, match="it was changed meanwhile"):
            save(book, NEW, since)
        assert book.read_bytes() == theirs
        assert alone(book)

    def test_removed(self, book: Path) -> None:
        since = snapshot(book, 1000)
        book.unlink()
        with pytest.raises(FileError, match="removed meanwhile"):
            save(book, NEW, since)
        assert not book.exists()

    def test_between_the_writing_and_the_move(
        self, book: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        since = snapshot(book, 1000)
        real = os.fsync

        def theirs(handle: int) -> None:
            real(handle)
            book.write_bytes(b"theirs")

        monkeypatch.setattr(os, "fsync", theirs)
        with pytest.raises(FileError, match="changed meanwhile"):
            save(book, NEW, since)
        assert book.read_bytes() == b"theirs"
        assert alone(book)

    def test_a_new_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "new.xlsx"
        since = snapshot(path, 1000)
        assert since.data is None
        assert save(path, OLD, since)
        assert path.stat().st_nlink == 1
        with pytest.raises(FileError, match="changed meanwhile"):
            save(path, NEW, since)
        other = tmp_path / "other.xlsx"
        since = snapshot(other, 1000)
        # At the last moment, when no comparing helps any more.
        monkeypatch.setattr(files, "_refuse_changed", lambda *_: other.write_bytes(b"theirs"))
        with pytest.raises(FileError, match="meanwhile"):
            save(other, NEW, since)
        assert other.read_bytes() == b"theirs"

    def test_the_same_content_again_is_no_change(self, book: Path) -> None:
        since = snapshot(book, 1000)
        book.unlink()
        book.write_bytes(OLD)
        assert save(book, NEW, since)

    def test_of_another_file(self, book: Path) -> None:
        since = snapshot(book, 1000)
        book.write_bytes(b"theirs")
        assert save(book.with_name("copy.xlsx"), NEW, since)

    def test_while_it_is_read(self, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        real, calls = os.fstat, 0

        def growing(handle: int) -> os.stat_result:
            nonlocal calls
            calls += 1
            if calls == 2:
                with book.open("ab") as file:
                    file.write(b"more")
            return real(handle)

        monkeypatch.setattr(os, "fstat", growing)
        with pytest.raises(FileError, match="changed while it was read"):
            snapshot(book, 1000)

    def test_a_write_that_goes_on_while_it_is_read(
        self, book: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its size and time are those at which the write began."""

        def writing(_: float) -> None:
            found = book.stat()
            book.write_bytes(b"T" * found.st_size)
            os.utime(book, ns=(found.st_atime_ns, found.st_mtime_ns))

        book.write_bytes(b"ours")
        monkeypatch.setattr(time, "sleep", writing)
        monkeypatch.setattr(time, "time_ns", lambda: book.stat().st_mtime_ns)
        with pytest.raises(FileError, match="changed while it was read"):
            snapshot(book, 1000)

    def test_removing(self, book: Path) -> None:
        since = snapshot(book, 1000)
        book.write_bytes(b"theirs")
        with pytest.raises(FileError, match="changed meanwhile"):
            remove(book, since)
        remove(book, snapshot(book, 1000))
        assert not book.exists()


def test_copies_take_names_that_are_free(book: Path) -> None:
    assert save_copy(book, OLD, "before") == (book.with_name("book.before.xlsx"), True)
    assert save_copy(book, OLD, "before") == (book.with_name("book.before.xlsx"), False)
    assert save_copy(book, NEW, "before") == (book.with_name("book.before 2.xlsx"), True)
    book.with_name("book.before 2.xlsx").chmod(0o400)
    assert save_copy(book, b"third", "before") == (book.with_name("book.before 3.xlsx"), True)
    assert book.with_name("book.before.xlsx").read_bytes() == OLD


def test_the_copy_of_a_long_name(book: Path) -> None:
    path = book.rename(book.with_name("é" * 120 + ".xlsx"))
    names = []
    for data in (OLD, NEW):
        copy, written = save_copy(path, data, "before")
        assert written
        assert copy.read_bytes() == data
        names.append(copy.name)
    assert names == ["é" * 120 + ".before.xlsx", "é" * 120 + ".before 2.xlsx"]
    path = path.rename(path.with_name("é" * 125 + ".xlsx"))
    assert save_copy(path, b"1", "before")[0].name == "é" * 121 + ".before.xlsx"
    assert save_copy(path, b"2", "before")[0].name == "é" * 120 + ".before 3.xlsx"


class TestSharedTargets:
    @pytest.mark.parametrize(
        ("first", "second"),
        [("a/x.xlsx", "b/x.xlsx"), ("a/x.xlsx", "b/X.XLSX"), ("a/é.xlsx", "b/e\u0301.xlsx")],
    )
    def test_one_name_in_one_folder(self, tmp_path: Path, first: str, second: str) -> None:
        out = tmp_path / "o"
        pairs = [(Path(name), out / Path(name).name) for name in (first, second)]
        with pytest.raises(FileError, match="would both go to") as caught:
            refuse_shared_targets(pairs)
        assert str(caught.value).startswith(visible(second))
        refuse_shared_targets([pairs[0], (Path("b/y.xlsx"), out / "y.xlsx")])

    @POSIX
    def test_files_replaced_themselves(self, book: Path) -> None:
        link = book.with_name("link.xlsx")
        link.symlink_to(book)
        with pytest.raises(FileError, match="the same file"):
            refuse_shared_targets([(book, book), (link, link)])
        with pytest.raises(FileError, match="the same file"):
            refuse_shared_targets([(book, book), (book, book)])
        upper = book.with_name("BOOK.xlsx")
        if not upper.exists():  # where case distinguishes files, these are two
            upper.write_bytes(OLD)
            refuse_shared_targets([(book, book), (upper, upper)])


@POSIX
def test_what_a_kill_left_behind(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old temporary files go, young ones may be in use, and a second name of the file goes."""
    monkeypatch.setattr(os, "replace", failing(KeyboardInterrupt()))
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            save(book, NEW)
    monkeypatch.undo()
    first, _ = left = sorted(book.parent.glob(".*.tmp"))
    assert len(left) == 2
    assert all(path.stat().st_mode == book.stat().st_mode for path in left)
    os.utime(first, (1, 1))
    second_name = left[1].with_name(left[1].name[:-10] + "000000.tmp")
    os.link(book, second_name)
    assert save(book, NEW)
    assert sorted(book.parent.glob(".*.tmp")) == [left[1]]


def test_visible() -> None:
    text = "a\x1b[2J\x9b\u202eb\r\n\t\u2028\ud800\u200bé C:\\x"
    assert visible(text) == r"a\x1b[2J\x9b\u202eb\r\n\t\u2028\ud800\u200bé C:\x"
    assert visible("Jörg Müller 5 000\u00a0€ क्ष 日本") == "Jörg Müller 5 000\u00a0€ क्ष 日本"
