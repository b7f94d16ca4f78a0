"""What every test shares: one LibreOffice, no deals of the user, and steady Hypothesis settings."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from draws import THOROUGH, draws
from hypothesis import settings
from paths import DATA

from xladdin.building import render
from xladdin.building.build import build
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.engines.result import Computed
from xladdin.terms import store
from xladdin.xlsx.workbook_part import Workbook

# Programs that tests start compile the package once, and not each of them anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Slow machines must not fail a test, and a run must not depend on an earlier run's findings.
settings.register_profile(
    "xladdin", deadline=None, derandomize=True, database=None, max_examples=draws(100)
)
settings.load_profile("xladdin")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark as long the cases of a test marked `sample` that an ordinary run leaves out."""
    cases: dict[tuple[str, int], list[pytest.Item]] = defaultdict(list)
    for item in items:
        sample = item.get_closest_marker("sample")
        if sample is not None and item.get_closest_marker("long") is None:
            cases[item.nodeid.partition("[")[0], sample.args[0]].append(item)
    for (_, count), of_one in cases.items():
        taken = {at * len(of_one) // count for at in range(count)}
        for at, item in enumerate(of_one):
            if at not in taken:
                item.add_marker(pytest.mark.long)


def pytest_collection_finish() -> None:
    """Collect garbage less often than Python does by itself: every workbook makes many objects."""
    gc.set_threshold(50_000)


@pytest.fixture(scope="session", autouse=True)
def _no_deals_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(store.ENVIRONMENT, str(tmp_path_factory.mktemp("deals")))
        store.forget()
        yield
    store.forget()


@pytest.fixture(scope="session", autouse=True)
def _offices(_no_deals_of_the_user: None) -> Iterator[None]:
    """Keep one LibreOffice for all workbooks, and another for those of deals that tests bring.

    Each starts with the first workbook that needs it, and again where other deals are brought: so
    that the usual one goes on, they have their own.
    """
    usual, other = libreoffice.Session(), libreoffice.Session()
    ours, anew = [usual], libreoffice.session
    deals = (store.user_folder(), store.offered_texts())

    @contextlib.contextmanager
    def session(timeout: float | None = None) -> Iterator[libreoffice.Session]:
        if vars(libreoffice)["_sessions"] is not ours:
            with anew(timeout) as made:
                yield made
        else:
            brought = (store.user_folder(), store.offered_texts()) != deals
            yield other if brought else usual

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(libreoffice, "_sessions", ours)
        patch.setattr(libreoffice, "session", session)
        yield
    usual.close()
    other.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, _no_deals_of_the_user: None) -> Path:
    """A folder with every template of the shipped deal as it is built, to copy from."""
    folder = tmp_path_factory.mktemp("made")
    build(out=folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _computed_once(_no_deals_of_the_user: None) -> Iterator[None]:
    """Compute a workbook that is built from the same parts once in an ordinary run's process."""
    known: dict[object, tuple[bytes, Computed]] = {}
    compute = vars(render)["store"]

    def store_once(book: Workbook, path: Path | str = "workbook") -> tuple[bytes, Computed]:
        digest = hashlib.sha256()
        for name in sorted(book.names):
            digest.update(name.encode() + book.read(name))
        deals = [(path.name, path.read_bytes()) for path in store.user_folder().glob("*.toml")]
        key = (digest.digest(), frozenset([*deals, *store.offered_texts().items()]))
        if key not in known:
            known[key] = compute(book, path)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        if not THOROUGH:
            patch.setattr(render, "store", store_once)
        yield


@pytest.fixture
def no_office_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the LibreOffice of the other tests aside."""
    monkeypatch.setattr(libreoffice, "_sessions", [])


@pytest.fixture(scope="module")
def awkward() -> Iterator[str]:
    """Put the made-up deal AWKWARD into the user's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(store.ENVIRONMENT, str(DATA))
        yield "AWKWARD"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the user an empty folder of deals."""
    deals = tmp_path / "deals"
    deals.mkdir()
    monkeypatch.setenv(store.ENVIRONMENT, str(deals))
    store.forget()
    yield deals
    store.forget()
