import os
import socket
import sys
from pathlib import Path

import pytest

from xladdin import reading
from xladdin.core.errors import FileError


def refusal(path: Path, most: int = 10) -> str:
    with pytest.raises(FileError) as caught:
        reading.read(path, most)
    said = str(caught.value)
    assert said.isprintable()
    assert said.startswith(str(path).replace("\0", " "))
    return said


@pytest.mark.parametrize("size", [0, 9, 10])
def test_a_file_up_to_its_limit(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * size)
    assert reading.read(path, 10) == b"x" * size


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
    assert "it is no ordinary file" in refusal(tmp_path)


def test_a_path_that_no_system_takes() -> None:
    assert refusal(Path("a\0b")).endswith("it cannot be read: embedded null byte")
    assert refusal(Path("a" * 5_000)).endswith("it cannot be read: File name too long")


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that Excel on Windows has open."""
    path = tmp_path / "a"
    path.write_bytes(b"x")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(path).endswith(
        "it cannot be read: The process cannot access the file; is it open in another program?"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_what_might_never_end_is_not_begun(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for path in (pipe, tmp_path / "socket", Path("/dev/zero")):
            assert "it is no ordinary file" in refusal(path)
