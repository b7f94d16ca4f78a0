"""Workbooks that somebody filled, as data for other workbooks of their deals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from xladdin.building import origin
from xladdin.building.filled_workbook import CannotCarryError, FilledWorkbook
from xladdin.building.logs import FILLS, LOGS
from xladdin.building.render import BY_AGREEMENT
from xladdin.checking.recalc import load
from xladdin.errors import FileError
from xladdin.terms import Selection, UnknownTerms, select
from xladdin.workbooks.layout.user_inputs import Entries, one_error
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Layout
from xladdin.xlsx.workbook_part import Workbook

_GIVE: Final = "give one that `xladdin build` made, or a folder with the data of the deals"


class _Source(NamedTuple):
    """A workbook: its file, bytes and template, and its deal, agreement and day (or none)."""

    path: Path
    content: bytes
    template: str
    deal: str
    agreement: str
    day: str

    @property
    def text(self) -> str:
        """What names the deal and agreement."""
        return self.whole + (f"@{self.day}" if self.day else "")

    @property
    def whole(self) -> str:
        """The same without the day."""
        return f"{self.deal}/{self.agreement}" if self.agreement else self.deal

    def is_of(self, selection: Selection) -> bool:
        """Return whether it is about a deal and agreement; on whichever day."""
        name, _, key = selection.text.partition("@")[0].partition("/")
        return (self.deal, self.agreement) == (name, key)


class DataWorkbooks:
    """Workbooks that `build` made and somebody filled."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Read which templates and deals they are of.

        Args:
            paths: The files.

        Raises:
            FileError: One cannot be read, is not of `xladdin build`, or two are of the same kind.
        """
        self._sources = [_source(path) for path in paths]
        seen: dict[tuple[str, str], Path] = {}
        for one in self._sources:
            first = seen.setdefault((one.template, one.whole), one.path)
            if first is not one.path:
                reason = f"{first} is a {one.template} of {one.whole}, too"
                raise FileError(one.path, reason, "give one of them")

    def deals(self) -> list[str]:
        """Name the deals that the workbooks are about; a single one with its agreement.

        Raises:
            FileError: One of them is not installed.
        """
        for one in self._sources:
            try:
                select(one.text)
            except UnknownTerms as error:
                remedy = "give the deal's file with --deal"
                raise FileError(one.path, f"it is of {one.text}: {error}", remedy) from error
        texts = {one.text for one in self._sources}
        if len(texts) == 1:
            return list(texts)
        return list(dict.fromkeys(one.deal for one in self._sources))

    def entries(self, selection: Selection) -> dict[str, Entries]:
        """Read what a deal's workbooks are to hold.

        Args:
            selection: The deal and agreement.

        Returns:
            Entries by template; a template without any keeps its own values.

        Raises:
            FileError: Somebody changed more of a workbook than its input cells, or nothing.
        """
        return {one.template: _entries(one) for one in self._sources if one.is_of(selection)}

    def has(self, selection: Selection) -> bool:
        """Return whether there are data for a deal and agreement."""
        return any(one.is_of(selection) for one in self._sources)

    def refuse_unused(self, templates: Collection[str]) -> None:
        """Refuse workbooks that fill none of the templates that are built.

        Args:
            templates: What is built.

        Raises:
            FileError: There is one.
        """
        for one in self._sources:
            fills = (one.template, *FILLS.get(one.template, ()))
            if set(fills).isdisjoint(templates):
                built = " and ".join(f"{name}.xlsx" for name in templates)
                reason = f"it was made as {one.template}.xlsx, of which nothing fills {built}"
                others = f"it fills {' and '.join(f'{name}.xlsx' for name in fills)}"
                raise FileError(one.path, reason, f"{others}: build that, or leave it out")

    def for_nobody(self, known: Iterable[Selection]) -> list[Path]:
        """List the workbooks that are of none of some deals, nor of an agreement of theirs."""
        whole = list(known)
        parts = [deal.of(one.key) for deal in whole for one in deal.deal.agreements]
        return [one.path for one in self._sources if not any(map(one.is_of, (*whole, *parts)))]


def _source(path: Path) -> _Source:
    content = load(path).content
    book = Workbook(content, path)
    part = next((sheet.part for sheet in book.sheets if sheet.name == origin.TITLE), None)
    if part is None:
        raise FileError(path, "it does not say what it was made from", _GIVE)
    try:
        made = origin.read_origin(Layout(book.read(part)).cell_values(book.texts), path)
    except xml_bytes.UnsafeXMLError as error:
        raise book.unsafe(part, error) from None
    whole, _, day = made.deal.partition("@")
    deal, _, agreement = whole.partition("/")
    chosen = agreement if made.template in BY_AGREEMENT else ""
    return _Source(path, content, made.template, deal, chosen, day)


def _entries(source: _Source) -> Entries:
    path = source.path
    try:
        entries, _ = FilledWorkbook(source.content, path).entries()
    except CannotCarryError as error:
        listed = one_error(path, [FileError(path, problem) for problem in error.problems])
        remedy = "move what is yours to a workbook of your own, or undo it"
        reason = f"more than its input cells was changed: {listed.reason}"
        raise FileError(path, reason, remedy) from error
    table = LOGS.get(source.template)
    if not entries.own or (table is not None and table not in entries.own):
        what = f"its table {table} holds" if table else "it holds"
        raise FileError(path, f"{what} illustrative figures alone", "type into it first")
    return entries
