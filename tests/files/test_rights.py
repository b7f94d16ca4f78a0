"""Rights of a file that is replaced: its mode, owner, attributes and lists of access."""

import errno
import os
import stat
import struct
from pathlib import Path
from typing import Any

import pytest
from saved_files import NEW, OLD, failing

from xladdin.files import save, save_copy, snapshot

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX's own")
ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="gives files to others"
)
ACL = "system.posix_acl_access"
# Version 2; then tag, rights and who: owner rw-, user 4242 r--, group ---, mask r--, others ---.
ENTRIES = ((1, 6, -1), (2, 4, 4242), (4, 0, -1), (16, 4, -1), (32, 0, -1))
ACL_BYTES = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in ENTRIES)


@POSIX
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


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o660, 0o400 | 0o200])
def test_no_moment_of_wider_rights(book: Path, monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    book.chmod(mode)
    seen: list[int] = []
    create, give = os.open, os.fchmod

    def created(path: Any, flags: int, *rest: int) -> int:
        handle = create(path, flags, *rest)
        if flags & os.O_CREAT:
            seen.append(stat.S_IMODE(os.fstat(handle).st_mode))
        return handle

    def given(handle: int, wanted: int) -> None:
        assert os.fstat(handle).st_size == 0, "rights come before the first byte"
        give(handle, wanted)
        seen.append(stat.S_IMODE(os.fstat(handle).st_mode))

    monkeypatch.setattr(os, "open", created)
    monkeypatch.setattr(os, "fchmod", given)
    save(book, NEW)
    assert seen
    assert all(found & ~mode == 0 for found in seen), [oct(found) for found in seen]
    assert stat.S_IMODE(book.stat().st_mode) == mode


@ROOT
def test_owner_and_group_stay(book: Path) -> None:
    os.chown(book, 4242, 4343)
    save(book, NEW)
    assert (book.stat().st_uid, book.stat().st_gid) == (4242, 4343)


@POSIX
def test_a_group_that_cannot_be_kept_gets_no_rights(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rights would be another group's."""
    book.chmod(0o664)
    monkeypatch.setattr(os, "fchown", failing(PermissionError(errno.EPERM, "no")))
    real = os.fstat

    class Other:
        def __init__(self, found: os.stat_result) -> None:
            self.found, self.st_gid = found, found.st_gid + 1

        def __getattr__(self, name: str) -> Any:
            return getattr(self.found, name)

    monkeypatch.setattr(os, "fstat", lambda handle: Other(real(handle)))
    save(book, NEW)
    assert stat.S_IMODE(book.stat().st_mode) == 0o644


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes of Linux")
class TestAttributes:
    @pytest.fixture(autouse=True)
    def _with_attributes(self, book: Path) -> None:
        try:
            os.setxattr(book, "user.note", b"kept")
        except OSError:
            pytest.skip("this disk has no extended attributes")

    def test_they_stay(self, book: Path) -> None:
        save(book, NEW)
        assert os.getxattr(book, "user.note") == b"kept"

    def test_an_acl_stays(self, book: Path) -> None:
        book.chmod(0o600)
        os.setxattr(book, ACL, ACL_BYTES)
        save(book, NEW)
        assert os.getxattr(book, ACL) == ACL_BYTES

    def test_without_its_acl_it_is_its_owners_alone(
        self, book: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The group's bits of its mode are the mask of the ACL, and not what the group may do."""
        book.chmod(0o600)
        os.setxattr(book, ACL, ACL_BYTES)
        monkeypatch.setattr(os, "setxattr", failing(OSError(errno.EPERM, "no")))
        save(book, NEW)
        assert stat.S_IMODE(book.stat().st_mode) == 0o600
        assert ACL not in os.listxattr(book)

    def test_the_folders_acl_gives_nobody_more(self, book: Path) -> None:
        book.chmod(0o660)
        os.setxattr(book.parent, "system.posix_acl_default", ACL_BYTES)
        save(book, NEW)
        assert stat.S_IMODE(book.stat().st_mode) == 0o660
        assert ACL not in os.listxattr(book)

    def test_what_the_system_guards_is_passed_over(
        self, book: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        book.chmod(0o640)
        real = os.setxattr
        os.setxattr(book, "user.other", b"kept, too")

        def refuse(at: Any, name: str, value: bytes) -> None:
            if name == "user.note":  # as security.* is for all but the system
                raise PermissionError(errno.EPERM, "no")
            real(at, name, value)

        monkeypatch.setattr(os, "setxattr", refuse)
        save(book, NEW)
        assert os.listxattr(book) == ["user.other"]
        assert stat.S_IMODE(book.stat().st_mode) == 0o640


@POSIX
def test_a_copy_is_not_for_more_eyes_than_its_file(book: Path) -> None:
    book.chmod(0o600)
    copy, _ = save_copy(book, OLD, "before")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    out = book.with_name("out.xlsx")
    save(out, NEW, snapshot(book, 1000))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    book.chmod(0o666)
    old = os.umask(0o027)
    try:
        save(book.with_name("other.xlsx"), NEW, snapshot(book, 1000))
    finally:
        os.umask(old)
    assert stat.S_IMODE(book.with_name("other.xlsx").stat().st_mode) == 0o640
