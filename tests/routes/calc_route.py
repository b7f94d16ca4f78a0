"""The route through LibreOffice Calc, for the shared table of cases.

It makes the extension, adds it to a new profile and puts all cells of many cases to a Calc without
a window. LibreOffice refuses root there, so root's tests run it as nobody. Nothing stays behind.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from arguments import (
    OMITTED,
    WHOLE,
    Argument,
    Array,
    Content,
    Currency,
    Date,
    Error,
    Omitted,
    Range,
    Result,
    Shown,
    Typed,
    plain,
)
from oracles.calls import result
from routes.cases import Case
from routes.route import Formulas, Route, single

from xladdin.cells import CellError
from xladdin.functions.registry import FUNCTIONS
from xladdin.libreoffice import extension as oxt
from xladdin.libreoffice import soffice
from xladdin.libreoffice import udfs as calc

PROGRAM: Final = Path(__file__).with_name("in_calc.py")
NOBODY: Final = "nobody"
SHARED: Final = "/tmp"
CODES: Final = {number: code for code, number in calc.ERROR_NUMBERS.items()}
TINY: Final = 5e-324
IN_RANGE: Final = Error("Err:504")
"""What Calc makes of a range with an error in it."""

# Formulas that give each error: the text of an error in a cell is no error.
ERRORS: Final = {
    "#NULL!": "=#NULL!",
    "#DIV/0!": "=1/0",
    "#VALUE!": "=#VALUE!",
    "#REF!": "=#REF!",
    "#NAME?": "=#NAME?",
    "#NUM!": "=#NUM!",
    "#N/A": "=NA()",
}


class Profile:
    """A profile of LibreOffice with the extension, in a folder that is removed afterwards."""

    def __init__(self, extension: bytes) -> None:
        # The folder for temporary files may be open to root alone, as may the one we are in.
        place = SHARED if os.getuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="xladdin-calc-", dir=place))
        self.url = (self.folder / "profile").as_uri()
        self.program = soffice.find_program()
        self.environment = {
            "PATH": os.pathsep.join(("/usr/bin", "/bin")),
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "SAL_USE_VCLPLUGIN": "svp",
        }
        path = self.folder / "xladdin.oxt"
        path.write_bytes(extension)
        shutil.copy(PROGRAM, self.folder)
        self.as_user: list[str] = []
        if os.getuid() == 0:
            user = pwd.getpwnam(NOBODY)
            shutil.chown(self.folder, user.pw_uid, user.pw_gid)
            # The group as well: LibreOffice starts none of its helpers otherwise.
            self.as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}"]
            self.as_user.append("--clear-groups")
        self.added = self.run(
            str(self.program.with_name("unopkg")),
            "add",
            "--suppress-license",
            f"-env:UserInstallation={self.url}",
            str(path),
        )

    def run(self, *command: str) -> str:
        """Run a program as a user who is not root, and return what it wrote."""
        done = subprocess.run(
            [*self.as_user, *command],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        return done.stdout + done.stderr

    @functools.cached_property
    def calc(self) -> subprocess.Popen[str]:
        """A Calc, started when it is first asked; what it complains of goes into a file."""
        command = ["/usr/bin/python3", str(self.folder / PROGRAM.name)]
        with (self.folder / "complaints").open("w") as complaints:
            return subprocess.Popen(
                [*self.as_user, *command, str(self.program), self.url, self.folder.name],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )

    def ask(self, **request: Any) -> dict[str, Any]:
        """Put a request to the Calc, which answers it in a document of its own."""
        calc = self.calc
        assert calc.stdin is not None
        assert calc.stdout is not None
        calc.stdin.write(json.dumps(request) + "\n")
        calc.stdin.flush()
        line = calc.stdout.readline()
        assert line, (self.folder / "complaints").read_text()[-3000:]
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the Calc, and remove the folder."""
        if "calc" in self.__dict__:
            self.calc.communicate()  # no more requests: it ends
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def profile(extension: bytes | None = None) -> Iterator[Profile]:
    """Keep a profile for a ``with`` statement."""
    made = Profile(oxt.make() if extension is None else extension)
    try:
        yield made
    finally:
        made.close()


class Calc(Route):
    """LibreOffice Calc with the extension."""

    name = "Calc"
    words = "LibreOffice Calc with the extension, in one document with all calls"
    one_in = 7

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def is_there(self) -> bool:
        """Whether LibreOffice is there, and this is no Windows."""
        return sys.platform == "linux" and not soffice.check()

    def unfit(self, case: Case) -> str:
        """Say why a case cannot be put here."""
        for argument in case.arguments:
            if isinstance(argument, Typed) and argument.value == TINY:
                return "Calc takes no constant as small as that in a formula"
            cells = itertools.chain(*argument.rows) if isinstance(argument, Array) else ()
            if any(isinstance(cell, CellError) for cell in cells):
                return "Calc takes no errors in an array constant"
        return ""

    def expected(self, case: Case) -> Result:
        """Say what a case must give, as Calc hands its arguments over."""
        stopped = [found for item in case.arguments if (found := _stopped(item)) is not None]
        if stopped:
            return stopped[-1]
        function = FUNCTIONS[case.name]
        given = [_handed(item) for item in case.arguments]
        for place, slot in enumerate(function.arguments):
            # A required argument comes as rows anyway: a range of one blank is empty text there.
            if not slot.optional and given[place : place + 1] == [Range(((None,),))]:
                given[place] = ""
        slots = function.arguments
        if function.variadic:
            name = given[0].value if isinstance(given[0], Typed) else given[0]
            target = FUNCTIONS.get(name.strip().upper()) if isinstance(name, str) else None
            slots = (slots[0], *(target.arguments if target else ()))
        for place, slot in enumerate(slots[: len(given)]):
            if slot.optional and _is_zero(given[place]) and not _takes_zero(slot):
                given[place] = OMITTED
        expected = result(case.name, given)
        if isinstance(expected, tuple):
            return tuple(tuple(map(_as_shown, row)) for row in expected)
        return _as_shown(expected)

    def run(self, given: Sequence[Case]) -> list[Result]:
        """Make the calls, all in one document."""
        book = _Book()
        calls = [book.call(case, self.expected(case)) for case in given]
        answer = self._profile.ask(sheets=book.sheets, calls=calls)
        return [_result(rows) for rows in answer["values"]]


def _stopped(argument: Argument) -> CellError | None:
    """Return the error that never reaches the function: the last one that Calc comes upon."""
    if isinstance(argument, CellError):
        return argument
    if isinstance(argument, Typed) and isinstance(argument.value, CellError):
        return argument.value
    if isinstance(argument, Range):
        cells = itertools.chain.from_iterable(argument.rows)
        return IN_RANGE if any(isinstance(cell, CellError) for cell in cells) else None
    return None


def _handed(argument: Argument) -> Argument:
    """Say what an argument is once Calc has handed it over."""
    if isinstance(argument, Omitted):
        return argument
    if isinstance(argument, Typed):
        return Typed(_number(argument.value))
    if isinstance(argument, Range):
        rows = tuple(
            tuple(_or_blank(_number(plain(cell))) for cell in row) for row in argument.rows
        )
        return Range(rows, argument.whole)
    if isinstance(argument, Array):
        # A blank cannot be written into an array, but a range may stand for one.
        return Range(
            tuple(tuple(_or_blank(_number(cell)) for cell in row) for row in argument.rows)
        )
    return 0.0 if argument is None else _number(plain(argument))


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, bool) else value


def _or_blank(value: Any) -> Any:
    return None if value == "" else value


def _is_zero(argument: Argument) -> bool:
    value = argument.value if isinstance(argument, Typed) else argument
    return type(value) is float and value == 0


_WITH_ZERO: Final = ("amount", "exercise price", "count", "counts", "offset", "anything")


def _takes_zero(argument: Any) -> bool:
    return argument.kind.name in _WITH_ZERO


def _as_shown(value: Shown) -> Shown:
    return float(value) if isinstance(value, bool) else value


class _Book(Formulas):
    """What calls refer to, and their formulas."""

    CELLS: ClassVar[str] = "Cells"
    between_arguments = between_columns = ";"
    between_rows = "|"

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, list[list[Any]]] = {self.CELLS: [[None]]}

    def call(self, case: Case, expected: Result) -> list[Any]:
        """Write a call: its formula, and how many rows and columns it fills."""
        size = (len(expected), len(expected[0])) if isinstance(expected, tuple) else (1, 1)
        return [self.formula(case), *size]

    def place(self, argument: Range | Content) -> str:
        """Put what is referred to into a sheet, and return the reference."""
        rows = argument.rows if isinstance(argument, Range) else ((argument,),)
        written = [[_written(cell) for cell in row] for row in rows]
        last = chr(ord("A") + len(rows[0]) - 1)
        if isinstance(argument, Range) and argument.whole:
            name = f"Whole{len(self.sheets)}"
            self.sheets[name] = written
            return f"$'{name}'.$A$1:${last}${WHOLE}"
        top = len(self.sheets[self.CELLS]) + 1
        self.sheets[self.CELLS] += written
        if not isinstance(argument, Range):
            return f"$Cells.$A${top}"
        return f"$Cells.$A${top}:${last}${top + len(rows) - 1}"


def _written(content: Content) -> Any:
    """Write a cell for `in_calc`."""
    if isinstance(content, CellError):
        return {"f": ERRORS[content.code]}
    if isinstance(content, bool):
        return {"f": f"={content}()".upper()}
    if content == "":
        return {"f": '=""'}
    return content.number if isinstance(content, Date | Currency) else content


def _result(rows: list[list[Any]]) -> Result:
    return single(tuple(tuple(map(_value, row)) for row in rows))


def _value(cell: Any) -> Shown:
    if isinstance(cell, Mapping):
        number = cell["error"]
        return Error(CODES.get(number) or f"Err:{number}")
    value: Shown = "" if cell is None else cell
    return value
