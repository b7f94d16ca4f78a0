"""What every test shares: one LibreOffice, no deals of the user, and steady Hypothesis settings."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from draws import draws
from hypothesis import settings
from paths import DATA

from xladdin.building.build import build
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.terms import store

# Programs that tests start compile the package once, and not each of them anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Slow machines must not fail a test, and a run must not depend on an earlier run's findings.
settings.register_profile(
    "xladdin", deadline=None, derandomize=True, database=None, max_examples=draws(100)
)
settings.load_profile("xladdin")


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
