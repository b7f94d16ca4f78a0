"""The files of the browser add-in, made in memory: what `folder` writes."""

from __future__ import annotations

import hashlib
import html
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from xladdin._version import __version__
from xladdin.calendars import closures_listed
from xladdin.excel.office_addin.calls import CLOSURES
from xladdin.excel.office_addin.manifest import manifest
from xladdin.excel.office_addin.metadata import functions_metadata, help_page, reference
from xladdin.files.archives import archive, packaged
from xladdin.terms.model import Terms

PYODIDE: Final = "314.0.7"
"""Version of Pyodide that is loaded from its own address, the one that was tried."""

PYODIDE_ADDRESS: Final = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE}/full/"
OFFICE_ADDRESS: Final = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"

PACKAGED: Final = (
    "excel/__init__.py",
    "excel/office_addin/__init__.py",
    "excel/office_addin/calls.py",
    "excel/office_values.py",
    "excel/values.py",
)
"""Files of the package that the browser's Python gets, beside those that compute."""

_STATIC: Final = Path(__file__).with_name("static")

_HELP_POLICY: Final = (
    "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
)


def contents(
    host: str,
    deals: Mapping[str, tuple[bytes, Terms]],
    *,
    shipped: Iterable[Terms] = (),
    pyodide: Mapping[str, bytes] | None = None,
    office_js: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """Make every file of the add-in.

    Args:
        host: Address under which the folder will stand, without a slash at its end.
        deals: Deals to bring, by the names of their files, with their texts and terms.
        shipped: Deals that come with the package.
        pyodide: Files of Pyodide to bring; if None, it is loaded from its own address.
        office_js: Files of Office.js to bring; if None, it is loaded from its own address.

    Returns:
        The files by their paths in the folder; the same for the same arguments, wherever made.
    """
    office = OFFICE_ADDRESS if office_js is None else "office-js/office.js"
    made = {path: _text(path) for path in _names("*.js", "*.css")}
    made |= {path: (_STATIC / path).read_bytes() for path in _names("icons/*.png")}
    archive = python_archive()
    path = f"python/xladdin-{__version__}.zip"
    brought = {f"deals/{name}": data for name, (data, _) in deals.items()}
    configuration = {
        "version": __version__,
        "pyodide": PYODIDE_ADDRESS if pyodide is None else "pyodide/",
        "python": _file(path, archive),
        "deals": [_file(name, data) for name, data in brought.items()],
    }
    known = [*shipped, *(terms for _, terms in deals.values())]
    made |= {
        path: archive,
        **brought,
        **{f"pyodide/{name}": data for name, data in (pyodide or {}).items()},
        **{f"office-js/{name}": data for name, data in (office_js or {}).items()},
        "config.json": _json(configuration),
        "functions.json": _json(functions_metadata(host)),
        "help.html": help_page(_HELP_POLICY).encode(),
        "manifest.xml": manifest(host).encode(),
        "reference.json": _json(reference(known)),
        "taskpane.html": _pane(office),
    }
    return made


def python_archive() -> bytes:
    """Pack the part of the package that computes, with the closures of exchanges as plain days.

    So the browser needs no other package: no calendar library and no wheel from elsewhere.
    """
    files = {f"xladdin/{name}": text for name, text in packaged(*PACKAGED)}
    files[f"xladdin/excel/office_addin/{CLOSURES}"] = closures_listed()
    return archive(files, zipfile.ZIP_DEFLATED)


def _names(*patterns: str) -> list[str]:
    return [
        path.relative_to(_STATIC).as_posix()
        for pattern in patterns
        for path in sorted(_STATIC.glob(pattern))
    ]


def _text(name: str) -> bytes:
    # Read as text: a checkout on Windows has other line ends.
    return (_STATIC / name).read_text(encoding="utf-8").encode()


def _pane(office: str) -> bytes:
    """Write the pane's page; it may load scripts from its own address, and Excel's."""
    scripts = "'self'" if office != OFFICE_ADDRESS else "'self' https://appsforoffice.microsoft.com"
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
    )
    page = _text("taskpane.html").decode()
    return page.format(policy=html.escape(policy), office=office).encode()


def _file(path: str, data: bytes) -> dict[str, str]:
    return {"path": path, "sha256": hashlib.sha256(data).hexdigest()}


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()
