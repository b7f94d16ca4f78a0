"""The commands `install`, `uninstall` and `doctor`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

import click

from xladdin._version import __version__
from xladdin.cli.console import FAILED, WRONG_USE, echo, echo_json, fail, note
from xladdin.errors import FileError
from xladdin.excel.install.paths import (
    ADDIN,
    SYSTEMS,
    WINDOWS,
    Places,
    is_here,
    local,
    path_of,
    places,
)
from xladdin.excel.install.payload import addin_files

# The commands import what examines the machine: `xladdin --help` only lists them.
if TYPE_CHECKING:
    from xladdin.excel.install.doctor import Case, Finding
    from xladdin.excel.install.machine import System
    from xladdin.excel.install.plan import MakeFiles, Plan

make_files: MakeFiles = addin_files
"""Makes the files of an install; tests replace it."""


def _this_system() -> System:
    from xladdin.excel.install.machine import System

    return System()


this_system: Callable[[], System] = _this_system
"""Describes the machine; tests replace it."""

P = ParamSpec("P")


def _clean(command: Callable[P, None]) -> Callable[P, None]:
    """Turn errors of the machine into one line and exit status 1."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except OSError as error:
            from xladdin.files import explained

            where = path_of(error.filename) if isinstance(error.filename, str) else "this machine"
            text = error if isinstance(error, FileError) else explained(where, error)  # type: ignore[arg-type]
            fail(str(text), FAILED)

    return run


_as = click.option(
    "--as",
    "as_system",
    type=click.Choice(SYSTEMS),
    help="Act as on this system. Default: the system that this is.",
)
_profile = click.option(
    "--profile",
    metavar="FOLDER",
    help="Take this for the user's own folder, such as C:\\Users\\Ada.",
)
_dry_run = click.option(
    "--dry-run", is_flag=True, help="Change nothing; show what would be done, and why."
)


_libreoffice = click.option(
    "--libreoffice", is_flag=True, help="LibreOffice's extension instead of Excel's add-in."
)
_shared = click.option(
    "--shared", is_flag=True, help="With --libreoffice: for all users of this machine."
)


@click.command(short_help="Put the add-in into Excel.")
@_dry_run
@_as
@_profile
@_libreoffice
@_shared
@_clean
def install(
    *, dry_run: bool, as_system: str | None, profile: str | None, libreoffice: bool, shared: bool
) -> None:
    """Put the add-in into Excel: its functions are there when Excel next starts.

    Whatever version was there before is replaced. Excel must be closed.
    """
    if libreoffice:
        _install_extension(dry_run=dry_run, shared=shared)
        return
    from xladdin.excel.install.doctor import X64, is_store_python
    from xladdin.excel.install.plan import plan_install

    system, where = _on_windows(as_system, profile, dry_run=dry_run)
    if system.name == WINDOWS and is_store_python(system.bases):
        fail(
            f"{system.interpreter} comes from the Microsoft Store, and Windows hides from Excel "
            "what it installs; install Python from python.org, and this package with it",
            FAILED,
        )
    if system.name == WINDOWS and system.platform != X64:
        fail(
            f"{system.interpreter} is built for {system.platform}, and xlwings has no DLL for "
            "that; install the 64-bit Python for x86-64 from python.org, and this package with it",
            FAILED,
        )
    plan = plan_install(
        where,
        make_files,
        version=__version__,
        xlwings=system.version("xlwings"),
        interpreter=system.interpreter,
    )
    _do(plan, dry_run=dry_run, idle=f"version {__version__} is installed already, and whole")
    if not dry_run and system.name == WINDOWS and profile is None:
        _report_problems(_case(system, WINDOWS, where))
    if plan.left:
        raise SystemExit(FAILED)
    if not dry_run:
        click.echo("Start Excel and type =CEO_FEE( into a cell.")


@click.command(short_help="Remove from Excel what `install` put there.")
@_dry_run
@click.option(
    "--force", is_flag=True, help="Remove files, too, that were changed since the install."
)
@_as
@_profile
@_libreoffice
@_shared
@_clean
def uninstall(
    *,
    dry_run: bool,
    force: bool,
    as_system: str | None,
    profile: str | None,
    libreoffice: bool,
    shared: bool,
) -> None:
    """Remove from Excel what `install` put there, and nothing else. Excel must be closed."""
    if libreoffice:
        _uninstall_extension(dry_run=dry_run, shared=shared)
        return
    from xladdin.excel.install.plan import plan_uninstall

    _, where = _on_windows(as_system, profile, dry_run=dry_run)
    plan = plan_uninstall(where, force=force)
    idle = "nothing is installed" if not plan.left else "nothing was removed"
    _do(plan, dry_run=dry_run, idle=idle)
    if plan.left:
        raise SystemExit(FAILED)


@click.command(short_help="Check all that Excel needs, and show what is missing.")
@_as
@_profile
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@_clean
def doctor(*, as_system: str | None, profile: str | None, as_json: bool) -> None:
    """Check all that a formula in Excel needs, and show what is missing and how to fix it."""
    from dataclasses import asdict

    from xladdin.excel.install import doctor as checks

    system = this_system()
    where = places(system.environment, _folder(profile))
    case = _case(system, as_system or system.name, where)
    findings = checks.examine(case)
    well = all(finding.state == checks.OK for finding in findings)
    if as_json:
        table = {
            "version": __version__,
            "system": case.name,
            "ok": well,
            "findings": [asdict(finding) for finding in findings],
        }
        echo_json(table)
    else:
        for finding in findings:
            echo(_line(finding))
    if not well:
        raise SystemExit(FAILED)


def _on_windows(
    as_system: str | None, profile: str | None, *, dry_run: bool
) -> tuple[System, Places]:
    """Stop where Excel cannot run the functions, or where nothing can be written."""
    from xladdin.excel.install.windows_registry import ELSEWHERE

    system = this_system()
    if (as_system or system.name) != WINDOWS:
        fail(
            "the functions reach Excel on Windows only, so nothing was changed; "
            f"{ELSEWHERE} (`--dry-run --as windows` shows what would be done there)",
            FAILED,
        )
    where = places(system.environment, _folder(profile))
    if not dry_run:
        if not is_here(where.start):
            remedy = (
                "add --dry-run to see what would be done, or --profile with a folder that is here"
            )
            fail(f"{where.start}: there is no such folder on this machine; {remedy}", WRONG_USE)
        if profile is not None and not local(path_of(profile)).is_dir():
            fail(f"{profile}: there is no such folder", WRONG_USE)
    return system, where


def _folder(profile: str | None) -> str | None:
    if profile is not None and not path_of(profile).is_absolute():
        fail(f"--profile {profile}: give the whole path of the folder", WRONG_USE)
    return profile


def _do(plan: Plan, *, dry_run: bool, idle: str) -> None:
    """Show a plan, and carry it out unless it is only to be shown."""
    if not dry_run:
        plan.carry_out()
    if plan.idle:
        note(f"xladdin: {idle}")
    for step in plan.steps:
        echo(f"{step.action:<7}  {step.path}  ({step.why})")
    for left in plan.left:
        note(f"xladdin: {left}")
    if dry_run:
        note("xladdin: nothing was changed")


def _case(system: System, name: str, where: Places) -> Case:
    from xladdin.excel.install.doctor import Case
    from xladdin.excel.install.receipt import read_record

    try:
        record = read_record(local(where.record)) if is_here(where.record) else None
    except FileError as error:
        return Case(system, name, where, __version__, error)
    return Case(system, name, where, __version__, record)


def _report_problems(case: Case) -> None:
    from xladdin.excel.install import doctor as checks

    wrong = [finding for finding in checks.examine(case) if finding.state != checks.OK]
    if wrong:
        for finding in wrong:
            note(_line(finding))
        fail(f"{ADDIN} is in place, but Excel needs the above before it works", FAILED)


def _line(finding: Finding) -> str:
    remedy = f". Remedy: {finding.remedy}" if finding.remedy else ""
    return f"{finding.state:<7}  {finding.check}: {finding.found}{remedy}"


def _install_extension(*, dry_run: bool, shared: bool) -> None:
    from xladdin.libreoffice import unopkg

    if dry_run:
        before = unopkg.installed(shared=shared)
        was = f"instead of version {before}" if before else "where there is none"
        click.echo(f"add      the extension, version {__version__}, {was}")
        return
    before = unopkg.install(shared=shared)
    click.echo(f"replaced version {before}" if before else f"installed version {__version__}")
    click.echo("Start LibreOffice and type =CEO_FEE( into a cell.")


def _uninstall_extension(*, dry_run: bool, shared: bool) -> None:
    from xladdin.libreoffice import unopkg

    if dry_run:
        before = unopkg.installed(shared=shared)
        click.echo(
            f"remove   the extension, version {before}" if before else "nothing is installed"
        )
        return
    before = unopkg.uninstall(shared=shared)
    click.echo(f"removed version {before}" if before else "nothing is installed")
