"""What a `terms` text names: a deal as it stands on a day, with one of its agreements."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cached_property, lru_cache, partial
from math import prod
from typing import Any, Final, TypeAlias

from xladdin.errors import REF, InputError
from xladdin.terms.agreements import SalesAgreement
from xladdin.terms.dating import dated, in_force, ordered, splits
from xladdin.terms.deal import ADJUSTED, AMENDMENT, SECTIONS, Deal, name_of
from xladdin.terms.exact import Room, Schedule
from xladdin.terms.fields import FIXED_IN_SPLITS, Figure, FigureValue, Record, as_decimal, key_of
from xladdin.terms.model import Agreement, Terms
from xladdin.terms.programme import covered, terms_of


@dataclass(frozen=True)
class Selection:
    """A deal on a day, and the one of its agreements that a `terms` text names.

    Attributes:
        terms: The deal as it stands on the day.
        chosen: The agreement; None where the deal has none in full.
        key: Key of the agreement; the chosen one's if empty.
        day: The day that the text names; None for the deal after its last action.
        undated: The deal as its documents have it, with all of its actions; `terms` if None.
        stands: The day that the deal stands on, named or not; None for after its last action.
    """

    terms: Terms
    chosen: Agreement | None = None
    key: str = ""
    day: datetime.date | None = None
    undated: Terms | None = None
    stands: datetime.date | None = None

    @cached_property
    def agreement(self) -> Agreement:
        """The agreement, in the records of format 1."""
        if self.chosen is None:
            raise self._without("a sales agreement with its capacity and commission")
        return self.chosen

    @property
    def agreement_key(self) -> str:
        """Key of the agreement; empty where the deal has none."""
        return self.key or (self.chosen.key if self.chosen is not None else "")

    @cached_property
    def deal(self) -> Deal:
        """The deal as it stands on the day, as records of any kind."""
        return self.terms.deal

    @cached_property
    def sales(self) -> SalesAgreement:
        """The agreement, as a record of any kind."""
        key = self.agreement_key
        found = self.deal.find("agreements", key) if key else next(iter(self.deal.agreements), None)
        if found is None:
            raise self._without("a sales agreement")
        agreement: SalesAgreement = found
        return agreement

    @cached_property
    def schedule(self) -> Schedule:
        """The agreement's commission."""
        found = self.sales.schedule
        if found is None:
            raise self._without("a commission (rate, or tiers)")
        return found

    @cached_property
    def room(self) -> Room | None:
        """The agreement's capacity in dollars, found once; None where there is none."""
        return self.sales.room

    @cached_property
    def _parts(self) -> dict[tuple[str, str], Any]:
        return {}

    def part(self, section: str, key: str) -> Any:
        """Find a part of the deal by its section and key; None if there is none."""
        place = (section, key)
        if place not in self._parts:
            self._parts[place] = self.deal.find(section, key)
        return self._parts[place]

    @property
    def quotes_are_adjusted(self) -> bool:
        """Whether quotations are in shares after all splits; else they are as traded."""
        return self.deal.quotes_are == ADJUSTED

    @cached_property
    def all_splits(self) -> list[tuple[datetime.date, Fraction]]:
        """Every split of the deal, those after the day included."""
        return splits((self.undated or self.terms).deal)

    @cached_property
    def splits(self) -> list[tuple[datetime.date, Fraction]]:
        """The deal's splits up to the day."""
        return splits((self.undated or self.terms).deal, self.stands)

    @property
    def acted_on(self) -> bool:
        """Whether actions up to the day have changed what the deal's document states."""
        return bool(in_force((self.undated or self.terms).deal, self.stands))

    @property
    def documented(self) -> Selection:
        """The same deal before its first action, as its document states it and prints figures."""
        origin = self.undated or self.terms
        if not self.acted_on:
            return self
        first = min(action.date for action in origin.deal.actions)
        return selected(origin, self.key, first - datetime.timedelta(days=1))

    def old_for_new(self, day: datetime.date) -> Fraction:
        """Count the shares of a day that make one share of the deal's day."""
        later = self.all_splits[len(self.splits) :]
        older = prod((ratio for since, ratio in self.splits if day < since), start=Fraction(1))
        return older / prod((ratio for since, ratio in later if since <= day), start=Fraction(1))

    def source_of_splits(self, some: Iterable[tuple[datetime.date, Fraction]]) -> str:
        """Return where some splits of the deal come from, each source once."""
        wanted = set(some)
        return ", ".join(
            dict.fromkeys(
                action.sources["ratio"]
                for action in ordered((self.undated or self.terms).deal)
                if action.ratio is not None and (action.date, Fraction(action.ratio)) in wanted
            )
        )

    def _without(self, what: str) -> InputError:
        return InputError(REF, "terms", self.text, f"must name a deal that has {what}")

    def on(self, day: datetime.date | None) -> Selection:
        """Return the deal as it stands on a day, unless the text names a day of its own.

        Args:
            day: The day; None leaves the selection as it is.
        """
        origin = self.undated
        if day is None or origin is None or self.day is not None or not origin.deal.actions:
            return self
        return selected(origin, self.key, day, named=False)

    def of(self, key: str) -> Selection:
        """Choose another agreement of the deal as it stands on the same day."""
        origin = self.undated or self.terms
        return selected(origin, key, self.stands, named=self.day is not None)

    @property
    def dated(self) -> Selection:
        """The same deal under a text that names its day: that of its last action, if none is named.

        Functions of prices take a deal on their event date where no day is named; a workbook shows
        the deal as it stands on one day.
        """
        origin = self.undated or self.terms
        if self.day is not None or not origin.deal.actions:
            return self
        last = max(action.date for action in origin.deal.actions)
        return selected(origin, self.key, last)

    @property
    def text(self) -> str:
        """The `terms` text that names this selection, as short as it can be."""
        key = self.agreement_key
        agreements = self.terms.agreements or self.deal.agreements
        first = not key or not agreements or agreements[0].key == key
        name = self.terms.name if first else f"{self.terms.name}/{key}"
        return name if self.day is None else f"{name}@{self.day.isoformat()}"

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """Every figure of the deal and of the chosen agreement, by dotted name, in order."""
        return {item.name: item for item in self._walked(_walk)}

    @cached_property
    def entries(self) -> Mapping[str, Figure]:
        """All that the deal and the chosen agreement state: `figures`, and words between them.

        Tables are left out: they are read as ranges.
        """
        found = list(self._walked(_walk_all))
        if self.terms.origin is not None:
            # Records of format 1 have none of the words.
            if self.chosen is not None:
                found += _words("agreement", self.sales)
            known = covered(self.deal, self.terms)
            for section, items in self.deal.sections():
                for item in items:
                    if (section, name_of(item)) in known:
                        found += _words(f"{section}.{name_of(item)}", item)
            for number, item in enumerate(self.deal.exceptions, 1):
                found += _walk_all(f"exception_{number}", item)
        return {item.name: item for item in found}

    @cached_property
    def adjusted(self) -> frozenset[str]:
        """Names of the figures that splits and issues made others than their sources have."""
        origin = self.undated
        if origin is None or all(one.kind == AMENDMENT for one in origin.deal.actions):
            return frozenset()
        amendments = tuple(one for one in origin.deal.actions if one.kind == AMENDMENT)
        stated = terms_of(replace(origin.deal, actions=amendments))
        printed = selected(stated, self.key, self.stands).entries
        return frozenset(
            name
            for name, figure in self.entries.items()
            if name in printed
            and not name.startswith("action_")
            and figure.value != printed[name].value
        )

    def _walked(self, walk: _Walk) -> Iterator[Figure]:
        own: Record | None = self.chosen
        if own is None and self.deal.agreements:
            own = self.sales
        if own is not None:
            yield from walk("agreement", own)
        yield from self._common(walk)

    @cached_property
    def named(self) -> Mapping[str, Figure]:
        """Every figure by every name that it has: `figures`, and the names of format 2."""
        found = dict(self.figures)
        for figure in self._keyed(_walk):
            found.setdefault(figure.name, figure)
        for table in self.deal.grids:
            found |= {figure.name: figure for figure in table.cells()}
        return found

    @cached_property
    def words(self) -> Mapping[str, Figure]:
        """Every word that the deal states beside its figures, by every name that it has."""
        found = dict(self.entries)
        for word in self._keyed(_words):
            found.setdefault(word.name, word)
        return found

    def _keyed(self, walk: Callable[[str, Record], Iterator[Figure]]) -> Iterator[Figure]:
        """List what `walk` finds in each entry that has a key, under its section and key."""
        for section, items in self.deal.sections():
            for item in items:
                if key := getattr(item, "key", ""):
                    yield from walk(f"{section}.{key}", item)

    @cached_property
    def figures_by_agreement(self) -> Mapping[str, tuple[Figure, str]]:
        """Every figure of the deal, of all of its agreements: for what is about the whole deal.

        By name: ``agreement_1.capacity`` belongs to the first agreement. Each figure comes with
        the key of the agreement under which `figures` has it as ``agreement.capacity``; the key
        is empty for the figures of the deal as a whole. Numbers stand in the names because a key
        need not be fit for a worksheet's defined name.
        """
        found: dict[str, tuple[Figure, str]] = {}
        agreements: Sequence[Agreement | SalesAgreement] = self.terms.agreements
        agreements = agreements or self.deal.agreements
        for number, agreement in enumerate(agreements, 1):
            for item in _walk(f"agreement_{number}", agreement):
                found[item.name] = item, agreement.key
        for item in self._common(_walk):
            found[item.name] = item, ""
        return found

    def _common(self, walk: _Walk) -> Iterator[Figure]:
        for entry in fields(Terms):
            record = getattr(self.terms, entry.name)
            if isinstance(record, Record):
                yield from walk(entry.name, record)
        if self.terms.origin is None:
            return
        # What the records of format 1 do not have, under the names of format 2.
        known = covered(self.deal, self.terms)
        for section in SECTIONS:
            for number, item in enumerate(getattr(self.deal, section), 1):
                key = name_of(item)
                if section != "agreements" and (section, key) not in known:
                    prefix = f"{section}.{key}" if key else f"{section.removesuffix('s')}_{number}"
                    yield from walk(prefix, item)
        if self.terms.limits is None and self.deal.limits is not None:
            yield from walk("limits", self.deal.limits)


def selected(
    terms: Terms, key: str = "", day: datetime.date | None = None, *, named: bool = True
) -> Selection:
    """Select an agreement of a deal as it stands on a day.

    Args:
        terms: The deal as its documents have it.
        key: Key of the agreement; the first one's if empty.
        day: The day; the deal after its last action without one.
        named: Whether the `terms` text names the day.
    """
    actions = in_force(terms.deal, day)
    found = _dated(_Identity(terms), actions) if actions else terms
    wanted = key.casefold()
    chosen = next(
        (one for one in found.agreements if not key or one.key.casefold() == wanted), None
    )
    sales = next(
        (one for one in found.deal.agreements if not key or one.key.casefold() == wanted), None
    )
    own = sales.key if sales is not None else key
    return Selection(found, chosen, own, day if named else None, terms, day)


class _Identity:
    """A deal as a key of a cache: the same object, whatever else is equal to it."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.terms is self.terms

    def __hash__(self) -> int:
        return id(self.terms)


@lru_cache(maxsize=256)
def _dated(origin: _Identity, actions: int) -> Terms:
    return terms_of(dated(origin.terms.deal, actions))


_Walk: TypeAlias = Callable[[str, Record], Iterator[Figure]]
"""Lists what a record states, by dotted names that begin with a prefix."""


def _walk(prefix: str, record: Record, *, words: bool = False) -> Iterator[Figure]:
    for entry in fields(record):
        value = getattr(record, entry.name)
        if value is None:
            continue
        key, meta = key_of(entry), entry.metadata
        name = f"{prefix}.{key}"
        if "rule" in meta:
            if isinstance(value, tuple) and value and not isinstance(value[0], str):
                continue  # a table: read as a range, and not figure by figure
            unit = record.unit_of(entry)
            yield Figure(name, _single(value), unit, meta["meaning"], record.sources[entry.name])
            if words and entry.name in record.fixed:
                what = "Whether splits leave it as it is"
                yield Figure(f"{name}.{FIXED_IN_SPLITS}", _single(True), "", what, "")
        elif "choices" in meta:
            if words:
                source = record.sources.get(entry.name, "")
                yield Figure(name, _single(value), "", meta["meaning"], source)
        elif isinstance(value, Record):
            inner = f"{prefix}.pool" if entry.name == "shared" else name
            yield from _walk(inner, value, words=words)
        elif isinstance(value, tuple):
            # tiers -> tier_1, blocks -> block_1: one of several reads as a singular.
            for number, item in enumerate(value, 1):
                yield from _walk(f"{prefix}.{key.removesuffix('s')}_{number}", item, words=words)


_walk_all: Final = partial(_walk, words=True)


def _words(prefix: str, record: Record) -> Iterator[Figure]:
    """List what a record states beside its figures."""
    figures = {item.name for item in _walk(prefix, record)}
    return (item for item in _walk_all(prefix, record) if item.name not in figures)


def _single(value: Any) -> FigureValue:
    """Show a figure as one value of a cell."""
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fraction):
        return as_decimal(value)
    found: FigureValue = value
    return found
