"""Chromium and Node.js for tests: where they are missing, tests are skipped, or fail."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from absences import BROWSER, required

HERE: Final = Path(__file__).parent

NODE: Final = shutil.which("node") or ""
CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or ""
PACKAGES: Final = HERE / "node_modules"
PYODIDE: Final = PACKAGES / "pyodide"


def _missing() -> str:
    if not NODE:
        return "Node.js is not there; on Debian: apt-get install nodejs npm"
    if not CHROMIUM:
        return "Chromium is not there; on Debian: apt-get install chromium"
    if not PYODIDE.is_dir():
        return "the packages are not there: npm ci --ignore-scripts in tests/excel/office_addin"
    return ""


MISSING: Final = _missing()

needs_browser = pytest.mark.skipif(
    bool(MISSING) and not required(BROWSER), reason=MISSING or "the browser is here"
)

POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
)
"""The header that docs/browser-addin.md gives for the server."""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Shows a folder as an ordinary server does, with the header of the docs."""

    extensions_map: Final = {  # type: ignore[misc]
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    policy = POLICY

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class PlainHandler(Handler):
    """The same without the header: the pages' own policies are left."""

    policy = ""


@contextlib.contextmanager
def shown(folder: Path, handler_class: type[Handler] = Handler) -> Iterator[str]:
    """Show a folder on an address of this machine; where it is, the folder may still be empty."""
    handler = functools.partial(handler_class, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def node(script: str, *arguments: str, seconds: int = 240) -> str:
    """Run a script of this folder, and give what it prints."""
    done = subprocess.run(
        [NODE, str(HERE / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        cwd=HERE,
    )
    assert not done.returncode, f"{script}: {done.stderr[-3000:]}\n{done.stdout[-1000:]}"
    return done.stdout


def browse(what: str, folder: Path, **work: Any) -> Any:
    """Do what `browser.mjs` calls so, and give its result."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"chromium": CHROMIUM, **work})
    (folder / "work.json").write_text(text, encoding="utf-8")
    node("browser.mjs", what, str(folder))
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def requested(folder: Path) -> set[str]:
    """List every address that pages and their workers sent for, from the browser's own log.

    What the browser asks on its own account, such as for updates of itself, has no origin.
    """
    log = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    start = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    sent = [event.get("params", {}) for event in log["events"] if event["type"] == start]
    return {one["url"] for one in sent if one.get("initiator", _NOBODY) != _NOBODY}


_NOBODY: Final = "not an origin"
