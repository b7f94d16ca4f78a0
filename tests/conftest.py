"""What every test shares: one LibreOffice, no deals of the user, and steady Hypothesis settings."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import pickle
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from draws import THOROUGH, draws
from hypothesis import settings
from paths import DATA

from xladdin.building import batch, origin, render
from xladdin.building import build as building
from xladdin.building.batch import Task
from xladdin.building.build import build
from xladdin.building.manifest import made_from
from xladdin.building.render import Rendered
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.formulas.hosts import EXCEL
from xladdin.libreoffice import bounds
from xladdin.terms import Selection, store
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.xlsx.workbook_part import Workbook

_COMPUTED: Final = render.computed
_RENDER: Final = render.render
_IN_A_FORK: Final = bounds._in_a_fork

# What is compiled is kept: programs that tests start compile the package once, and not each of them
# anew, and a further run need not compile the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Slow machines must not fail a test, and a run must not depend on an earlier run's findings.
settings.register_profile(
    "xladdin", deadline=None, derandomize=True, database=None, max_examples=draws(100)
)
settings.load_profile("xladdin")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark as long the cases of a test marked `sample` that an ordinary run leaves out.

    Those that another long test contains are left out of every run.
    """
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    contained = set()
    for item in items:
        if item.get_closest_marker("sample") and item.get_closest_marker("long") is None:
            cases[item.nodeid.partition("[")[0]].append(item)
    for of_one in cases.values():
        sample = of_one[0].get_closest_marker("sample")
        assert sample is not None
        taken = {at * len(of_one) // sample.args[0] for at in range(sample.args[0])}
        rest = {item for at, item in enumerate(of_one) if at not in taken}
        contained |= rest if sample.kwargs.get("contained") else set()
        for item in rest:
            item.add_marker(pytest.mark.long)
    config.hook.pytest_deselected(items=[item for item in items if item in contained])
    items[:] = [item for item in items if item not in contained]


def pytest_collection_finish() -> None:
    """Collect garbage less often than Python does by itself: every workbook makes many objects.

    It is not frozen: the lowest version of Hypothesis counts on its collection.
    """
    gc.set_threshold(200_000, 10, 20)


@pytest.fixture(scope="session", autouse=True)
def _no_deals_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(store.ENVIRONMENT, str(tmp_path_factory.mktemp("deals")))
        store.forget()
        yield
    store.forget()


@pytest.fixture(scope="session", autouse=True)
def _offices(_no_deals_of_the_user: None) -> Iterator[None]:
    """Keep one LibreOffice for all workbooks, and another for those of other folders of deals.

    Each starts with the first workbook that needs it, and again for another folder: so that the
    usual one goes on, they have their own.
    """
    usual, other = libreoffice.Session(), libreoffice.Session()
    ours, anew = [usual], libreoffice.session
    folder = store.user_folder()

    @contextlib.contextmanager
    def session(timeout: float | None = None) -> Iterator[libreoffice.Session]:
        if vars(libreoffice)["_sessions"] is not ours:
            with anew(timeout) as made:
                yield made
        else:
            yield usual if store.user_folder() == folder else other

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(libreoffice, "_sessions", ours)
        patch.setattr(libreoffice, "session", session)
        yield
    usual.close()
    other.close()


def _of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Name the folder that all processes of a run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, _no_deals_of_the_user: None) -> Iterator[Path]:
    """A folder with every template of the shipped deal as it is built, to copy from.

    The first process of a run that is ready with it makes it for all. Nobody writes there.
    """
    folder, own = _of_the_run(tmp_path_factory) / "made", tmp_path_factory.mktemp("made")
    if not folder.exists():
        build(out=own)
        with contextlib.suppress(OSError):  # there is another by now
            own.replace(folder)
    found = folder if folder.exists() else own
    before = _digests(found)
    yield found
    assert _digests(found) == before, "a test changed what all tests share"


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _kept(path: Path, make: Callable[[], Rendered]) -> Rendered:
    """Make a workbook once in all processes of a run."""
    if path.exists():
        found: Rendered = pickle.loads(path.read_bytes())
        return found
    found = make()
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(pickle.dumps(found))
    part.replace(path)
    return found


def _deals() -> bytes:
    """Sum up what deals are known besides those that ship."""
    deals = [(path.name, path.read_bytes()) for path in store.user_folder().glob("*.toml")]
    return repr(sorted([*deals, *store.offered_texts().items()])).encode()


@pytest.fixture(scope="session")
def _rendered_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Rendered]:
    """Render a workbook from the same deal and entries once in all processes of a run."""
    folder = _of_the_run(tmp_path_factory)

    def known(
        template: str,
        selection: Selection,
        settings: Mapping[str, str] | None = None,
        entries: Entries = NOTHING,
        host: str = EXCEL,
    ) -> Rendered:
        task = Task(template, selection, Path(), settings=settings, entries=entries, host=host)
        key = repr((made_from(task), vars(origin)["__version__"])).encode() + _deals()
        time.sleep(0.01)  # the manifest says how long it took
        return _kept(
            folder / f"rendered-{hashlib.sha256(key).hexdigest()}",
            lambda: _RENDER(template, selection, settings, entries, host),
        )

    return known


def _rendering(patch: pytest.MonkeyPatch, by: Callable[..., Rendered]) -> None:
    patch.setattr(batch, "render", by)
    patch.setattr(building, "render", by)


@pytest.fixture(scope="module")
def render_once(_rendered_once: Callable[..., Rendered]) -> Iterator[None]:
    """Render each workbook once, for tests of what becomes of it and not of its bytes."""
    with pytest.MonkeyPatch.context() as patch:
        _rendering(patch, _rendered_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _computed_once(
    tmp_path_factory: pytest.TempPathFactory,
    _no_deals_of_the_user: None,
    _rendered_once: Callable[..., Rendered],
) -> Iterator[None]:
    """Render and compute a workbook once in all processes of a run."""
    folder = _of_the_run(tmp_path_factory)

    def computed_once(book: Workbook, path: str, warnings: tuple[str, str] | None) -> Rendered:
        digest = hashlib.sha256()
        # The properties have the time at which it was written.
        for name in sorted({*book.names} - {"docProps/core.xml"}):
            digest.update(name.encode() + book.read(name))
        digest.update(_deals())
        return _kept(
            folder / f"computed-{digest.hexdigest()}", lambda: _COMPUTED(book, path, warnings)
        )

    with pytest.MonkeyPatch.context() as patch:
        if not THOROUGH:
            patch.setattr(render, "computed", computed_once)
            _rendering(patch, _rendered_once)
        yield


@pytest.fixture
def computed_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Compute each workbook that is built, whatever other tests computed, and list it."""
    computed: list[str] = []

    def compute(book: Workbook, path: str, warnings: tuple[str, str] | None) -> Rendered:
        computed.append(path)
        return _COMPUTED(book, path, warnings)

    monkeypatch.setattr(render, "computed", compute)
    _rendering(monkeypatch, _RENDER)
    return computed


@pytest.fixture(scope="session", autouse=True)
def _in_this_process() -> Iterator[None]:
    """Compute in the test's process unless it sets bounds: a fork finds nothing read or compiled.

    A test of bounds, or of an engine that breaks down, asks for `in_forks`.
    """

    def in_this_process(call: Any, allowed: bounds.Bounds, path: Path | str) -> Any:
        if not {bounds.MEMORY_VARIABLE, bounds.SECONDS_VARIABLE}.isdisjoint(os.environ):
            return _IN_A_FORK(call, allowed, path)
        function, arguments, named = call
        return (), function(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        if not THOROUGH:
            patch.setattr(bounds, "_in_a_fork", in_this_process)
        yield


@pytest.fixture
def in_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute in processes of their own, as for users."""
    monkeypatch.setattr(bounds, "_in_a_fork", _IN_A_FORK)


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
