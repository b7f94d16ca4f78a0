"""What a build is about: the workbooks of each deal and agreement, and where each goes."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TypeAlias

from xladdin.building.batch import Built, Task
from xladdin.building.data_folder import DataFolder
from xladdin.building.data_workbooks import DataWorkbooks
from xladdin.building.logs import FILLS, LOGS, Log
from xladdin.building.manifest import FAILED, MANIFEST, Manifest
from xladdin.building.render import BY_AGREEMENT, TABLES, TEMPLATES
from xladdin.errors import FileError, NothingToShowError, TermsError
from xladdin.files import name_key
from xladdin.formulas.hosts import EXCEL
from xladdin.terms import DEFAULT_DEAL, Selection, deal_names, read_terms, select
from xladdin.terms.store import UnknownTerms, offer
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.workbooks.placements.log_terms import log_of

Data: TypeAlias = DataFolder | DataWorkbooks
"""What fills tables and input cells."""


class BuildPlan:
    """What is to be built of each deal, and where it goes."""

    def __init__(
        self,
        names: tuple[str, ...],
        folder: Path,
        format: str,  # noqa: A002
        data: Data | None,
        *,
        replace: bool,
        agreements: bool,
        several: bool,
        host: str = EXCEL,
    ) -> None:
        self.required = bool(names)
        self.templates = names or tuple(TEMPLATES)
        self.folder = folder
        self.unread: list[Built] = []
        self._format = format
        self._settings = _settings(format, host)
        self._host = host
        self._data = data
        self._deals: list[Selection] = []
        self._replace = replace
        self._agreements = agreements
        self._several = several
        self._selections: dict[str | Path, list[Selection]] = {}
        self._unread: dict[str | Path, str] = {}
        # A folder of the manifest's name would leave no place for it.
        manifest = {name_key(folder / MANIFEST): "the manifest"} if several else {}
        self._taken: dict[str, str] = manifest

    def read(self, sources: Iterable[str | Path], manifest: Manifest | None) -> None:
        """Read the deals, and enter every workbook that is to be made of them.

        Args:
            sources: Their names or files.
            manifest: Where each workbook stands as interrupted until its turn comes.

        Raises:
            FileError: A single deal cannot be read.
            UnknownTerms: A single deal has no such name.
        """
        for source in sources:
            try:
                selections = _selections(source, self._data, agreements=self._agreements)
                self._deals.append(selections[0])
                for selection in selections:
                    self._take(_own(selection.text), str(source))
            except (FileError, UnknownTerms) as error:
                self._pass(source, error, len(self.templates))
                continue
            self._selections[source] = selections
        self._refuse_other_workbooks()
        if manifest:
            self._enter(manifest)

    def _enter(self, manifest: Manifest) -> None:
        for source, selections in self._selections.items():
            for selection in selections:
                for path, template in self._files(selection, named=selection is selections[0]):
                    terms = selection.terms.name, selection.agreement_key
                    manifest.expect(path, *terms, template, str(source))
        for source, reason in self._unread.items():
            # Under the names that its workbooks have once it can be read, unless another has them.
            with contextlib.suppress(FileError):
                own = _own(_name(source))
                self._take(own, str(source))
                for template in self.templates:
                    path = self.folder / own / f"{template}.{self._format}"
                    manifest.expect(path, _name(source), "", template, str(source))
            manifest.enter_deal(str(source), reason)

    def tasks(self, manifest: Manifest | None) -> Iterator[Task]:
        """Yield the workbooks, deal by deal; of many deals, one that is wrong is passed."""
        for source, selections in self._selections.items():
            try:
                filled = [(one, self._filled(one, one is selections[0])) for one in selections]
            except (FileError, UnknownTerms) as error:
                named = selections[0]
                many = sum(len(list(self._files(one, named=one is named))) for one in selections)
                self._pass(source, error, many)
                if manifest:
                    manifest.enter_deal(str(source), str(error))
                continue
            if manifest:
                manifest.enter_deal(str(source))
            logs = tuple(_logs(filled))
            for selection, entries in filled:
                first = selection is selections[0]
                yield from self._of(selection, entries, logs, str(source), named=first)
        self._refuse_data_for_nobody()

    def _pass(self, source: str | Path, error: Exception, workbooks: int) -> None:
        """Record that a deal is wrong; a single one stops the build."""
        if not self._several:
            raise error
        self._unread[source] = str(error)
        self.unread.append(
            Built(Path(source), 0, False, (str(error),), FAILED, workbooks=workbooks, unusable=True)
        )

    def _filled(self, selection: Selection, named: bool) -> Mapping[str, Entries]:
        """Read the data of an agreement, which the deal named or a further one."""
        if self._data is None or not (named or self._data.has(selection) or _has_log(selection)):
            return {}
        entries = self._data.entries(selection)
        for template in entries.keys() - set(TEMPLATES if named else BY_AGREEMENT):
            reason = f"it has data for {template}.xlsx, which is about the deal as a whole"
            remedy = f"put them among the data of {selection.terms.name}"
            raise FileError(entries[template].path, reason, remedy)
        return entries

    def _refuse_other_workbooks(self) -> None:
        """Refuse workbooks of data that nothing is built from; a folder may have data of others."""
        if isinstance(self._data, DataWorkbooks) and not self._unread:
            self._data.refuse_unused(self.templates)
            for path in self._data.for_nobody(self._deals):
                reason = "it is of another deal or agreement than those that are built"
                raise FileError(path, reason, "leave --deal out, or name that deal, too")

    def _refuse_data_for_nobody(self) -> None:
        """Name the data that are for no deal and no agreement that there is."""
        if self._data is None or not self._data.for_nobody(self._deals):
            return
        requested = {_own(_name(one)).casefold() for one in (*self._selections, *self._unread)}
        for name in deal_names():
            with contextlib.suppress(TermsError):
                self._deals.append(select(name))
        for path in self._data.for_nobody(self._deals):
            if path.stem.casefold() not in requested:
                reason = "no deal, and no agreement of one, has this name"
                remedy = "name it NAME or NAME_AGREEMENT; names with _ before them are passed over"
                problem = str(FileError(path, reason, remedy))
                self.unread.append(
                    Built(path, 0, False, (problem,), FAILED, workbooks=0, unusable=True)
                )

    def _take(self, own: str, source: str) -> None:
        """Refuse a folder that another deal or the manifest has: it must never be shared."""
        first = self._taken.setdefault(name_key(self.folder / own), source)
        if first != source:
            raise FileError(source, f"{first} has its place, {own}", "give the deal another name")

    def _of(
        self,
        selection: Selection,
        entries: Mapping[str, Entries],
        logs: tuple[Log, ...],
        source: str,
        *,
        named: bool,
    ) -> Iterator[Task]:
        """Yield the workbooks of one agreement, which the deal named or a further one."""
        for path, name in self._files(selection, named=named):
            yield Task(
                name,
                selection,
                path,
                self.required and (named or name in entries),
                self._settings,
                entries.get(name, NOTHING),
                source,
                self._replace,
                self._host,
                tuple(log for log in logs if name in FILLS[log.template]),
            )

    def _files(self, selection: Selection, *, named: bool) -> Iterator[tuple[Path, str]]:
        """Yield the files of an agreement, the deal named or a further one, with templates."""
        apart = self._several or not named
        folder = self.folder / _own(selection.text) if apart else self.folder
        for name in _about(selection, self.templates, named=named, agreements=self._agreements):
            yield folder / f"{name}.{self._format}", name


def _selections(source: str | Path, data: Data | None, *, agreements: bool) -> list[Selection]:
    """Find a deal, and its further agreements: those that are requested or have data."""
    first = selection_of(source)
    others = [
        other
        for agreement in first.deal.agreements
        if (other := first.of(agreement.key)).text != first.text
    ]
    return [first, *(one for one in others if agreements or (data and data.has(one)))]


def _about(
    selection: Selection, templates: Iterable[str], *, named: bool, agreements: bool
) -> Iterator[str]:
    """List the templates that are made of an agreement, the deal named or a further one."""
    known = selection.deal.agreements
    first = not known or selection.agreement_key == known[0].key
    further = not named or (agreements and not first)
    return (name for name in templates if not further or name in BY_AGREEMENT)


def _has_log(selection: Selection) -> bool:
    """Return whether data may be for a further agreement: for a log of its placements."""
    try:
        log_of(selection.dated)
    except NothingToShowError:
        return False
    return True


def _own(text: str) -> str:
    """Name the folder of a deal or agreement."""
    return text.replace("/", "_")


def refuse_shared_folders(sources: Iterable[str | Path]) -> None:
    """Refuse deals that come twice, before anything is written.

    A deal's file is named after it, so that nothing has to be read for this. Windows and macOS
    take names that differ in case for one.
    """
    taken: dict[str, str | Path] = {}
    for source in sources:
        name = _own(_name(source))
        key = name_key(Path(name))
        if key in taken:
            reason = f"{taken[key]} has the same folder, {name}, or one that differs in case alone"
            raise FileError(source, reason, "nothing was built; give each deal once, by one name")
        taken[key] = source


def count(
    source: str | Path,
    templates: Collection[str],
    data: Data | None,
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


def _logs(filled: Iterable[tuple[Selection, Mapping[str, Entries]]]) -> Iterator[Log]:
    """Yield the logs that somebody filled among the entries of a deal and its agreements."""
    for selection, entries in filled:
        for template, table in LOGS.items():
            if template in entries and table in entries[template].own:
                yield Log(selection, template, entries[template])


def data_of(data: Data | str | Path | Sequence[str | Path] | None) -> Data | None:
    """Open the data that are given, if any: one folder, or workbooks; or return them opened.

    Raises:
        FileError: They cannot be used, or are a folder and workbooks.
    """
    if isinstance(data, DataFolder | DataWorkbooks):
        return data
    given = [data] if isinstance(data, str | Path) else list(data or ())
    paths = [Path(one) for one in given]
    if not paths:
        return None
    if len(paths) == 1 and not paths[0].is_file():
        return DataFolder(paths[0], TABLES)
    folder = next((path for path in paths if not path.is_file()), None)
    if folder is not None:
        reason = "it is no workbook, and several data are given"
        raise FileError(folder, reason, "give one folder, or workbooks alone")
    return DataWorkbooks(paths)


def deals_of(deals: Iterable[str | Path], data: Data | None) -> tuple[str | Path, ...]:
    """Return the deals given; without any, those of the workbooks of data, or NEOT-2001."""
    if wanted := tuple(deals):
        return wanted
    return tuple(data.deals()) if isinstance(data, DataWorkbooks) else (DEFAULT_DEAL,)


def _settings(format: str, host: str) -> Mapping[str, str] | None:  # noqa: A002
    """Return the macros' settings, where the format has macros."""
    if format == "xlsx":
        return None
    if format != "xlsm":
        raise ValueError(f"no format is named {format!r}; there are xlsx and xlsm")
    if host != EXCEL:
        reason = "a macro workbook computes its formulas itself"
        raise FileError(f"*.{format}", reason, f"build *.xlsx for {host}")
    from xladdin.excel.macro_workbooks import settings_for  # only now: it stands on xlwings

    return settings_for(sys.executable)


def sources_of(deals: Iterable[str | Path]) -> Iterator[str | Path]:
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


def _name(source: str | Path) -> str:
    """Name a deal, and after a slash its agreement, as it was given."""
    return source.strip() if isinstance(source, str) else _named(source).as_posix()


def _named(source: Path) -> PurePath:
    """Name the deal of a file, and after a slash the agreement given behind the file."""
    if source.suffix == ".toml":
        return PurePath(source.stem)
    return PurePath(source.parent.stem, source.name)


def selection_of(source: str | Path) -> Selection:
    """Find a deal by name, or read its file and make it known in this process."""
    if isinstance(source, str):
        return select(source)
    file = source if source.suffix == ".toml" else source.parent
    # The workbook's own formulas name the deal, so it has to be known by that name here.
    first = offer(read_terms(file), file)
    return first if file == source else select(_named(source).as_posix())
