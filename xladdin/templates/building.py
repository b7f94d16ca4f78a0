"""Building workbooks for one deal or many: rendered, compared with what is there, and saved."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from xladdin import files
from xladdin.core.errors import FileError, InputError
from xladdin.files import save
from xladdin.recalculation import MAX_BYTES
from xladdin.templates.batch import CHANGES, Built, Task, failed, made_with, run, unfit
from xladdin.templates.datafolder import DataFolder
from xladdin.templates.entries import NOTHING, Entries
from xladdin.templates.rendering import TABLES, TEMPLATES, Rendered, render
from xladdin.templates.workers import Cluster, Processes, Workers
from xladdin.terms import DEFAULT_DEAL, Selection, read_terms, select
from xladdin.terms.store import UnknownTerms, offer


def build(
    names: Iterable[str] = (),
    *,
    deals: Iterable[str | Path] = (),
    out: str | Path = "workbooks",
    check: bool = False,
    jobs: int = 1,
    cluster: str = "",
    format: str = "xlsx",  # noqa: A002  (the command line's word)
    data: str | Path | None = None,
) -> list[Built]:
    """Build template workbooks: write, compute every formula, check, save.

    Args:
        names: Templates; all of them if empty.
        deals: Deals by name (``"NEOT-2001/OTHER"`` for one of its agreements), files, or folders
            of files; the shipped deal if empty. With a folder or more than one deal, each deal's
            workbooks go into a folder of their own, what they were made from is kept in a
            manifest, and those that would come out the same are left alone.
        out: Folder to write to.
        check: Write nothing, and compare with what is on disk.
        jobs: Processes to compute with; many deals only.
        cluster: Address of a Dask scheduler whose workers compute instead; many deals only.
        format: ``"xlsx"``, or ``"xlsm"`` for workbooks with macros, bound to this machine's Python
            and xlwings.
        data: Folder with what is to stand in the input cells and tables of each deal's workbooks,
            instead of what the templates make up; see docs/data.md.

    Returns:
        What was built. Of many deals, one that fails does not stop the others: see `Built.change`.

    Raises:
        FileError: A file cannot be read or written, or a deal's file or data are wrong.
        UnknownTerms: No deal has that name.
        InputError: A deal has nothing that a template is about.
    """
    return list(
        each_built(
            names,
            deals=deals,
            out=out,
            check=check,
            jobs=jobs,
            cluster=cluster,
            format=format,
            data=data,
        )
    )


def each_built(
    names: Iterable[str] = (),
    *,
    deals: Iterable[str | Path] = (),
    out: str | Path = "workbooks",
    check: bool = False,
    jobs: int = 1,
    cluster: str = "",
    format: str = "xlsx",  # noqa: A002  (the command line's word)
    data: str | Path | None = None,
) -> Generator[Built, None, None]:
    """Build as `build` does, and yield each workbook as soon as it is done."""
    asked = tuple(names)
    chosen = asked or tuple(TEMPLATES)
    wanted = tuple(deals) or (DEFAULT_DEAL,)
    folder = Path(out)
    sources = list(_sources(wanted))
    settings = _settings(format)
    filled = DataFolder(Path(data), TABLES).entries if data is not None else _nothing
    if len(sources) == 1 and not Path(wanted[0]).is_dir():
        selection = _selection(sources[0])
        entries = filled(selection)
        for name in chosen:
            path = folder / f"{name}.{format}"
            rendered = render(name, selection, settings, entries.get(name, NOTHING))
            change = _compare(path, rendered.data) if check else _write(path, rendered.data)
            yield _built(path, rendered, change)
        return
    bad: list[Built] = []
    taken: dict[str, str | Path] = {}

    def tasks() -> Iterator[Task]:
        for source in sources:
            try:
                selection = _selection(source)
                entries = filled(selection)
            except (FileError, UnknownTerms) as error:
                bad.append(failed(Path(source), str(error)))
                continue
            own = folder / selection.text.replace("/", "_")
            # Windows and macOS take names that differ in case for one.
            first = taken.setdefault(own.name.casefold(), source)
            if first != source:
                bad.append(failed(Path(source), f"{source}: {first} has its folder, {own.name}"))
                continue
            for name in chosen:
                path = own / f"{name}.{format}"
                mine = entries.get(name, NOTHING)
                yield Task(name, selection, path, bool(asked), settings, mine)

    if check:
        yield from (_checked(task) for task in tasks())
    else:
        with ExitStack() as stack:
            workers: Workers | None = None
            if cluster:
                reached = Cluster(cluster, partial(unfit, made_with()))
                workers = stack.enter_context(reached)
                jobs = reached.count
            elif jobs > 1:
                workers = stack.enter_context(Processes(jobs))
            yield from run(tasks(), folder, workers, jobs)
    yield from bad


def count_of(names: Iterable[str] = (), *, deals: Iterable[str | Path] = ()) -> int:
    """Count the workbooks that `each_built` would be about, for showing progress."""
    chosen = tuple(names) or tuple(TEMPLATES)
    return len(chosen) * len(list(_sources(tuple(deals) or (DEFAULT_DEAL,))))


def _settings(format: str) -> Mapping[str, str] | None:  # noqa: A002
    """Return the macros' settings, where the format has macros."""
    if format == "xlsx":
        return None
    if format != "xlsm":
        raise ValueError(f"no format is named {format!r}; there are xlsx and xlsm")
    from xladdin.hosts.macros import settings_for  # only now: it stands on xlwings

    return settings_for(sys.executable)


def _nothing(_: Selection) -> Mapping[str, Entries]:
    return {}


def _checked(task: Task) -> Built:
    try:
        rendered = render(task.template, task.selection, task.settings, task.entries)
        change = _compare(task.path, rendered.data)
    except InputError as error:
        return failed(task.path, str(error), "failed" if task.required else "left out")
    except FileError as error:
        return failed(task.path, str(error))
    return _built(task.path, rendered, change)


def _built(path: Path, rendered: Rendered, change: str) -> Built:
    return Built(path, rendered.formulas, rendered.checks_ok, rendered.failures, change)


def _sources(deals: Iterable[str | Path]) -> Iterator[str | Path]:
    """Name each deal, and each deal file of a folder."""
    for deal in deals:
        path = Path(deal)
        if path.is_dir():
            files = sorted(path.glob("*.toml"))
            if not files:
                raise FileError(path, "holds no deal", "put deals there as NAME.toml")
            yield from files
        else:
            yield path if path.suffix == ".toml" else str(deal)


def _selection(source: str | Path) -> Selection:
    if isinstance(source, Path):
        # The workbook's own formulas name the deal, so it has to be known by that name here.
        return offer(read_terms(source), source)
    return select(source)


def _write(path: Path, data: bytes) -> str:
    return "written" if save(path, data) else "same"


def _compare(path: Path, data: bytes) -> str:
    from xladdin.ooxml.archive import same_contents

    if not path.exists():
        return "stale"
    found = files.read(path, MAX_BYTES)
    return "current" if found == data or same_contents(found, data) else "stale"


__all__ = ["CHANGES", "TEMPLATES", "Built", "Rendered", "build", "count_of", "each_built", "render"]
