"""What became of every deal and workbook of a folder, and from what each workbook was made.

`manifest.json` is written before a run begins, with every workbook of an earlier run as
interrupted and every one that is to be made, and again as it goes and when it ends: however it
ends, no entry claims more than is true, and none is missing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xladdin import files
from xladdin._version import __version__
from xladdin.checking.recalc import MAX_BYTES
from xladdin.errors import FileError
from xladdin.files import save
from xladdin.terms import Selection
from xladdin.terms.store import UnknownTerms, select

if TYPE_CHECKING:
    from xladdin.building.batch import Built, Task
    from xladdin.building.render import Rendered

MANIFEST: Final = "manifest.json"
"""Name of the file."""

FORMAT: Final = 2

BUILT: Final = "built"
UNCHANGED: Final = "unchanged"
FAILED: Final = "failed"
REFUSED: Final = "refused"
LEFT_OUT: Final = "left out"
INTERRUPTED: Final = "interrupted"
ORPHANED: Final = "orphaned"
NOT_INCLUDED: Final = "not included"

STATES: Final[Mapping[str, str]] = {
    BUILT: "it was made and written",
    UNCHANGED: "it would come out as it is",
    FAILED: "it could not be made or written; an older one is as it was",
    REFUSED: "somebody used it since it was built, and it is as it was",
    LEFT_OUT: "the deal has nothing for this template",
    INTERRUPTED: "the run ended before it was its turn",
    ORPHANED: "it is there, but no deal makes it any more",
    NOT_INCLUDED: "its deal is there, but the run did not include it",
}
"""The states of a deal or a workbook in the manifest, in words."""

WRITTEN: Final = "written"
SAME: Final = "same"
"""What became of the file of a workbook that was made, beside the states above."""

_STATE_OF: Final = {WRITTEN: BUILT, SAME: UNCHANGED}
_CHECKED: Final = (BUILT, UNCHANGED)

_MOST: Final = 1 << 28
"""Bytes of a manifest; one of a thousand workbooks has some million."""

_EVERY: Final = 100
"""Workbooks after which it is saved on the way: after a kill, no more of them are made again."""

_LIBRARIES: Final = ("formualizer", "holidays", "lxml", "openpyxl")
"""Whose versions the values or the bytes of a workbook may depend on."""


@dataclass(frozen=True)
class Facts:
    """What was found when a workbook was made; true of these bytes for good.

    Attributes:
        made_from: Digest of all that it was made from.
        content: Digest of its bytes.
        formulas: Number of formulas.
        checks_ok: Whether every check holds.
        failures: The checks that do not, in words.
        warnings: Number of warnings.
    """

    made_from: str
    content: str
    formulas: int
    checks_ok: bool
    failures: tuple[str, ...]
    warnings: int


class Manifest:
    """The manifest of one folder, for one run."""

    def __init__(self, folder: Path, sources: Collection[str], templates: Collection[str]) -> None:
        """Read what an earlier run left, and set down what this one is about.

        Args:
            folder: The folder.
            sources: The deals of this run: names, and paths of their files.
            templates: The templates of this run.
        """
        self.folder = folder
        self.path = folder / MANIFEST
        self._deals: dict[str, dict[str, Any]] = {
            source: {"state": INTERRUPTED, "reason": ""} for source in sources
        }
        self._workbooks = _entries(self.path)
        self._facts: dict[str, Facts] = {}
        self._unsaved = 0
        for name, entry in list(self._workbooks.items()):
            facts = _facts(entry.get("as_written", entry))
            if facts is None or not (folder / name).is_file():
                del self._workbooks[name]
                continue
            self._facts[name] = facts
            state = INTERRUPTED
            source = entry.get("source", "")
            if source not in self._deals:
                state = NOT_INCLUDED if _is_there(source) else ORPHANED
            elif entry.get("template") not in templates:
                state = NOT_INCLUDED
            self._workbooks[name] = _entry(entry, state, "", facts)

    def kept(self, task: Task) -> Facts | None:
        """Return what is known of a workbook that need not be made again; None if it has to be."""
        facts = self._facts.get(self._name(task.path))
        if facts is None or facts.made_from != made_from(task):
            return None
        try:
            found = files.snapshot(task.path, MAX_BYTES)
        except FileError:
            return None
        return facts if found.digest == facts.content else None

    def wrote(self, path: Path, digest: str) -> bool:
        """Return whether a file's content is what an earlier run wrote there."""
        facts = self._facts.get(self._name(path))
        return facts is not None and facts.content == digest

    def enter(self, task: Task, built: Built, made: Rendered | None) -> None:
        """Record what became of a workbook."""
        name = self._name(task.path)
        if made is not None:
            self._facts[name] = Facts(
                made_from(task),
                hashlib.sha256(made.data).hexdigest(),
                made.formulas,
                made.checks_ok,
                made.failures,
                made.warnings,
            )
        state = _STATE_OF.get(built.change, built.change)
        reason = "" if state in _CHECKED else built.failures[0]
        facts = self._facts.get(name)
        if facts is not None and not task.path.exists():
            facts = self._facts.pop(name)
        about = {
            "deal": task.selection.terms.name,
            "agreement": task.selection.agreement_key,
            "template": task.template,
            "source": task.source,
            "seconds": round(built.seconds, 3),
        }
        self._workbooks[name] = _entry(about, state, reason, facts)
        self._unsaved += 1
        if self._unsaved >= _EVERY:
            with contextlib.suppress(FileError):
                self.save(None)

    def expect(self, path: Path, deal: str, agreement: str, template: str, source: str) -> None:
        """Record a workbook that is to be made, as interrupted until its turn comes."""
        name = self._name(path)
        about = {"deal": deal, "agreement": agreement, "template": template, "source": source}
        self._workbooks[name] = _entry(about, INTERRUPTED, "", self._facts.get(name))

    def enter_deal(self, source: str, reason: str = "") -> None:
        """Record that a deal was read, or why it could not be."""
        self._deals[source] = {"state": FAILED if reason else "read", "reason": reason}
        for name, entry in self._workbooks.items() if reason else ():
            if entry["source"] == source and entry["state"] == INTERRUPTED:
                self._workbooks[name] = _entry(entry, FAILED, reason, self._facts.get(name))

    def save(self, ended: str | None) -> None:
        """Write the manifest.

        Args:
            ended: How the run ended, ``"finished"`` or ``"interrupted"``; None if it goes on.

        Raises:
            FileError: It cannot be written.
        """
        if ended == "finished":
            # Where its deal was read, and made others: no deal makes it any more.
            for name, entry in self._workbooks.items():
                if entry["state"] == INTERRUPTED:
                    self._workbooks[name] = _entry(entry, ORPHANED, "", self._facts.get(name))
        table = {
            "format": FORMAT,
            "ended": ended,
            "made_with": made_with(),
            "deals": dict(sorted(self._deals.items())),
            "workbooks": dict(sorted(self._workbooks.items())),
        }
        save(self.path, json.dumps(table, indent=1).encode() + b"\n")
        self._unsaved = 0

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def _entry(
    about: Mapping[str, Any], state: str, reason: str, facts: Facts | None
) -> dict[str, Any]:
    """Build an entry: what is true of a workbook now, beside what was found when it was made."""
    checked = facts if state in _CHECKED else None
    return {
        "state": state,
        "reason": reason or ("" if state in _CHECKED else STATES[state]),
        "deal": about.get("deal", ""),
        "agreement": about.get("agreement", ""),
        "template": about.get("template", ""),
        "source": about.get("source", ""),
        "seconds": about.get("seconds") if state in (BUILT, UNCHANGED, FAILED, REFUSED) else None,
        "checks_ok": checked.checks_ok if checked else None,
        "failures": list(checked.failures) if checked else [],
        "warnings": checked.warnings if checked else None,
        "as_written": _as_written(facts) if facts else None,
    }


def _as_written(facts: Facts) -> dict[str, Any]:
    """Turn facts into JSON; `checks_ok` is a key of what is true now, and of nothing else."""
    table = facts.__dict__ | {"failures": list(facts.failures)}
    return table | {"checks_passed": table.pop("checks_ok")}


def _is_there(source: str) -> bool:
    """Return whether a deal that is not of this run exists still."""
    path = Path(source)
    file = path if path.suffix == ".toml" else path.parent  # an agreement may stand behind it
    if file.suffix == ".toml":
        return file.exists()
    try:
        select(source)
    except (UnknownTerms, FileError):
        return False
    return True


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    """Read the entries of a manifest; none where it is missing.

    Raises:
        FileError: It is not one that this release can read; it stays as it is.
    """
    remedy = "move it elsewhere, and what it says of earlier runs is no longer known"
    data = files.snapshot(path, _MOST).data
    if data is None:
        return {}
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FileError(path, "it cannot be read as a manifest", remedy) from error
    entries = found.get("workbooks") if isinstance(found, dict) else None
    if not isinstance(entries, dict):
        raise FileError(path, "it is not a manifest of `xladdin build`", remedy)
    if found.get("format", FORMAT) not in range(FORMAT + 1):
        newer = f"its format is {found['format']}, and this release writes {FORMAT}"
        raise FileError(path, newer, f"use the release that wrote it, or {remedy}")
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}


def _facts(table: object) -> Facts | None:
    wanted = {
        "made_from": str,
        "content": str,
        "formulas": int,
        "checks_ok": bool,
        "failures": list,
        "warnings": int,
    }
    if not isinstance(table, dict):
        return None
    # As release 0.1 wrote them, too: it did not count warnings.
    table = {"warnings": 0, "checks_ok": table.get("checks_passed")} | table
    if not all(isinstance(table.get(key), kind) for key, kind in wanted.items()):
        return None
    values: dict[str, Any] = {key: table[key] for key in wanted}
    values["failures"] = tuple(str(failure) for failure in values["failures"])
    return Facts(**values)


def made_from(task: Task) -> str:
    """Digest all that a workbook depends on: template, terms, entries, code and libraries."""
    macros = json.dumps(task.settings) + (version("xlwings") if task.settings else "")
    terms = terms_digest(task.selection)
    what = (task.template, task.selection.text, terms, task.entries.digest)
    logs = [(log.selection.text, log.template, log.entries.digest) for log in task.logs]
    parts = (*what, repr(logs), macros, task.host, _tools())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def terms_digest(selection: Selection) -> str:
    """Digest a deal's terms: every figure with its source, whatever the file looks like."""
    terms = selection.terms
    head = (terms.name, terms.issuer, terms.ticker, terms.document, terms.document_date)
    figures = [
        (figure.name, str(figure.value), figure.source, key)
        for figure, key in selection.figures_by_agreement.values()
    ]
    return hashlib.sha256(repr((*head, terms.calendar, figures)).encode()).hexdigest()


@cache
def _tools() -> str:
    return json.dumps(made_with()) + _code()


@cache
def _code() -> str:
    """Digest the package's own source, which may change within a version while it is worked on."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def unfit(tools: Mapping[str, str]) -> str:
    """Compare a worker's tools with those wanted; runs in the worker.

    Args:
        tools: What workbooks are to be made with; see `made_with`.

    Returns:
        The first difference, in words; empty if there is none.
    """
    mine = made_with()
    different = (
        f"has {name} {mine.get(name)} and not {wanted}"
        for name, wanted in tools.items()
        if mine.get(name) != wanted
    )
    return next(different, "")


@cache
def made_with() -> Mapping[str, str]:
    """Name the versions of the package and of the libraries that workbooks depend on."""
    return {"xladdin": __version__, **{name: version(name) for name in _LIBRARIES}}
