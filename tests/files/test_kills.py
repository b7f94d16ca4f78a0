"""Kills at any moment, with somebody else at work on the same files: every file is whole.

What is saved is computed beforehand, so that the kills fall where they could do harm.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from filling import type_placements

from xladdin import files
from xladdin.building import batch
from xladdin.building import upgrade as upgrading
from xladdin.building.batch import Made, Task, run
from xladdin.building.manifest import MANIFEST, Manifest
from xladdin.building.render import Rendered, render
from xladdin.checking import recalc as recalculation
from xladdin.errors import FileError
from xladdin.excel.install.paths import ADDIN, Places, local, places
from xladdin.excel.install.plan import plan_install
from xladdin.files import save
from xladdin.terms import select
from xladdin.workbooks.layout.user_inputs import Entries

# The children of the forks do nothing but save files: threads left behind do no harm.
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="stops processes as POSIX does"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

SEED: Final = 20_011_101
LONG_RUN: Final = int(os.environ.get("XLADDIN_KILLS", "300"))
THEIRS: Final = b"what somebody else saved" * 4000
OWNER_ALONE: Final = 0o600
SLOW: Final = 0.02
"""Seconds that a slow disk takes at most to keep what was written."""


class Scene:
    """Files that four commands save, and what each of them may hold."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.built = folder / "out" / "captable.xlsx"
        self.recalculated = folder / "mine.xlsx"
        self.upgraded = folder / "placements.xlsx"
        self.places: Places = places({}, str(folder))
        self.installed = local(self.places.start / ADDIN)
        self.installed.parent.mkdir(parents=True)
        self.allowed: dict[Path, tuple[bytes, bytes]] = {}
        self._prepare_build(monkeypatch)
        self._prepare_recalc(monkeypatch)
        self._prepare_upgrade(monkeypatch)
        self.allowed[self.installed] = (b"old add-in" * 9000, b"new add-in" * 9000)
        self.steps: tuple[Callable[[], object], ...] = (
            self.build,
            self.recalc,
            self.upgrade,
            self.install,
        )
        for path, (old, _) in self.allowed.items():
            save(path, old)
            path.chmod(OWNER_ALONE)
        for step in self.steps:
            step()

    def _prepare_build(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = [render("captable", select(text)) for text in ("NEOT-2001", "NEOT-2001/OTHER")]
        self.allowed[self.built] = (made[0].data, made[1].data)
        self.rendered: Mapping[str, Rendered] = dict(zip(("old", "new"), made, strict=True))
        monkeypatch.setattr(
            batch, "work", lambda task, _: Made(self.rendered[min(task.entries.own)], 0.0)
        )

    def _prepare_recalc(self, monkeypatch: pytest.MonkeyPatch) -> None:
        book = openpyxl.Workbook()
        for row in range(1, 200):
            book.worksheets[0].append([row * 1000, f"=CEO_FEE(A{row})"])
        book.save(self.recalculated)
        old = self.recalculated.read_bytes()
        real = recalculation.compute
        known: dict[bytes, Any] = {}

        def compute(engine: str, data: bytes, *rest: Any, **named: Any) -> Any:
            if data not in known:
                known[data] = real(engine, data, *rest, **named)
            return known[data]

        monkeypatch.setattr(recalculation, "compute", compute)
        recalculation.recalc(self.recalculated, in_place=True)
        self.allowed[self.recalculated] = (old, self.recalculated.read_bytes())
        recalculation.recalc(self.recalculated, in_place=True)

    def _prepare_upgrade(self, monkeypatch: pytest.MonkeyPatch) -> None:
        save(self.upgraded, render("placements", select()).data)
        filled = openpyxl.load_workbook(self.upgraded)
        type_placements(filled)
        filled.save(self.upgraded)
        old = self.upgraded.read_bytes()
        # Written and computed once; in the children, the same comes at once.
        for name in ("write", "finish"):
            monkeypatch.setattr(upgrading, name, _once(getattr(upgrading, name)))
        upgrading.upgrade(self.upgraded)
        self.allowed[self.upgraded] = (old, self.upgraded.read_bytes())

    def build(self) -> None:
        for state in ("old", "new"):
            entries = Entries(own=frozenset({state}))
            task = Task("captable", select(), self.built, entries=entries)
            (done,) = run([task], Manifest(self.built.parent, [""], ["captable"]))
            if done.change in ("refused", "failed"):  # the other one's is not overwritten
                save(self.built, self.rendered["old"].data)

    def recalc(self) -> None:
        save(self.recalculated, self.allowed[self.recalculated][0])
        recalculation.recalc(self.recalculated, in_place=True)

    def upgrade(self) -> None:
        save(self.upgraded, self.allowed[self.upgraded][0])
        upgrading.upgrade(self.upgraded)

    def install(self) -> None:
        for number, data in enumerate(self.allowed[self.installed]):
            plan_install(
                self.places,
                partial(_addin, data),
                version=str(number),
                xlwings="0",
                interpreter="python",
            ).carry_out()

    def work(self, chance: random.Random) -> None:
        """Do everything over and over; what the other one's saves make fail is done again.

        The disk is a slow one, so that a good part of the kills falls into the saving of files.
        """
        real = os.fsync

        def slow(fd: Any) -> None:
            real(fd)
            time.sleep(chance.uniform(0, SLOW))

        os.fsync = slow
        while True:
            for step in chance.sample(self.steps, len(self.steps)):
                with contextlib.suppress(FileError):
                    step()

    def interfere(self, chance: random.Random) -> None:
        """Save over the files, as other programs do: beside and moved, or in place."""
        received: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
        while not received:
            path = chance.choice(list(self.allowed))
            beside = path.with_name(f"their-{path.name}")
            beside.touch(OWNER_ALONE)
            beside.write_bytes(THEIRS)
            if chance.random() < 0.5:
                beside.replace(path)
            else:
                with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
                    file.write(THEIRS)
                    file.truncate()
                beside.unlink()
            time.sleep(chance.uniform(0, 0.2))


def _once(real: Callable[..., Any]) -> Callable[..., Any]:
    """Call a function the first time, and give what it gave from then on."""
    known: list[Any] = []

    def once(*given: Any) -> Any:
        known[:] = known or [real(*given)]
        return known[0]

    return once


def _addin(data: bytes, _: str) -> dict[str, bytes]:
    return {ADDIN: data}


@contextlib.contextmanager
def child(run_it: Callable[[], None], end: signal.Signals, wait: float) -> Iterator[None]:
    """Do something in a process of its own, and end it after a while of the block's end."""
    process = os.fork()
    if process == 0:
        # Nothing of the tests' own may run in the child, whatever happens to it.
        try:
            run_it()
            os._exit(0)
        finally:
            os._exit(1)
    yield
    time.sleep(wait)
    os.kill(process, end)
    _, status = os.waitpid(process, 0)
    expected = 0 if end == signal.SIGTERM else -end
    assert os.waitstatus_to_exitcode(status) == expected, "it ended by itself"


def whole(scene: Scene) -> dict[str, str]:
    """Find whose content each file has; content of nobody's fails."""
    found = {}
    for path, (old, new) in scene.allowed.items():
        whose = {old: "old", new: "new", THEIRS: "theirs"}
        content = path.read_bytes()
        assert content in whose, f"{path.name} is of nobody: {len(content):,} bytes"
        found[path.name] = whose[content]
    json.loads((scene.built.parent / MANIFEST).read_bytes())
    for path in scene.folder.rglob("*"):
        if path.is_file() and path not in scene.allowed:
            copies = [*scene.allowed[scene.upgraded], *scene.allowed[scene.installed], THEIRS]
            if "before-upgrade" in path.name or path.parent.name == "kept":
                assert path.read_bytes() in copies, f"the copy {path.name} is not whole"
    return found


def temporaries(scene: Scene) -> list[Path]:
    """List the temporary files left, none of which anybody but the owner may read."""
    left = [path for path in scene.folder.rglob(".xladdin-*.tmp") if path.is_file()]
    for path in left:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, f"{path.name} can be read by others: {mode:o}"
    return left


@pytest.mark.parametrize("kills", [2, pytest.param(LONG_RUN, marks=pytest.mark.long)])
def test_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int) -> None:
    scene = Scene(tmp_path, monkeypatch)
    # All is its owner's alone: the manifest, the record and what is kept of old files, too.
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.chmod(OWNER_ALONE)
    start = time.perf_counter()
    for step in scene.steps:
        step()
    once = time.perf_counter() - start
    chance = random.Random(SEED)
    states: dict[str, int] = {}
    left = 0
    for number in range(kills):
        theirs, ours = random.Random(number), random.Random(SEED + number)
        with (
            child(partial(scene.interfere, theirs), signal.SIGTERM, 0),
            child(partial(scene.work, ours), signal.SIGKILL, chance.uniform(0.1, 1.5) * once),
        ):
            pass
        for name, whose in whole(scene).items():
            key = f"{name} {whose}"
            states[key] = states.get(key, 0) + 1
        found = temporaries(scene)
        left += len(found)
        for path in found:
            path.unlink()
    print(f"{kills} kills, seed {SEED}: {left} temporary files left; {states}")
    if kills >= 100:
        # The kills did fall into the saving of files, and before and after it.
        assert left > kills // 20
        assert len(states) >= 2 * len(scene.allowed)
    # What a kill leaves behind goes with the next saves, and every command does its work.
    monkeypatch.setattr(files, "ABANDONED", -1)
    for path, (old, _) in scene.allowed.items():
        path.write_bytes(old)
    for step in scene.steps:
        step()
    assert set(whole(scene).values()) == {"new"}
    assert temporaries(scene) == []
