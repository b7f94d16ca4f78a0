"""LibreOffice as an engine: what it is given, what it gives, and how it comes and goes."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from draws import first
from offices import needs_office
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from paths import DATA, TESTS

import xladdin
from xladdin.cells import Cell, CellError
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.engines.libreoffice import import_copy
from xladdin.errors import FileError
from xladdin.functions.registry import FUNCTIONS
from xladdin.libreoffice import bounds, process, soffice
from xladdin.libreoffice.extension import calc_name
from xladdin.libreoffice.soffice import OfficeError
from xladdin.terms import store
from xladdin.xlsx.package import Package

FEE = calc_name("CEO_FEE")
OPEN = calc_name("CLASSB_AVAILABLE")
PART = "xl/worksheets/sheet1.xml"

PATIENCE = 150
"""Seconds after which what should happen by itself is taken not to happen at all."""

TABLES: dict[str, Cell] = {
    "=ROWS(log)": 3.0,
    "=SUM(Log[#This Row])": 1111.0,
    "=SUM(Log[[#This Row],[Gross]:[Last]])": 2222.0,
    "=Log[[#This Row],[Last]]": 3000.0,
    "=SUM(Log)": 6666.0,
    "=SUM(Log[#All])": 13_326.0,
    "=SUM(Log[#Data],Log[#Totals])": 13_326.0,
    "=Log[[#Headers],[Gross]]": "Gross",
    "=COUNTA(Log[#Headers])": 4.0,
    "=SUM(Log[[#Data],[#Totals],[Last]])": 12_000.0,
    "=SUM(Log[Fee '[net']])": 60.0,
    "=SUM(Log[It''s '#1])": 600.0,
    "=Log[[#This Row],[Gross]]": CellError("#VALUE!"),
}
"""Formulas beside a table, from its heading's row on."""


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def column(*formulas: str) -> bytes:
    """A workbook with formulas in column B, and 1, 2, 3 in column A."""
    book = openpyxl.Workbook()
    for row in (1, 2, 3):
        book.active.cell(row, 1, row)
    for row, formula in enumerate(formulas, 1):
        book.active.cell(row, 2, formula)
    return saved(book)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the folders of offices made in one place, where nobody else's are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def leftovers(places: Path, *folders: Path) -> set[str]:
    """What is left of offices: their folders, and their pipes elsewhere."""
    kept = [path for path in places.iterdir() if path.name.startswith("xladdin-office-")]
    pipes = [pipe for folder in (*kept, *folders) for pipe in process.pipes(folder)]
    return {str(path) for path in (*kept, *(pipe for pipe in pipes if pipe.exists()))}


class TestRewriting:
    @pytest.mark.parametrize(
        ("formula", "expected"),
        [
            ("CEO_FEE(A1)", f"{FEE}(A1)"),
            ("ceo_fee(A1,,Deal)*2", f"{FEE}(A1,,Deal)*2"),
            ("[1]!CEO_FEE(1)", "[1]!CEO_FEE(1)"),
            ("Sheet1!CEO_FEE(1)", "Sheet1!CEO_FEE(1)"),
            ("_xll.CEO_FEE(1)", f"{FEE}(1)"),
            ("SUM(CEO_FEE((A1)),'CEO_FEE('!A1)", f"SUM({FEE}((A1)),'CEO_FEE('!A1)"),
            ('"CEO_FEE("&CEO_FEE(1)', f'"CEO_FEE("&{FEE}(1)'),
            ("MY_CEO_FEE(1)", "MY_CEO_FEE(1)"),
            ("CEO_FEE(_xlfn.SINGLE(A1:A3))", f"{FEE}((A1:A3))"),
            ("CLASSB_AVAILABLE(A1)", f"({OPEN}(A1)<>0)"),
            ("IF(CLASSB_AVAILABLE((A1)),1,2)", f"IF(({OPEN}((A1))<>0),1,2)"),
            ("SUM(A1:A3)", "SUM(A1:A3)"),
        ],
    )
    def test_names(self, formula: str, expected: str) -> None:
        assert import_copy.rewritten(formula) == expected

    @pytest.mark.parametrize(
        ("formula", "expected"),
        [
            ("ROWS(Log)", "ROWS(Log[[#Data]])"),
            ("SUM(log,Log[Gross])", "SUM(log[[#Data]],Log[Gross])"),
            ("SUM(Log[#All])", "SUM(Log[[#All]])"),
            ("Log[[#This Row],[Gross]]", "Log[[#This Row],[Gross]]"),
            ("Other!Log+Logs+'Log'!A1", "Other!Log+Logs+'Log'!A1"),
        ],
    )
    def test_tables(self, formula: str, expected: str) -> None:
        assert import_copy.rewritten(formula, {"log"}) == expected

    @pytest.mark.parametrize(
        ("formula", "kind"),
        [
            ("A1=1", bool),
            ("SUM(A1=1)", None),
            ("AND(A1,B1)", bool),
            ("CLASSB_AVAILABLE(A1)", bool),
            ("--(A1=1)", float),
            ("AND(A1)*1", float),
            ("MAX(A1=1)", float),
            ("AND(A1)+MAX(A1)", float),
            ("IF(A1,AND(B1),2)", None),
            ("A1", None),
            ('"="', None),
        ],
    )
    def test_kinds(self, formula: str, kind: type | None) -> None:
        assert import_copy.last_kind(formula) is kind


@pytest.fixture(scope="class")
def office() -> Iterator[libreoffice.Session]:
    with libreoffice.session() as session:
        yield session


@needs_office
@pytest.mark.usefixtures("office")
class TestValues:
    @pytest.mark.parametrize(
        "group",
        [
            {
                "=SUM(A1:A3)": 6.0,
                "=CEO_FEE(A2*1000000)": 80_000.0,
                '=CEO_FEE(A1*1000000,,A9&"NEOT-2001")': 40_000.0,
                '=CEO_FEE(1000000,0,"NEOT-2001/OTHER")': 40_000.0,
                "=xladdin.xlam!CEO_FEE(1000000)": 40_000.0,
                "=1/3": 1 / 3,
                "=Z99": 0.0,
                '=""': "",
                '=" <a&b> "': " <a&b> ",
                '="ä€\U0001f600"': "ä€\U0001f600",
                "=2^53": 2.0**53,
            },
            {
                "=1=1": True,
                "=AND(A1=1,A2=3)": False,
                "=IF(A1=1,A2=2,0)": True,
                "=IF(A1=2,A2=2,0)": 0.0,
                "=CLASSB_AVAILABLE(5)": True,
                "=CLASSB_AVAILABLE(1)": False,
                "=NOT(CLASSB_AVAILABLE(5))": False,
                "=IF(A1=1,CLASSB_AVAILABLE(1.9),3)": False,
                "=ISERROR(1/0)": True,
                "=--(A1=1)": 1.0,
                "=(A1=1)*1": 1.0,
                "=MAX(A1=1,A1=2)": 1.0,
                "=SUM(A1)": 1.0,
                "=B1": True,
            },
            {
                "=1/0": CellError("#DIV/0!"),
                '="x"+1': CellError("#VALUE!"),
                "=NA()": CellError("#N/A"),
                "=MATCH(9,A1:A3,0)": CellError("#N/A"),
                "=CEO_FEE(-1)": CellError("#NUM!"),
                '=CEO_FEE("x")': CellError("#VALUE!"),
                '=CEO_FEE(1,0,"NOPE")': CellError("#REF!"),
                "=CEO_FEE(1/0)": CellError("#DIV/0!"),
                "=CLASSB_AVAILABLE(-1)": CellError("#NUM!"),
                '=INDIRECT("no such place")': CellError("#REF!"),
                "=1E308*10": CellError("#NUM!"),
                "=IFERROR(CEO_FEE(-1),7)": 7.0,
            },
        ],
    )
    def test_kinds(self, group: dict[str, Cell]) -> None:
        computed = libreoffice.compute(column(*group))
        assert not computed.refusals
        for row, (formula, expected) in enumerate(group.items(), 1):
            value = computed.value("Sheet", row, 2)
            assert (type(value), value) == (type(expected), expected), formula

    @pytest.mark.parametrize(
        ("formula", "reason"),
        [
            ("=NOPE(1)", "does not know NOPE"),
            ("=IFERROR(NOPE(1),3)", "does not know NOPE"),
            ("=IFERROR(_xlfn.NOPE(1),3)", "does not know NOPE"),
            ("=No_such_name+1", "not known to LibreOffice"),
            ("=SQRT(-1)", "502"),
            ("=B1", "refers to itself"),
        ],
    )
    def test_refusals(self, formula: str, reason: str) -> None:
        computed = libreoffice.compute(column(formula))
        (refusal,) = computed.refusals
        assert (refusal.sheet, refusal.cell) == ("Sheet", "B1")
        assert reason in refusal.reason
        with pytest.raises(FileError, match=r"'Sheet'!B1 cannot be computed here"):
            computed.require("book.xlsx")

    def test_tables_names_and_arrays_are_its_own_to_read(self) -> None:
        book = openpyxl.Workbook()
        data = book.active
        data.title = "My 'own' data"
        data.append(["Gross", "Fee [net]", "Twice"])
        for number in (1, 2, 3):
            data.append([number * 1e6, "=CEO_FEE(Log[[#This Row],[Gross]])", None])
        data.add_table(Table(displayName="Log", ref="A1:C4"))
        data["C2"] = ArrayFormula("C2:C4", "=CEO_FEE(A2:A4)*2")
        data["E1"] = "=SUM(Log[Gross])+Fee_of_two+SUM(Relative)"
        data["E2"] = ArrayFormula("E2", "=SUM(CEO_FEE(A2:A4))")
        data["F1"] = "=CEO_FEE(A2:A4)"
        for name, text in {
            "Fee_of_two": "CEO_FEE(2000000)",
            "Relative": "'My ''own'' data'!A2",
            "Deal": '"NEOT-2001"',
        }.items():
            book.defined_names[name] = DefinedName(name, attr_text=text)
        computed = libreoffice.compute(saved(book))
        cells = computed.values["My 'own' data"]
        assert [cells[row, 2] for row in (2, 3, 4)] == [40_000, 80_000, 120_000]
        assert [cells[row, 3] for row in (2, 3, 4)] == [80_000, 160_000, 240_000]
        assert cells[2, 5] == 240_000
        assert cells[1, 6] == 40_000
        assert not computed.refusals

    def test_tables_are_read_as_excel_reads_them(self) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["Gross", "Fee [net]", "It's #1", "Last"])
        for row in (1, 2, 3):
            sheet.append([row * size for size in (1, 10, 100, 1000)])
        sheet.append(["Total", 60, 600, 6000])
        sheet.add_table(Table(displayName="Log", ref="A1:D5", totalsRowCount=1))
        for row, (formula, _) in enumerate(TABLES.items(), 1):
            sheet.cell(row, 6).value = formula
        computed = libreoffice.compute(saved(book))
        for row, (formula, expected) in enumerate(TABLES.items(), 1):
            assert computed.value("Sheet", row, 6) == expected, formula

    def test_shared_formulas(self) -> None:
        data = column("=F1", "=F2", "=F3")
        with contextlib.closing(io.BytesIO(data)) as buffer:
            content = openpyxl.reader.excel.ExcelReader(buffer).archive.read(PART).decode()
        for row, formula in {
            1: '<f t="shared" ref="B1:B3" si="0">CEO_FEE(A1*100,)+$A$1</f>',
            2: '<f t="shared" si="0"/>',
            3: '<f t="shared" si="0"></f>',
        }.items():
            content = content.replace(f"<f>F{row}</f>", formula)
        computed = libreoffice.compute(Package(data).with_changes({PART: content.encode()}))
        assert [computed.value("Sheet", row, 2) for row in (1, 2, 3)] == [5, 9, 13]

    def test_stored_values_are_not_believed(self) -> None:
        """They could hide a name that is not known."""
        data = column("=NOPE(1)+0", "=A1+A2")
        book = io.BytesIO(data)
        content = openpyxl.reader.excel.ExcelReader(book).archive.read(PART).decode()
        for old in ("NOPE(1)+0</f>", "A1+A2</f>"):
            for empty in ("<v></v>", "<v />", "<v/>"):
                content = content.replace(old + empty, old + "<v>99</v>")
        assert content.count("<v>99</v>") == 2
        computed = libreoffice.compute(Package(data).with_changes({PART: content.encode()}))
        assert computed.value("Sheet", 2, 2) == 3.0
        assert [item.cell for item in computed.refusals] == ["B1"]

    def test_dates_from_1904_are_refused(self) -> None:
        book = openpyxl.Workbook()
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        with pytest.raises(FileError, match="1904"):
            libreoffice.compute(saved(book))

    def test_the_example_of_every_function(self) -> None:
        """Not a test of values, which are compared elsewhere: every name resolves on import."""
        data = column(*(function.example for function in FUNCTIONS.values()))
        computed = libreoffice.compute(data)
        assert not computed.refusals
        expected = embedded.compute(data)
        for row, name in enumerate(FUNCTIONS, 1):
            value = computed.value("Sheet", row, 2)
            assert not isinstance(value, CellError), name
            assert value == expected.value("Sheet", row, 2), name


@needs_office
@pytest.mark.usefixtures("no_office_yet")
class TestComingAndGoing:
    @pytest.mark.long
    def test_one_office_serves_many_and_leaves_nothing(self, places: Path) -> None:
        with libreoffice.session() as session:
            libreoffice.compute(column("=1+1"))
            first, folder = session.office.process, session.office.folder
            assert folder is not None
            with libreoffice.session():
                libreoffice.compute(column("=1+2"))
            assert session.office.process == first > 0
            assert len(leftovers(places)) == 3  # the folder and two pipes
        assert session.office.process == 0
        assert not leftovers(places, folder)
        assert not _alive(first)

    @pytest.mark.long
    @pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
    def test_it_runs_where_its_user_may_enter(
        self, places: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """unopkg ends at once elsewhere. The user's deals are found all the same."""
        (places / "deals").mkdir()
        shutil.copy(DATA / "AWKWARD.toml", places / "deals")
        monkeypatch.chdir(places)
        monkeypatch.setenv(store.ENVIRONMENT, "deals")
        with libreoffice.session() as session:
            computed = libreoffice.compute(column('=CEO_FEE(1,0,"AWKWARD")'))
            assert computed.value("Sheet", 1, 2) == xladdin.ceo_fee(1, 0, "AWKWARD")
            driver = session.office.process
            for process in (driver, _child(driver)):
                assert Path(f"/proc/{process}/cwd").resolve() == soffice.find_program().parent

    @pytest.mark.long
    def test_without_a_session_it_goes_at_once(self, places: Path) -> None:
        assert libreoffice.compute(column("=1+1")).value("Sheet", 1, 2) == 2.0
        assert not leftovers(places)

    @pytest.mark.parametrize("victim", first(["office", "driver"]))
    def test_killed_in_the_middle(self, places: Path, victim: str) -> None:
        with libreoffice.session() as session:
            libreoffice.compute(column("=1+1"))
            driver, folder = session.office.process, session.office.folder
            assert folder is not None
            process = driver if victim == "driver" else _child(driver)
            threading.Timer(0.2, os.kill, (process, signal.SIGKILL)).start()
            with pytest.raises(OfficeError, match="ended unexpectedly") as caught:
                _forever()
            assert "try again" in str(caught.value)
            assert not _alive(driver)
            assert not leftovers(places, folder)
            assert libreoffice.compute(column("=1+1")).value("Sheet", 1, 2) == 2.0
        assert not leftovers(places)

    @pytest.mark.long
    def test_too_slow(self, places: Path) -> None:
        with libreoffice.session() as session:
            libreoffice.compute(column("=1+1"))
            driver, folder = session.office.process, session.office.folder
            assert folder is not None
            os.kill(_child(driver), signal.SIGSTOP)
            session.office.timeout = 0.5
            with pytest.raises(FileError, match=r"it takes longer than 0\.5 seconds"):
                libreoffice.compute(column("=1+1"))
        assert not _alive(driver)
        assert not leftovers(places, folder)

    @pytest.mark.long
    def test_too_large(self, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with libreoffice.session() as session:
            libreoffice.compute(column("=1+1"))
            driver, folder = session.office.process, session.office.folder
            assert folder is not None
            monkeypatch.setenv(bounds.MEMORY_VARIABLE, "5")
            with pytest.raises(FileError, match=r"big\.xlsx: it takes more than 5 MB of memory"):
                libreoffice.compute(column(*["=RAND()&1"] * 60_000), "big.xlsx")
            monkeypatch.delenv(bounds.MEMORY_VARIABLE)
            assert not _alive(driver)
            assert libreoffice.compute(column("=1+1")).value("Sheet", 1, 2) == 2.0
        assert not leftovers(places, folder)

    @pytest.mark.long
    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    def test_whoever_asked_is_ended(self, places: Path, how: signal.Signals) -> None:
        script = (
            "from test_libreoffice import *\n"
            "with libreoffice.session() as session:\n"
            "    libreoffice.compute(column('=1+1'))\n"
            "    print(session.office.process, session.office.folder, flush=True)\n"
            "    forever()\n"
        ).replace("forever", "_forever")
        paths = [str(Path(__file__).parent), str(TESTS), *sys.path]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(paths),
            "TMPDIR": str(places),
        }
        with subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        ) as asking:
            assert asking.stdout is not None
            driver, folder = asking.stdout.readline().decode().split()
            asking.send_signal(how)
        gone = [Path(folder)]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and (_alive(int(driver)) or leftovers(places)):
            time.sleep(0.1)
        assert not _alive(int(driver))
        # Pipes of an office that was killed with nobody there to see to it are empty names.
        assert not leftovers(places, *(gone if how == signal.SIGINT else []))

    @pytest.mark.long
    def test_a_workbook_that_it_cannot_open(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with libreoffice.session() as session:
            with monkeypatch.context() as patch:
                patch.setattr(libreoffice, "copied", lambda _book: b"PK\x03\x04 no workbook")
                with pytest.raises(FileError, match=r"mine\.xlsx: LibreOffice"):
                    libreoffice.compute(column("=1+1"), "mine.xlsx")
            driver = session.office.process
            assert libreoffice.compute(column("=1+1")).value("Sheet", 1, 2) == 2.0
            assert session.office.process == driver


@pytest.mark.usefixtures("no_office_yet")
class TestMissing:
    def test_a_program_that_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(soffice.PROGRAM_VARIABLE, "/no/such/soffice")
        with pytest.raises(OfficeError, match="no/such/soffice"):
            libreoffice.compute(column("=1+1"))
        assert "no/such/soffice" in soffice.check()

    def test_nothing_installed(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv(soffice.PROGRAM_VARIABLE, raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(soffice, "_FOLDERS", (str(tmp_path / "office*" / "program"),))
        # Nothing is started, not even to look around.
        monkeypatch.delattr(subprocess, "Popen")
        with pytest.raises(OfficeError, match=r"not found on this machine; install LibreOffice"):
            libreoffice.compute(column("=1+1"))

    @needs_office
    @pytest.mark.skipif(os.name != "posix", reason="needs a shell script for a program")
    def test_a_program_that_is_no_office(
        self, monkeypatch: pytest.MonkeyPatch, places: Path, tmp_path: Path
    ) -> None:
        for name in ("soffice", "unopkg"):
            program = tmp_path / name
            program.write_text("#!/bin/sh\necho out of order\nexit 3\n")
            program.chmod(0o755)
        monkeypatch.setenv(soffice.PROGRAM_VARIABLE, str(tmp_path / "soffice"))
        with pytest.raises(OfficeError, match="out of order"):
            libreoffice.compute(column("=1+1"))
        assert not leftovers(places)

    def test_errors_cross_process_borders(self) -> None:
        error = OfficeError("it is gone", "try again")
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), type(again)) == (str(error), OfficeError)


def _forever() -> None:
    data = column("=1+1")
    while True:
        libreoffice.compute(data)


def _child(process: int) -> int:
    """The office that a driver runs; the first process that it started and that still runs."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=True
    )
    return int(found.stdout.split()[0])


def _alive(group: int) -> bool:
    """Whether any process of a group is there, those aside that only wait to be noticed as dead."""
    found = subprocess.run(
        ["ps", "-e", "-o", "pgid=,stat="], capture_output=True, text=True, check=True
    )
    lines = (line.split() for line in found.stdout.splitlines())
    return any(int(number) == group and not state.startswith("Z") for number, state in lines)
