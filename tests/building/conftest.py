"""What tests of the templates share."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from xladdin.building import batch, build, origin
from xladdin.building.batch import Task
from xladdin.building.manifest import made_from
from xladdin.building.render import Rendered, render
from xladdin.formulas.hosts import EXCEL
from xladdin.terms import Selection
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries

_RENDERED: dict[tuple[str, str], Rendered] = {}


@pytest.fixture(scope="module")
def render_once() -> Iterator[None]:
    """Render a workbook once in a process, for tests of what becomes of it and not of its bytes."""

    def known(
        template: str,
        selection: Selection,
        settings: Mapping[str, str] | None = None,
        entries: Entries = NOTHING,
        host: str = EXCEL,
    ) -> Rendered:
        task = Task(template, selection, Path(), settings=settings, entries=entries, host=host)
        key = (made_from(task), vars(origin)["__version__"])
        if key not in _RENDERED:
            _RENDERED[key] = render(template, selection, settings, entries, host)
        time.sleep(0.01)  # the manifest says how long it took
        return _RENDERED[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "render", known)
        patch.setattr(build, "render", known)
        yield
