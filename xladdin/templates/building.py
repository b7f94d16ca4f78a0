"""Building workbooks: written by a template, computed, checked, and saved."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from xladdin._version import RELEASED
from xladdin.core.errors import FileError
from xladdin.ooxml.archive import normalise
from xladdin.ooxml.saving import save
from xladdin.recalculation import store
from xladdin.templates import captable, floating, placements, proceeds
from xladdin.templates.sheets import Book
from xladdin.terms import DEFAULT_DEAL, Selection, read_terms, select
from xladdin.terms.store import offer

TEMPLATES: Final[Mapping[str, Callable[[Selection], Book]]] = MappingProxyType(
    {
        "placements": placements.build,
        "proceeds": proceeds.build,
        "floating": floating.build,
        "captable": captable.build,
    }
)
"""The templates, by name."""

CHANGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "written": "written",
        "same": "unchanged",
        "current": "up to date",
        "stale": "NOT UP TO DATE",
    }
)
"""What became of a file: what `Built.change` says, in words."""


@dataclass(frozen=True)
class Rendered:
    """A workbook's bytes, and what its checks say.

    Attributes:
        data: The file.
        formulas: Number of formulas computed.
        checks_ok: Whether every check holds.
        failures: The checks that do not, in words.
    """

    data: bytes
    formulas: int
    checks_ok: bool
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Built:
    """One workbook built, or compared with what is on disk.

    Attributes:
        path: The file.
        formulas: Number of formulas computed.
        checks_ok: Whether every check holds.
        failures: The checks that do not, in words.
        change: What became of the file, one of `CHANGES`.
    """

    path: Path
    formulas: int
    checks_ok: bool
    failures: tuple[str, ...]
    change: str


def build(
    names: Iterable[str] = (),
    *,
    deals: Iterable[str | Path] = (),
    out: str | Path = "workbooks",
    check: bool = False,
) -> list[Built]:
    """Build template workbooks: write, compute every formula, check, save.

    Args:
        names: Templates; all of them if empty.
        deals: Deals by name (``"NEOT-2001/OTHER"`` for one of its agreements), files, or folders
            of files; the shipped deal if empty. With more than one, each deal's workbooks go
            into a folder of their own.
        out: Folder to write to.
        check: Write nothing, and compare with what is on disk.

    Returns:
        What was built.

    Raises:
        FileError: A file cannot be read or written, or a deal's file is wrong.
        UnknownTerms: No deal has that name.
        InputError: A deal has nothing that a template is about.
    """
    return list(each_built(names, deals=deals, out=out, check=check))


def each_built(
    names: Iterable[str] = (),
    *,
    deals: Iterable[str | Path] = (),
    out: str | Path = "workbooks",
    check: bool = False,
) -> Iterator[Built]:
    """Build as `build` does, and yield each workbook as soon as it is done."""
    chosen = tuple(names) or tuple(TEMPLATES)
    selections = list(_selections(deals))
    for selection in selections:
        folder = Path(out)
        if len(selections) > 1:
            folder /= selection.text.replace("/", "_")
        for name in chosen:
            path = folder / f"{name}.xlsx"
            rendered = render(name, selection)
            yield Built(
                path,
                rendered.formulas,
                rendered.checks_ok,
                rendered.failures,
                _compare(path, rendered.data) if check else _write(path, rendered.data),
            )


def render(name: str, selection: Selection) -> Rendered:
    """Make a workbook's bytes: the same for the same release, template and deal.

    Args:
        name: The template.
        selection: The deal and agreement.

    Returns:
        The bytes, with every value stored.
    """
    book = TEMPLATES[name](selection)
    buffer = io.BytesIO()
    book.workbook.save(buffer)
    data, computed = store(normalise(buffer.getvalue(), RELEASED))
    failures = tuple(
        f"{cell}: {check.what}: {computed.value('Checks', row, 2)!r} "
        f"against {computed.value('Checks', row, 3)!r}"
        for cell, row, check in book.placed_checks()
        if computed.value("Checks", row, 6) is not True
    )
    checks_ok = computed.value("Checks", 4, 2) is True
    return Rendered(data, computed.formulas, checks_ok, failures)


def _selections(deals: Iterable[str | Path]) -> Iterator[Selection]:
    wanted = tuple(deals) or (DEFAULT_DEAL,)
    for deal in wanted:
        path = Path(deal)
        if path.is_dir():
            files = sorted(path.glob("*.toml"))
            if not files:
                raise FileError(path, "holds no deal", "put deals there as NAME.toml")
            for file in files:
                yield _from_file(file)
        elif path.suffix == ".toml":
            yield _from_file(path)
        else:
            yield select(str(deal))


def _from_file(path: Path) -> Selection:
    # The workbook's own formulas name the deal, so it has to be known by that name here.
    return offer(read_terms(path), path)


def _write(path: Path, data: bytes) -> str:
    return "written" if save(path, data) else "same"


def _compare(path: Path, data: bytes) -> str:
    from xladdin.ooxml.archive import same_contents

    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return "stale"
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror or error}") from error
    return "current" if found == data or same_contents(found, data) else "stale"
