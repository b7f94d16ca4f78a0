"""Every case of the table of exit statuses, with a command that ends so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from click.testing import CliRunner, Result
from deals import NEOT_1
from excel.install.pretending import NEW, Pretended
from filling import type_into
from openpyxl.worksheet.datavalidation import DataValidation
from packages import packed, parts_of
from paths import DATA

from tools.exit_statuses import CASES
from xladdin.building import build as building
from xladdin.building.executors import WorkersLostError
from xladdin.checking.recalc import recalc
from xladdin.cli import install, main
from xladdin.excel.install.paths import ADDIN
from xladdin.terms import store

DOCUMENT: Final = DATA / "documents" / "NEOT-2001.txt"
START: Final = "AppData/Roaming/Microsoft/Excel/XLSTART"


class Scene:
    """A folder to work in, with what commands work on."""

    def __init__(self, folder: Path, made: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.made = made
        self.patch = patch

    def run(self, *arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    def build(self, *arguments: object) -> Result:
        return self.run("build", *arguments, "--out", self.folder / "out")

    def office(self, *arguments: object) -> Result:
        host = ("--host", "https://a.example")
        return self.run("office-addin", *host, "--out", self.folder / "web", *arguments)

    def office_changed(self, name: str, *arguments: object) -> Result:
        """The add-in once more, after somebody changed a file of it."""
        assert self.office(*arguments).exit_code == 0
        (self.folder / "web" / name).write_text("their own")
        return self.office()

    def deals(self, **texts: str) -> Path:
        """A folder of deals, each of which is the shipped one with something else in it."""
        folder = self.folder / "mine"
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.toml").write_text(text.replace("NEOT-2001", name), "utf-8")
        return folder

    def data(self, placements: str) -> Path:
        folder = self.folder / "data" / "NEOT-2001"
        folder.mkdir(parents=True)
        (folder / "placements.csv").write_text(f"Date,Shares,Price\n{placements}\n", "utf-8")
        return folder.parent

    def placements(self, shares: object = None) -> Path:
        """The log, with other shares in its first row if some are given."""
        path = self.folder / "placements.xlsx"
        path.write_bytes((self.made / "placements.xlsx").read_bytes())
        if shares is not None:
            book = openpyxl.load_workbook(path)
            book["Placements"]["C6"] = shares
            book.save(path)
            recalc(path, in_place=True, engine="embedded")
        return path

    def book(self, *cells: object, rule: bool = False, stored: bool = True) -> Path:
        """A workbook of somebody's own."""
        book = openpyxl.Workbook()
        book.active.append(cells)
        if rule:
            made = DataValidation(type="whole", operator="greaterThan", formula1="0")
            made.showErrorMessage = True
            made.add("A1")
            book.active.add_data_validation(made)
        path = self.folder / "mine.xlsx"
        book.save(path)
        if stored:
            recalc(path, in_place=True, engine="embedded")
        return path

    def excel(self, command: str, **changes: Any) -> Result:
        """Install, uninstall or examine on a pretended machine."""
        folder = str(self.folder)
        system = Pretended(environment={"APPDATA": folder, "LOCALAPPDATA": folder}, **changes)
        self.patch.setattr(install, "this_system", lambda: system)
        self.patch.setattr(install, "make_files", lambda _: {ADDIN: NEW[ADDIN]})
        return self.run(*command.split())


class Lost:
    """A cluster that loses its last worker."""

    count = 1

    def __init__(self, *_: object) -> None: ...

    def submit(self, *_: object) -> object:
        raise WorkersLostError("tcp://host", "its last worker is lost")

    def __enter__(self) -> Lost:
        return self

    def __exit__(self, *_: object) -> None: ...


def lost_workers(scene: Scene) -> Result:
    scene.patch.setattr(building, "Cluster", Lost)
    return scene.build("captable", "--cluster", "tcp://host:1")


def in_the_way(scene: Scene) -> Result:
    (scene.folder / "out" / "captable.xlsx").mkdir(parents=True)
    return scene.build("captable")


def used(scene: Scene) -> Result:
    (scene.folder / "out").mkdir()
    path = scene.folder / "out" / "captable.xlsx"
    path.write_bytes((scene.made / "captable.xlsx").read_bytes())
    type_into(path, "Planned_issue", 12_345)
    return scene.build("captable")


def without(text: str, section: str, following: str) -> str:
    start = text.index(section)
    return text[:start] + text[text.index(following) :]


NO_TABLE: Final = without(NEOT_1, "[capitalisation]", "[printed]")


def with_header(scene: Scene) -> Result:
    path = scene.placements()
    book = openpyxl.load_workbook(path)
    book["Placements"].oddHeader.center.text = "Mine"
    book.save(path)
    recalc(path, in_place=True, engine="embedded")
    return scene.run("upgrade", path)


def changed_formula(scene: Scene) -> Result:
    path = scene.placements()
    book = openpyxl.load_workbook(path)
    book["Terms"]["A1"] = "Mine"
    book.save(path)
    return scene.run("upgrade", path)


def differing(scene: Scene) -> Path:
    """A workbook with a stored value that is not what its formula gives."""
    path = scene.book("=CEO_FEE(1000)")
    parts = parts_of(path.read_bytes())
    sheet = "xl/worksheets/sheet1.xml"
    assert parts[sheet].count(b"<v>40</v>") == 1
    parts[sheet] = parts[sheet].replace(b"<v>40</v>", b"<v>41</v>")
    path.write_bytes(packed(parts))
    return path


def a_deals_folder(scene: Scene, text: str) -> Result:
    scene.patch.setenv(store.ENVIRONMENT, str(scene.deals(MINE=text)))
    store.forget()
    return scene.run("deals")


def uninstalled(scene: Scene, *, changed: bool) -> Result:
    assert scene.excel("install").exit_code == 0
    if changed:
        (path,) = scene.folder.rglob(ADDIN)
        path.write_bytes(b"changed")
    return scene.excel("uninstall")


Scenario = Callable[[Scene], Result]
CUBE: Final = "=CUBEVALUE(1)"
MISSING: Final = '=CEO_FEE(1,,"NONE-1")'
ABOVE: Final = 51_000_000

SCENARIOS: Final[Mapping[str, Mapping[str, Scenario]]] = {
    "build": {
        "every workbook is built or up to date, and its checks hold": lambda s: s.build("captable"),
        "of several templates or deals, what a deal has nothing for is left out": lambda s: s.build(
            "--deal", s.deals(MINE=NO_TABLE) / "MINE.toml"
        ),
        "a check fails": lambda s: s.build("placements", "--data", s.data("2001-08-14,9999999,40")),
        "a workbook cannot be written": in_the_way,
        "somebody has used a workbook": used,
        "of many deals, one cannot be used": lambda s: s.build(
            "captable", "--deal", s.deals(MINE=NEOT_1, YOURS="x")
        ),
        "with `--check`, a workbook is missing or not up to date": lambda s: s.build(
            "captable", "--check"
        ),
        "the workers of a cluster are lost": lost_workers,
        "a deal, a template, the data or the cluster is not there or cannot be used": lambda s: (
            s.build("captable", "--deal", "NONE")
        ),
        "a deal has nothing for a template named": lambda s: s.build(
            "equityline", "--deal", s.deals(MINE=NEOT_1) / "MINE.toml"
        ),
        "of many deals, none can be used": lambda s: s.build(
            "equityline", "--deal", s.deals(MINE=NEOT_1, YOURS="x")
        ),
        "nothing was built, because no deal has anything for a template": lambda s: s.build(
            "--deal", s.deals(MINE=NEOT_1[: NEOT_1.index("[agreements")]) / "MINE.toml"
        ),
    },
    "build-oxt": {
        "the extension is written": lambda s: s.run("build-oxt", "--out", s.folder),
        "it cannot be written": lambda s: s.run(
            "build-oxt", "--out", s.placements() / "xladdin.oxt"
        ),
    },
    "deals": {
        "the deals, or the figures of one, are printed": lambda s: s.run("deals", "NEOT-2001"),
        "with `--check`, every printed figure is reproduced": lambda s: s.run(
            "deals", "NEOT-2001", "--check"
        ),
        "with `--document`, every figure is on a page that it cites": lambda s: s.run(
            "deals", "NEOT-2001", "--document", DOCUMENT
        ),
        "a file in the folder of deals is wrong or has a wrong name, and the others are listed": (
            lambda s: a_deals_folder(s, "x")
        ),
        "with `--check`, a printed figure is not reproduced": lambda s: s.run(
            "deals",
            s.deals(MINE=NEOT_1.replace("value = 0.28,", "value = 0.29,")) / "MINE.toml",
            "--check",
        ),
        "with `--document`, a figure is not on a page that it cites": lambda s: s.run(
            "deals",
            s.deals(MINE=NEOT_1.replace("25_000_000", "24_000_000")) / "MINE.toml",
            "--document",
            DOCUMENT,
        ),
        "there is no such deal, or the file is wrong": lambda s: s.run("deals", "NONE"),
        "with `--check`, the deal has no printed figures": lambda s: s.run(
            "deals", s.deals(MINE=NEOT_1[: NEOT_1.index("[printed]")]) / "MINE.toml", "--check"
        ),
    },
    "doctor": {
        "a formula in Excel has all it needs": lambda s: s.excel("install") and s.excel("doctor"),
        "something is missing or wrong": lambda s: s.excel("doctor", values={}),
        "wrong use": lambda s: s.run("doctor", "--profile", "half"),
    },
    "eval": {
        "the value is printed": lambda s: s.run("eval", "=CEO_FEE(1)"),
        "the value is an error": lambda s: s.run("eval", "=CEO_FEE(-1)"),
        "the formula cannot be computed here": lambda s: s.run("eval", "=NOTHING(1)"),
        "wrong use": lambda s: s.run("eval"),
    },
    "functions": {
        "the functions, or one of them, are printed": lambda s: s.run("functions"),
        "there is no such function": lambda s: s.run("functions", "NONE"),
    },
    "install": {
        "the add-in or the extension is installed": lambda s: s.excel("install"),
        "it could not be installed": lambda s: s.excel("install", name="linux"),
        "Excel needs more before it works": lambda s: s.excel("install", values={}),
        "a folder that is given is not there": lambda s: s.excel(
            f"install --as windows --profile {s.folder / 'none'}"
        ),
    },
    "office-addin": {
        "the folder is written, or up to date": lambda s: s.office(),
        "a file of an earlier run is of no use any more, but somebody changed it": lambda s: (
            s.office_changed("deals/MINE.toml", "--deals", s.deals(MINE=NEOT_1))
        ),
        "an address that Excel does not take": lambda s: s.office("--host", "http://a.example"),
        "a folder or a deal that is given cannot be used, and nothing was written": (
            lambda s: s.office("--deals", s.folder / "none")
        ),
        "somebody changed a file of the folder, and nothing was written": lambda s: (
            s.office_changed("manifest.xml")
        ),
    },
    "recalc": {
        "every value is stored, no entry is wrong, and the workbook's own checks hold": lambda s: (
            s.run("recalc", "--in-place", s.placements())
        ),
        "the values are stored, but an entry is wrong": lambda s: s.run(
            "recalc", "--in-place", s.book(-1, "=A1+1", rule=True, stored=False)
        ),
        "the values are stored, but a check fails": lambda s: s.run(
            "recalc", "--in-place", s.placements(ABOVE)
        ),
        "`--partial` left cells as they were": lambda s: s.run(
            "recalc", "--in-place", "--partial", s.book(CUBE, "=1+1", stored=False)
        ),
        "a file cannot be read or written, and nothing was written": lambda s: s.run(
            "recalc", "--in-place", s.folder / "none.xlsx"
        ),
        "it names a deal that is not installed, and nothing was written": lambda s: s.run(
            "recalc", "--in-place", s.book(MISSING, stored=False)
        ),
        "it holds a formula that cannot be computed, and nothing was written": lambda s: s.run(
            "recalc", "--in-place", s.book(CUBE, stored=False)
        ),
    },
    "uninstall": {
        "nothing of it is installed any more": lambda s: uninstalled(s, changed=False),
        "a file was left, because somebody has changed it or because of the machine": lambda s: (
            uninstalled(s, changed=True)
        ),
        "a folder that is given is not there": lambda s: s.excel(
            f"uninstall --as windows --profile {s.folder / 'none'}"
        ),
    },
    "upgrade": {
        "every workbook is upgraded with all that was added to it, and its checks hold": lambda s: (
            s.run("upgrade", s.placements(51_000))
        ),
        "a workbook is upgraded, but a check fails": lambda s: s.run(
            "upgrade", s.placements(ABOVE)
        ),
        "a workbook is upgraded, but something beside its cells is in the old file only": (
            with_header
        ),
        "a workbook cannot be upgraded, and is as it was": changed_formula,
    },
    "verify": {
        "every workbook agrees, and no entry is wrong": lambda s: s.run(
            "verify", s.book("=CEO_FEE(1)")
        ),
        "a value differs": lambda s: s.run("verify", differing(s)),
        "an entry is wrong": lambda s: s.run("verify", s.book(-1, "=A1+1", rule=True)),
        "a check fails": lambda s: s.run("verify", s.placements(ABOVE)),
        "a cell cannot be computed": lambda s: s.run("verify", s.book(CUBE, stored=False)),
        "nothing could be compared": lambda s: s.run("verify", s.book(1)),
        "a file cannot be read": lambda s: s.run("verify", s.folder / "none.xlsx"),
        "it names a deal that is not installed": lambda s: s.run(
            "verify", s.book(MISSING, stored=False)
        ),
    },
}
"""For each case of each command, how it comes about."""


@pytest.fixture
def scene(tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.chdir(tmp_path)
    yield Scene(tmp_path, made, monkeypatch)
    store.forget()


def test_every_command_and_case_is_shown() -> None:
    assert CASES.keys() == set(main.list_commands(None))  # type: ignore[arg-type]
    for command, cases in CASES.items():
        listed = [case for found in cases.by_status().values() for case in found]
        assert list(SCENARIOS[command]) == listed, command


@pytest.mark.sample(20)
@pytest.mark.parametrize(
    ("command", "status", "case"),
    [
        (command, status, case)
        for command, cases in CASES.items()
        for status, found in cases.by_status().items()
        for case in found
    ],
)
def test_cases(scene: Scene, command: str, status: int, case: str) -> None:
    done = SCENARIOS[command][case](scene)
    assert done.exit_code == status, done.output
