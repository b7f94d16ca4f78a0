"""The deals that are installed: those shipped with the package, and the user's own."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from xladdin.cells import day_of
from xladdin.errors import NUM, VALUE, TermsError, quoted
from xladdin.terms.parsing import NAME

if TYPE_CHECKING:
    from xladdin.terms.model import Terms
    from xladdin.terms.selection import Selection

DEFAULT_DEAL = "NEOT-2001"
"""Deal of a call without a `terms` text."""

ENVIRONMENT = "XLADDIN_DEALS"
"""Environment variable that names the user's folder of deals."""

OFFERED = "XLADDIN_OFFERED_DEALS"
"""Environment variable that names a folder of further deals. It passes the deals offered in this
process to another one, such as LibreOffice."""

SHIPPED = Path(__file__).parent / "deals"


class UnknownTerms(LookupError):  # noqa: N818  (named after the argument)
    """No deal, or no agreement of the deal, has that name.

    Attributes:
        reason: The name that was not found, and the names that exist.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DealNotInstalled(UnknownTerms):
    """No deal has that name, though one could: the author of the formula may have had its file."""


class UnknownDay(UnknownTerms):
    """The text after the @ is no day.

    Attributes:
        code: The Excel error for it.
    """

    def __init__(self, reason: str, code: str) -> None:
        super().__init__(reason)
        self.code = code


def _read_file(path: Path) -> Terms:
    from xladdin.terms.reader import read_terms  # only now: Excel loads this module as it starts

    return read_terms(path)


def _selected(terms: Terms, key: str = "", day: datetime.date | None = None) -> Selection:
    from xladdin.terms.selection import selected  # only now, as above

    return selected(terms, key, day)


def user_folder() -> Path:
    """Return the user's folder of deals; it need not exist."""
    folder = Path(os.environ.get(ENVIRONMENT) or Path("~", ".xladdin", "deals"))
    try:
        return folder.expanduser()
    except RuntimeError:  # no home folder is known; then there are the shipped deals only
        return folder


def remedy_for_missing() -> str:
    """Describe how a deal that is not installed is brought to a command that works on files."""
    return f"bring its file with --deal FILE, or put it into {user_folder()}"


def deal_names() -> dict[str, Path]:
    """List the deals that can be named: shipped ones first, then the user's.

    Returns:
        Each deal's name and file. A user's file under the name of a shipped deal is not listed:
        a workbook must not use other terms than those that the name means.
    """
    found: dict[str, Path] = {}
    taken: set[str] = set()
    for folder in (SHIPPED, user_folder()):
        for path in _files(folder):
            if path.stem.casefold() not in taken:
                taken.add(path.stem.casefold())
                found[path.stem] = path
    return found


def passed_over() -> dict[Path, str]:
    """List the files in the user's folder whose deals cannot be named.

    Returns:
        By file, the reason and the remedy; by folder, that the one named is not there.
    """
    found = deal_names()
    taken = {path: name for name, path in found.items()}
    listed = {name.casefold(): path for name, path in found.items()}
    why = {}
    if os.environ.get(ENVIRONMENT) and not user_folder().is_dir():
        why[user_folder()] = f"there is no such folder; make it, or set {ENVIRONMENT} to another"
    with contextlib.suppress(OSError):
        for path in sorted(user_folder().glob("*.toml")):
            if path in taken:
                continue
            other = listed.get(path.stem.casefold())
            reason = f"{other} has the same name" if other else "its name is not one of a deal"
            why[path] = f"it is passed over: {reason}; rename it"
    return why


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.toml") if NAME.match(path.stem))
    except OSError:
        return []


@cache
def _names_in(folder: Path) -> frozenset[str]:
    """Return the names of the deals of a folder that does not change, in lower case."""
    return frozenset(path.stem.casefold() for path in _files(folder))


def load_terms(deal: str | Path = DEFAULT_DEAL) -> Terms:
    """Load a deal by its name, or from a file.

    Args:
        deal: A deal's name (a text), or the path of a TOML file (a `pathlib.Path`).

    Returns:
        The deal's terms.

    Raises:
        UnknownTerms: No deal has that name.
        TermsError: Its file is wrong.
    """
    if isinstance(deal, Path):
        return _read_file(deal)
    return select(deal).terms


def select(text: str = DEFAULT_DEAL) -> Selection:
    """Find the deal and the agreement that a `terms` text names.

    Args:
        text: A deal's name; after a slash the key of one of its agreements; after an @ a day, ISO
            or a serial; in either order. Upper or lower case, blanks around each ignored. It is
            never a path.

    Returns:
        The deal as it stands on that day, or after its last action where no day is named, with
        that agreement, or with its first one where none is named.

    Raises:
        UnknownTerms: No such deal or agreement.
        TermsError: The deal's file is wrong.
    """
    if text == DEFAULT_DEAL:
        return _default()
    return _select(text, os.environ.get(ENVIRONMENT, ""), _changed())


def offer(terms: Terms, path: Path) -> Selection:
    """Make a deal known by its name in this process, without installing its file.

    Args:
        terms: The deal.
        path: The file it was read from, for messages.

    Returns:
        The deal with its first agreement.

    Raises:
        TermsError: The name belongs to a shipped deal.
    """
    if terms.name.casefold() in _names_in(SHIPPED) and path.resolve().parent != SHIPPED.resolve():
        raise TermsError(path, "name", f"{terms.name!r} is a deal shipped with the add-in")
    _select.cache_clear()
    _read.cache_clear()
    _offered[terms.name.casefold()] = terms
    with contextlib.suppress(OSError):
        _offered_texts[terms.name] = path.read_bytes()
    return _selected(terms)


def offered() -> dict[str, Terms]:
    """Return the deals offered in this process, to be offered in another one."""
    return dict(_offered)


def offer_only(deals: Mapping[str, Terms]) -> None:
    """Offer the deals that another process offers, and no others."""
    forget()
    _offered.update(deals)


def offer_files(paths: Iterable[Path | str]) -> None:
    """Make the deals of some files known in this process.

    Args:
        paths: TOML files.

    Raises:
        TermsError: A file is wrong, or its name belongs to a shipped deal.
    """
    for path in map(Path, paths):
        offer(_read_file(path), path)


def forget() -> None:
    """Drop the deals read or offered so far, so that changed files are read again."""
    _offered.clear()
    _offered_texts.clear()
    _default.cache_clear()
    _select.cache_clear()
    _read.cache_clear()


_offered: dict[str, Terms] = {}
_offered_texts: dict[str, bytes] = {}


def offered_texts() -> dict[str, bytes]:
    """Return the deals offered in this process by name, as their files had them."""
    return dict(_offered_texts)


@lru_cache
def _default() -> Selection:
    """Find a shipped deal: its name means this one, whatever is in the user's folder."""
    return _select(DEFAULT_DEAL, "", 0)


def _changed() -> int:
    """Say when another process offered other deals than before; 0 where none offers any."""
    folder = os.environ.get(OFFERED)
    try:
        return os.stat(folder).st_mtime_ns if folder else 0  # noqa: PTH116  (for each call)
    except OSError:
        return 0


@lru_cache(maxsize=512)
def _select(text: str, folder: str, changed: int) -> Selection:
    whole, _, on = text.partition("@")
    name, slash, key = (piece.strip() for piece in whole.partition("/"))
    if not slash:  # workbooks add the agreement to a text that names a day
        on, slash, key = (piece.strip() for piece in on.partition("/"))
    if not NAME.match(name):
        raise UnknownTerms(f"{quoted(text)} is not the name of a deal")
    terms = _read(name.casefold(), folder, changed)
    known = [agreement.key for agreement in terms.deal.agreements]
    if slash and key.casefold() not in map(str.casefold, known):
        there = f"it has {', '.join(known)}" if known else "it has none"
        raise UnknownTerms(f"{terms.name} has no agreement {quoted(key)}; {there}")
    return _selected(terms, key, _day(on.strip(), text) if on.strip() else None)


def _day(on: str, text: str) -> datetime.date:
    """Read the day of a `terms` text: ISO, or a serial, which may have a time of day."""
    with contextlib.suppress(ValueError):
        return datetime.date.fromisoformat(on)
    found = re.fullmatch(r"([0-9]{1,7})(?:[.,][0-9]*)?", on)
    if found is None:
        reason = f"{quoted(text)} names no day after the @: write it as 2001-12-31"
        raise UnknownDay(reason, VALUE)
    try:
        return day_of(float(found[1]))
    except ValueError:
        raise UnknownDay(f"{quoted(text)} names no day that a sheet has after the @", NUM) from None


@lru_cache(maxsize=256)
def _read(name: str, folder: str, changed: int) -> Terms:  # noqa: ARG001  (keys of the cache)
    if name in _offered:
        return _offered[name]
    folder_offered = os.environ.get(OFFERED)
    for path in _files(Path(folder_offered)) if folder_offered else ():
        if path.stem.casefold() == name:
            return _read_file(path)
    paths = deal_names()
    for stem, path in paths.items():
        if stem.casefold() == name:
            return _read_file(path)
    known = ", ".join(paths)
    raise DealNotInstalled(f"no deal is named {quoted(name)}; the deals found are {known}")


__all__ = [
    "DEFAULT_DEAL",
    "ENVIRONMENT",
    "DealNotInstalled",
    "TermsError",
    "UnknownTerms",
    "deal_names",
    "forget",
    "load_terms",
    "offer",
    "offer_files",
    "select",
    "user_folder",
]
