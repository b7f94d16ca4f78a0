"""The browser add-in as a folder: what goes in is read and judged, what was there is kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from xladdin.errors import VALUE, FileError, InputError, TermsError
from xladdin.excel.office_addin.contents import contents
from xladdin.files import Snapshot, read, remove, save, save_copy, snapshot
from xladdin.terms.parsing import NAME
from xladdin.terms.reader import read_terms
from xladdin.terms.store import SHIPPED

if TYPE_CHECKING:
    from xladdin.terms.model import Terms

LIST: Final = "contents.json"
"""The list of the files that were written, with their digests, by which the next run knows them."""

_MOST_BYTES: Final = 100_000_000
"""Largest file that is read; Pyodide's largest has a tenth."""

_PYODIDE: Final = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
_OLDEST_PYTHON: Final = (3, 11)
_OFFICE: Final = "office.js"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_ADDRESS: Final = re.compile(
    r"(?P<server>https?://(?:[a-z0-9][a-z0-9.-]*|\[[0-9a-f:.]+\]))"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<path>(?:/[a-z0-9._~%-]*)*)",
    re.IGNORECASE,
)
_MOST_PORT: Final = 65_535


class Written(NamedTuple):
    """What became of a folder."""

    written: int
    """Files that were written; the others had their content already."""
    files: int
    bytes: int
    removed: tuple[str, ...]
    """Files of an earlier run that are of no use any more."""
    left: tuple[str, ...]
    """Such files that were left, since somebody changed them."""
    copies: tuple[Path, ...]
    """Copies of files that were changed by somebody and replaced."""
    deals: tuple[str, ...]


def make(
    host: str,
    out: Path,
    *,
    deals: Path | None = None,
    pyodide: Path | None = None,
    office_js: Path | None = None,
    replace: bool = False,
) -> Written:
    """Make the folder of the add-in, or bring it up to date.

    Args:
        host: Address under which a web server will show the folder, such as
            ``https://intranet.example/xladdin``.
        out: The folder.
        deals: Folder with deals to bring, besides those that ship.
        pyodide: Folder of Pyodide to bring, such as npm's package; else it is loaded from its own
            address.
        office_js: Folder of Office.js to bring, ``dist`` of npm's package; else the same.
        replace: Whether to replace files, too, that somebody changed; a copy of each is kept.

    Returns:
        What was done.

    Raises:
        InputError: The address is none that Excel takes.
        FileError: A folder or a file cannot be used, or somebody changed a file of the add-in.
    """
    address = checked_host(host)
    for given in (deals, pyodide, office_js):
        if given is not None and given.resolve().is_relative_to(out.resolve()):
            reason = "it is in the add-in's own folder, where files are replaced and removed"
            raise FileError(given, reason, "keep it elsewhere")
    brought = read_deals(deals) if deals is not None else {}
    shipped = [read_terms(path) for path in sorted(SHIPPED.glob("*.toml"))]
    made = contents(
        address,
        brought,
        shipped=shipped,
        pyodide=None if pyodide is None else read_pyodide(pyodide),
        office_js=None if office_js is None else read_office_js(office_js),
    )
    names = (*(terms.name for terms in shipped), *(terms.name for _, terms in brought.values()))
    return _write(out, made, names, replace=replace)


def checked_host(host: str) -> str:
    """Check an address; return it with the server in small letters and no slash at its end.

    The add-in's identifier is made of that.
    """
    found = _ADDRESS.fullmatch(host)
    if found is None and host.lower().startswith("https://"):
        rule = (
            "must have the form https://SERVER/FOLDER, without blanks (%20 stands for one), and "
            "with the server's name as in its certificate (xn--... for letters beyond A to Z)"
        )
    else:
        rule = (
            "must be an address that starts with https://, such as https://intranet.example/xladdin"
        )
    if found is None or int(found["port"] or 1) > _MOST_PORT:
        raise InputError(VALUE, "--host", host, rule)
    server = found["server"].lower()
    if server.startswith("http://") and server.removeprefix("http://") not in _LOOPBACK:
        raise InputError(VALUE, "--host", host, rule)
    port = f":{found['port']}" if found["port"] else ""
    return f"{server}{port}{found['path'].rstrip('/')}"


def read_deals(folder: Path) -> dict[str, tuple[bytes, Terms]]:
    """Read the deals of a folder.

    Returns:
        By the name of each file, its text and its terms.

    Raises:
        FileError: There is no deal in the folder.
        TermsError: A file is wrong, or its name is one of a deal that ships.
    """
    _refuse_missing(folder)
    # Not by a pattern, in which capitals count on some systems and not on others.
    paths = sorted(path for path in folder.iterdir() if path.suffix.casefold() == ".toml")
    if not paths:
        reason = "it has no deal, which would be a file NAME.toml; folders in it are not searched"
        raise FileError(folder, reason)
    taken = {path.stem.casefold() for path in SHIPPED.glob("*.toml")}
    found: dict[str, tuple[bytes, Terms]] = {}
    for path in paths:
        if not NAME.match(path.stem):
            raise TermsError(path, "", "its name is not one of a deal", "rename it")
        if path.stem.casefold() in taken:
            raise TermsError(path, "name", "another deal has that name", "rename it")
        taken.add(path.stem.casefold())
        found[f"{path.stem}.toml"] = (read(path, _MOST_BYTES), read_terms(path))
    return found


def read_pyodide(folder: Path) -> dict[str, bytes]:
    """Read the files of Pyodide that the add-in needs.

    Raises:
        FileError: One is missing, or the Pyodide's Python is too old.
    """
    _refuse_missing(folder)
    found = {name: read(folder / name, _MOST_BYTES) for name in _PYODIDE}
    lock = folder / "pyodide-lock.json"
    try:
        version = json.loads(found[lock.name])["info"]["python"]
        numbers = tuple(map(int, version.split(".")[:2]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FileError(lock, "it does not say which Python it has") from None
    if numbers < _OLDEST_PYTHON:
        raise FileError(folder, f"its Python is {version}; it takes 3.11 or later", "take a newer")
    return found


def read_office_js(folder: Path) -> dict[str, bytes]:
    """Read the files of Office.js.

    Raises:
        FileError: It has no office.js, or a file cannot be read.
    """
    _refuse_missing(folder)
    if not (folder / _OFFICE).is_file():
        raise FileError(folder, f"it has no {_OFFICE}", "give the folder `dist` of Office.js")
    return {
        path.relative_to(folder).as_posix(): read(path, _MOST_BYTES)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not re.search(r"\.debug\.js$|\.map$|\.d\.ts$", path.name)
    }


def _refuse_missing(folder: Path) -> None:
    if not folder.is_dir():
        raise FileError(folder, "there is no such folder")


def _write(
    out: Path, made: Mapping[str, bytes], deals: tuple[str, ...], *, replace: bool
) -> Written:
    """Write the files; what somebody changed is refused before anything is written, or kept."""
    listing = snapshot(out / LIST, _MOST_BYTES)
    before = _listed(listing)
    found = {name: snapshot(out / name, _MOST_BYTES) for name in made}
    changed = [
        one
        for name, one in found.items()
        if one.data not in (None, made[name]) and one.digest != (before or {}).get(name)
    ]
    if listing.data is not None and before is None:
        changed.append(listing)
    before = before or {}
    if changed and not replace:
        others = f", and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise FileError(
            changed[0].path,
            f"somebody changed it, or it is not of this add-in{others}",
            "nothing was written; give another folder, or --replace, which keeps a copy",
        )
    copies = [save_copy(one.path, one.content, "old")[0] for one in changed]
    # What the other files name goes first, and what names them last.
    last = ("config.json", "taskpane.html", "manifest.xml")
    order = sorted(made, key=lambda name: (name in last, name))
    written = sum(save(out / name, made[name], found[name]) for name in order)
    gone = {name: snapshot(out / name, _MOST_BYTES) for name in before.keys() - made.keys()}
    ours = {name: one for name, one in gone.items() if one.digest == before[name]}
    for one in ours.values():
        remove(one.path, one)
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(made.items())}
    text = json.dumps({"files": listed}, indent=1) + "\n"
    save(out / LIST, text.encode(), listing)
    return Written(
        written,
        len(made),
        sum(map(len, made.values())),
        tuple(sorted(ours)),
        tuple(
            sorted(name for name, one in gone.items() if one.data is not None and name not in ours)
        ),
        tuple(copies),
        deals,
    )


def _listed(listing: Snapshot) -> dict[str, str] | None:
    """Read which files an earlier run wrote; what is not a plain path within the folder is not.

    Returns:
        The files with their digests; None if the file is no such list.
    """
    try:
        files = json.loads(listing.data or b'{"files": {}}')["files"]
        return {
            name: digest
            for name, digest in files.items()
            if isinstance(digest, str) and _is_within(name)
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_within(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
    )
