"""Building workbooks for one deal or many: rendered, compared with what is there, and saved."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path, PurePath
from typing import Final

from xladdin.building import batch
from xladdin.building.batch import CHANGES, Built, Task
from xladdin.building.data_folder import DataFolder
from xladdin.building.executors import Cluster, Processes, Workers
from xladdin.building.manifest import FAILED, MANIFEST, Manifest, made_with, unfit
from xladdin.building.render import TABLES, TEMPLATES, Rendered, render
from xladdin.errors import FileError, TermsError
from xladdin.files import name_key
from xladdin.terms import (
    DEFAULT_DEAL,
    Selection,
    deal_names,
    read_terms,
    select,
)
from xladdin.terms.store import UnknownTerms, offer
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries

BY_AGREEMENT: Final = ("placements",)
"""Templates that are about one agreement of a deal; the others are about the deal as a whole."""


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
    replace: bool = False,
    agreements: bool = False,
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
        data: Folder with what is to stand in the input cells and tables of each deal's workbooks,
            instead of what the templates make up; see docs/data.md.
        replace: Replace workbooks that somebody used since they were built, too, and keep a copy
            of each beside it.
        agreements: Build, for the further agreements of each deal, what is about one agreement.

    Returns:
        What was built. Of many deals, one that fails does not stop the others: see `Built.change`.

    Raises:
        FileError: A file cannot be read, a deal's file or data are wrong, two deals would go
            into one folder, or a cluster cannot be used.
        UnknownTerms: No deal has that name.
        InputError: A template was asked for by name, and a single deal has nothing for it.
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
    replace: bool = False,
    agreements: bool = False,
) -> Generator[Built, None, None]:
    """Build as `build` does, and yield each workbook as soon as it is done."""
    wanted = tuple(deals) or (DEFAULT_DEAL,)
    sources = list(_sources(wanted))
    several = agreements or len(sources) > 1 or Path(wanted[0]).is_dir()
    _refuse_shared_folders(sources)
    plan = _Plan(
        tuple(names),
        Path(out),
        format,
        _data_folder(data),
        replace=replace,
        agreements=agreements,
        several=several,
    )
    manifest = None
    if several and not check:
        labels = [str(source) for source in sources]
        manifest = Manifest(plan.folder, labels, plan.templates)
    tasks = plan.tasks(sources, manifest)
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


class _Plan:
    """What is to be built of each deal, and where it goes."""

    def __init__(
        self,
        names: tuple[str, ...],
        folder: Path,
        format: str,  # noqa: A002
        data: DataFolder | None,
        *,
        replace: bool,
        agreements: bool,
        several: bool,
    ) -> None:
        self.required = bool(names)
        self.templates = names or tuple(TEMPLATES)
        self.folder = folder
        self.unread: list[Built] = []
        self._format = format
        self._settings = _settings(format)
        self._data = data
        self._deals: list[Selection] = []
        self._replace = replace
        self._agreements = agreements
        self._several = several
        # A folder of the manifest's name would leave no place for it.
        manifest = {name_key(folder / MANIFEST): "the manifest"} if several else {}
        self._taken: dict[str, str] = manifest

    def tasks(self, sources: Iterable[str | Path], manifest: Manifest | None) -> Iterator[Task]:
        """Yield the workbooks, deal by deal; of many deals, one that is wrong is passed."""
        for source in sources:
            try:
                selections = _selections(source, self._data, agreements=self._agreements)
                self._deals.append(selections[0])
                for selection in selections:
                    self._take(selection, str(source))
                filled = [(one, self._filled(one, one is selections[0])) for one in selections]
            except (FileError, UnknownTerms) as error:
                if not self._several:
                    raise
                self.unread.append(
                    Built(
                        Path(source),
                        0,
                        False,
                        (str(error),),
                        FAILED,
                        workbooks=_count(
                            source, self.templates, self._data, agreements=self._agreements
                        ),
                    )
                )
                if manifest:
                    manifest.enter_deal(str(source), str(error))
                continue
            if manifest:
                manifest.enter_deal(str(source))
            for selection, entries in filled:
                yield from self._of(
                    selection, entries, str(source), named=selection is selections[0]
                )
        self._refuse_strange_data([str(source) for source in sources])

    def _filled(self, selection: Selection, named: bool) -> Mapping[str, Entries]:
        """Read the data of an agreement, which the deal named or a further one."""
        if self._data is None:
            return {}
        entries = self._data.entries(selection)
        for template in entries.keys() - set(TEMPLATES if named else BY_AGREEMENT):
            reason = f"it has data for {template}.xlsx, which is about the deal as a whole"
            remedy = f"put them among the data of {selection.terms.name}"
            raise FileError(entries[template].path, reason, remedy)
        return entries

    def _refuse_strange_data(self, sources: Iterable[str]) -> None:
        """Name the data that are for no deal and no agreement that there is."""
        if self._data is None or not self._data.strangers(self._deals):
            return
        unread = {_named(Path(source)).name.casefold() for source in sources}
        for name in deal_names():
            with contextlib.suppress(TermsError):
                self._deals.append(select(name))
        for path in self._data.strangers(self._deals):
            if path.stem.casefold() not in unread:
                reason = "no deal, and no agreement of one, has this name"
                remedy = "name it NAME or NAME_AGREEMENT; names with _ before them are passed over"
                said = str(FileError(path, reason, remedy))
                self.unread.append(Built(path, 0, False, (said,), FAILED, workbooks=0))

    def _take(self, selection: Selection, source: str) -> None:
        """Refuse a folder that another deal or the manifest has: it must never be shared."""
        own = _own(selection.text)
        first = self._taken.setdefault(name_key(self.folder / own), source)
        if first != source:
            raise FileError(source, f"{first} has its place, {own}", "give the deal another name")

    def _of(
        self, selection: Selection, entries: Mapping[str, Entries], source: str, *, named: bool
    ) -> Iterator[Task]:
        """Yield the workbooks of one agreement, which the deal named or a further one."""
        apart = self._several or not named
        folder = self.folder / _own(selection.text) if apart else self.folder
        for name in _about(selection, self.templates, named=named, agreements=self._agreements):
            yield Task(
                name,
                selection,
                folder / f"{name}.{self._format}",
                self.required,
                self._settings,
                entries.get(name, NOTHING),
                source,
                self._replace,
            )


def _selections(
    source: str | Path, data: DataFolder | None, *, agreements: bool
) -> list[Selection]:
    """Find a deal, and its further agreements: those that are asked for or have data."""
    first = _selection(source)
    others = [
        other
        for agreement in first.terms.agreements
        if (other := first.of(agreement.key)).text != first.text
    ]
    return [first, *(one for one in others if agreements or (data and data.has(one)))]


def _about(
    selection: Selection, templates: Iterable[str], *, named: bool, agreements: bool
) -> Iterator[str]:
    """List the templates that are made of an agreement, the deal named or a further one."""
    known = selection.terms.agreements
    first = not known or selection.chosen is known[0]
    further = not named or (agreements and not first)
    return (name for name in templates if not further or name in BY_AGREEMENT)


def _count(
    source: str | Path,
    templates: Collection[str],
    data: DataFolder | None,
    *,
    agreements: bool,
) -> int:
    """Count the workbooks that are made of a deal; of one that cannot be read, a set."""
    try:
        found = _selections(source, data, agreements=agreements)
    except (FileError, UnknownTerms):
        return len(templates)
    return sum(
        len(list(_about(one, templates, named=one is found[0], agreements=agreements)))
        for one in found
    )


def _own(text: str) -> str:
    """Name the folder of a deal or agreement."""
    return text.replace("/", "_")


def _refuse_shared_folders(sources: Iterable[str | Path]) -> None:
    """Refuse deals that come twice, before anything is written.

    A deal's file is named after it, so that nothing has to be read for this. Windows and macOS
    take names that differ in case for one.
    """
    taken: dict[str, str | Path] = {}
    for source in sources:
        name = _own(source.strip() if isinstance(source, str) else _named(source).as_posix())
        key = name_key(Path(name))
        if key in taken:
            reason = f"{taken[key]} has the same folder, {name}, or one that differs in case alone"
            raise FileError(source, reason, "nothing was built; give each deal once, by one name")
        taken[key] = source


def count_of(
    names: Iterable[str] = (),
    *,
    deals: Iterable[str | Path] = (),
    data: str | Path | None = None,
    agreements: bool = False,
) -> int:
    """Count the workbooks that `each_built` would be about, for showing progress."""
    chosen = tuple(names) or tuple(TEMPLATES)
    sources = list(_sources(tuple(deals) or (DEFAULT_DEAL,)))
    if data is None and not agreements:
        return len(chosen) * len(sources)  # without a deal being read
    folder = _data_folder(data)
    return sum(_count(source, chosen, folder, agreements=agreements) for source in sources)


def _data_folder(data: str | Path | None) -> DataFolder | None:
    return None if data is None else DataFolder(Path(data), TABLES)


def _settings(format: str) -> Mapping[str, str] | None:  # noqa: A002
    """Return the macros' settings, where the format has macros."""
    if format == "xlsx":
        return None
    if format != "xlsm":
        raise ValueError(f"no format is named {format!r}; there are xlsx and xlsm")
    from xladdin.excel.macro_workbooks import settings_for  # only now: it stands on xlwings

    return settings_for(sys.executable)


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
            of_a_file = ".toml" in (path.suffix, path.parent.suffix)
            yield path if of_a_file else str(deal)


def _named(source: Path) -> PurePath:
    """Name the deal of a file, and after a slash the agreement given behind the file."""
    if source.suffix == ".toml":
        return PurePath(source.stem)
    return PurePath(source.parent.stem, source.name)


def _selection(source: str | Path) -> Selection:
    """Find a deal by name, or read its file and make it known in this process."""
    if isinstance(source, str):
        return select(source)
    file = source if source.suffix == ".toml" else source.parent
    # The workbook's own formulas name the deal, so it has to be known by that name here.
    first = offer(read_terms(file), file)
    return first if file == source else select(_named(source).as_posix())


__all__ = ["CHANGES", "TEMPLATES", "Built", "Rendered", "build", "count_of", "each_built", "render"]
