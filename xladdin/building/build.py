"""Building workbooks for one deal or many: rendered, compared with what is there, and saved."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from xladdin.building import batch
from xladdin.building.batch import CHANGES, Built
from xladdin.building.executors import Cluster, Processes, Workers
from xladdin.building.manifest import Manifest, made_with, unfit
from xladdin.building.plan import (
    BuildPlan,
    Data,
    count,
    data_of,
    deals_of,
    refuse_shared_folders,
    sources_of,
)
from xladdin.building.render import TEMPLATES, Rendered, render
from xladdin.formulas.hosts import EXCEL


def build(
    names: Iterable[str] = (),
    *,
    deals: Iterable[str | Path] = (),
    out: str | Path = "workbooks",
    check: bool = False,
    jobs: int = 1,
    cluster: str = "",
    format: str = "xlsx",  # noqa: A002  (the command line's word)
    data: str | Path | Sequence[str | Path] | None = None,
    replace: bool = False,
    agreements: bool = False,
    host: str = EXCEL,
) -> list[Built]:
    """Build template workbooks: write, compute every formula, check, save.

    Args:
        names: Templates; all of them if empty.
        deals: Deals by name, files, or folders of files; after a slash one of the deal's
            agreements (``"NEOT-2001/OTHER"``, ``"mine/DEAL.toml/OTHER"``); the shipped deal if
            empty. With a folder or more than one deal, each deal's workbooks go into a folder of
            their own, what became of each is kept in a manifest, and those that would come out
            the same are left alone.
        out: Folder to write to.
        check: Write nothing, and compare with what is on disk.
        jobs: Processes to compute with.
        cluster: Address of a Dask scheduler whose workers compute instead.
        format: ``"xlsx"``, or ``"xlsm"`` for workbooks with macros, bound to this machine's Python
            and xlwings.
        data: What is to stand in the input cells and tables of workbooks, instead of what the
            templates make up: a folder with the data of each deal, or workbooks that somebody
            filled, whose deals are built if none is given; see docs/data.md.
        replace: Replace workbooks that somebody used since they were built, too, and keep a copy
            of each beside it.
        agreements: Build, for the further agreements of each deal, what is about one agreement.
        host: The add-in whose functions the formulas call: ``"excel"``, the one of Windows;
            ``"office-addin"``, the one in a browser; or ``"xlwings-lite"``.

    Returns:
        What was built. Of many deals, one that fails does not stop the others: see `Built.change`.

    Raises:
        FileError: A file cannot be read, a deal's file or data are wrong, two deals would go
            into one folder, or a cluster cannot be used.
        UnknownTerms: No deal has that name.
        InputError: A template was named, and a single deal has nothing for it.
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
            replace=replace,
            agreements=agreements,
            host=host,
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
    data: Data | str | Path | Sequence[str | Path] | None = None,
    replace: bool = False,
    agreements: bool = False,
    host: str = EXCEL,
) -> Generator[Built, None, None]:
    """Build as `build` does, and yield each workbook as soon as it is done."""
    opened = data_of(data)
    wanted = deals_of(deals, opened)
    sources = list(sources_of(wanted))
    several = agreements or len(sources) > 1 or Path(wanted[0]).is_dir()
    refuse_shared_folders(sources)
    plan = BuildPlan(
        tuple(names),
        Path(out),
        format,
        opened,
        replace=replace,
        agreements=agreements,
        several=several,
        host=host,
    )
    manifest = None
    if several and not check:
        labels = [str(source) for source in sources]
        manifest = Manifest(plan.folder, labels, plan.templates)
    plan.read(sources, manifest)
    tasks = plan.tasks(manifest)
    with ExitStack() as stack:
        workers: Workers | None = None
        if cluster:
            reached = Cluster(cluster, partial(unfit, made_with()))
            workers = stack.enter_context(reached)
            jobs = reached.count
        elif jobs > 1:
            workers = stack.enter_context(Processes(jobs))
        if check:
            yield from batch.check(tasks, workers, jobs, alone=not several)
        else:
            yield from batch.run(tasks, manifest, workers, jobs)
    yield from plan.unread


def count_of(
    names: Iterable[str] = (),
    *,
    deals: Iterable[str | Path] = (),
    data: Data | str | Path | Sequence[str | Path] | None = None,
    agreements: bool = False,
) -> int:
    """Count the workbooks that `each_built` would be about, for showing progress."""
    chosen = tuple(names) or tuple(TEMPLATES)
    opened = data_of(data)
    sources = list(sources_of(deals_of(deals, opened)))
    if opened is None and not agreements:
        return len(chosen) * len(sources)  # without a deal being read
    return sum(count(source, chosen, opened, agreements=agreements) for source in sources)


__all__ = [
    "CHANGES",
    "TEMPLATES",
    "Built",
    "Rendered",
    "build",
    "count_of",
    "data_of",
    "each_built",
    "render",
]
