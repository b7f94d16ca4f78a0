"""No engine opens a link, whatever part of a workbook it stands in."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from external import FORMULAS, KINDS, SHEET
from offices import needs_office

from xladdin.checking.recalc import recalc
from xladdin.checking.verify import verify
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.errors import FileError
from xladdin.xlsx.package import Package
from xladdin.xlsx.sheet_part import Layout

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux who opens files")


class Witness:
    """A server and a file, which notice whoever asks for them."""

    def __init__(self, folder: Path) -> None:
        self.calls: list[str] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        folder.mkdir()
        self.file = folder / "elsewhere.png"
        self.file.write_bytes(b"\x89PNG\r\n\x1a\n")
        libc = ctypes.CDLL(None, use_errno=True)
        self._notify = libc.inotify_init1(os.O_NONBLOCK)
        opened = 0x20
        assert libc.inotify_add_watch(self._notify, bytes(folder), opened) >= 0

    def addresses(self) -> tuple[str, str]:
        port = self._server.getsockname()[1]
        return f"http://127.0.0.1:{port}/elsewhere.png", self.file.as_uri()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.calls.append("the network")
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    connection.recv(1 << 16)
                    connection.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def opened(self) -> list[str]:
        """List what was asked for so far."""
        with contextlib.suppress(BlockingIOError):
            while event := os.read(self._notify, 4096):
                _, _, _, size = struct.unpack_from("iIII", event)
                self.calls.append(f"the file {event[16 : 16 + size].rstrip(bytes(1)).decode()}")
        return self.calls

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()
        os.close(self._notify)


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    made = Witness(tmp_path / "elsewhere")
    yield made
    made.close()


def open_all(folder: Path, witness: Witness, kind: str, engine: str) -> list[str]:
    """Have a workbook of a kind recalculated and verified, and return what was asked for."""
    for address in witness.addresses():
        path = folder / "book.xlsx"
        path.write_bytes(KINDS[kind](address).packed())
        try:
            recalc(path, in_place=True, engine=engine)
            verify([path], engine=engine)
            (formula,) = Layout(Package(path.read_bytes()).read(SHEET)).formulas
            assert formula.stored in (1, 2)
        except FileError:
            assert kind in FORMULAS
    return witness.opened()


@pytest.mark.sample(4)
@needs_office
@pytest.mark.parametrize("kind", KINDS)
def test_libreoffice(tmp_path: Path, witness: Witness, kind: str) -> None:
    assert open_all(tmp_path, witness, kind, "libreoffice") == []


@pytest.mark.sample(8)
@pytest.mark.parametrize("kind", KINDS)
def test_the_embedded_engine(tmp_path: Path, witness: Witness, kind: str) -> None:
    assert open_all(tmp_path, witness, kind, "embedded") == []


def test_the_witness_sees(witness: Witness) -> None:
    for address in witness.addresses():
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address).close()
    assert sorted(set(witness.opened())) == ["the file elsewhere.png", "the network"]


@needs_office
def test_what_the_office_would_open(
    tmp_path: Path, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the workbook as it is, LibreOffice reads a file that it links to."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(data := KINDS["a picture that fills"](witness.addresses()[1]).packed())
    monkeypatch.setattr(libreoffice, "copied", lambda _: data)
    recalc(path, engine="libreoffice")
    assert set(witness.opened()) == {"the file elsewhere.png"}
