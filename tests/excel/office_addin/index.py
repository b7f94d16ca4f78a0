"""A package index on this machine, and wheels to put into it."""

from __future__ import annotations

import contextlib
import html
import http.server
import os
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, ClassVar, Final

from absences import BROWSER, missing
from paths import ROOT


def installed_wheel(name: str, folder: Path) -> Path:
    """Pack an installed package of pure Python into a wheel again."""
    found = distribution(name)
    path = folder / f"{re.sub('[-.]+', '_', found.name)}-{found.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in found.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                archive.write(str(file.locate()), str(file))
    return path


def own_wheel(folder: Path) -> Path:
    """Find the wheel of this package, or build it."""
    given = os.environ.get("XLADDIN_WHEEL")
    if given:
        return Path(given)
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        missing(f"the wheel cannot be built here: {done.stderr[-300:]}", BROWSER)
    [wheel] = folder.glob("xladdin-*.whl")
    return wheel


def downloaded(folder: Path) -> list[Path]:
    """Find the wheels of micropip for Pyodide's Python, or download them."""
    given = os.environ.get("XLADDIN_MICROPIP")
    if not given:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *FOR_PYODIDE]
        command += ["--dest", str(folder / "micropip"), *MICROPIP]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            missing(f"micropip cannot be downloaded here: {done.stderr[-300:]}", BROWSER)
    return sorted(Path(given or folder / "micropip").glob("*.whl"))


MICROPIP: Final = ("micropip==0.11.1", "packaging")
FOR_PYODIDE: Final = ("--python-version", "3.14", "--only-binary", ":all:")


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as a simple index does (PEP 503)."""

    wheels: ClassVar[dict[str, Path]] = {}

    def do_GET(self) -> None:
        name = self.path.strip("/").split("/")[-1]
        if name.endswith(".whl"):
            self._send(self.wheels[name].read_bytes(), "application/octet-stream")
            return
        links = [wheel for wheel in self.wheels if _project(wheel) == name]
        if not links:
            self.send_error(404)
            return
        listed = "".join(
            f'<a href="/files/{html.escape(one)}">{html.escape(one)}</a><br>' for one in links
        )
        self._send(f"<!doctype html><body>{listed}</body>".encode(), "text/html")

    def _send(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


def _project(wheel: str) -> str:
    return re.sub(r"[-_.]+", "-", wheel.split("-")[0]).lower()


@contextlib.contextmanager
def index(wheels: Sequence[Path]) -> Iterator[str]:
    """Offer wheels as a package index on an address of this machine."""
    handler = type("_Handler", (Handler,), {"wheels": {path.name: path for path in wheels}})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/simple"
        finally:
            server.shutdown()
            thread.join()
