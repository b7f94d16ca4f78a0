#!/usr/bin/env python3
"""See that all dependencies install from wheels on each platform that the documents name.

For every Python that pyproject.toml names, pip resolves the dependencies for the other platform
and may take wheels only. pip judges markers such as ``platform_system == "Windows"`` by the machine
that it runs on, so the requirements of what it found are looked through again with the target's own
markers. Nothing is installed. Run it in an environment that has `packaging`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

TARGETS: dict[str, dict[str, str]] = {
    "win_amd64": {
        "platform_system": "Windows",
        "sys_platform": "win32",
        "os_name": "nt",
        "platform_machine": "AMD64",
    },
    "manylinux_2_17_x86_64": {
        "platform_system": "Linux",
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_machine": "x86_64",
    },
    "macosx_11_0_x86_64": {
        "platform_system": "Darwin",
        "sys_platform": "darwin",
        "os_name": "posix",
        "platform_machine": "x86_64",
    },
    "macosx_11_0_arm64": {
        "platform_system": "Darwin",
        "sys_platform": "darwin",
        "os_name": "posix",
        "platform_machine": "arm64",
    },
}

NEWER: dict[str, list[str]] = {
    "manylinux_2_17_x86_64": ["manylinux_2_26_x86_64", "manylinux_2_28_x86_64"],
}
"""Further tags of wheels that fit a platform: Debian 12 has glibc 2.36."""

REFUSED = ("win32", "win_arm64")
"""Platforms for which there is no engine; docs/excel.md says so."""


def main() -> int:
    """Resolve for each platform and Python; return 1 if one of them does not resolve."""
    failed = False
    if not (pythons() and PROJECT["dependencies"]):
        raise SystemExit("pyproject.toml names no Python or no dependency: nothing was resolved")
    for platform, machine in TARGETS.items():
        for python in pythons():
            markers = {
                **machine,
                "python_version": python,
                "python_full_version": f"{python}.0",
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
            }
            wanted = needed(PROJECT["dependencies"], markers)
            found, error = resolve(wanted, platform, python, markers)
            failed |= bool(error)
            print(f"{platform:21} {python:5} {error or f'{len(found)} wheels: ' + ' '.join(found)}")
    for platform in REFUSED:
        wanted = needed(PROJECT["dependencies"], TARGETS["win_amd64"])
        report = run_pip(wanted, platform, pythons()[0])
        if isinstance(report, str) and "No matching distribution" in report:
            print(f"{platform:21} refused, as the documents say: {report}")
            continue
        failed = True
        outcome = report if isinstance(report, str) else "resolves, against what the documents say"
        print(f"{platform:21} {outcome}")
    return int(failed)


def pythons() -> list[str]:
    """List the Pythons of the classifiers."""
    start = "Programming Language :: Python :: 3."
    return [item.rpartition(" ")[2] for item in PROJECT["classifiers"] if item.startswith(start)]


def needed(requirements: list[str], markers: dict[str, str]) -> list[str]:
    """Choose the requirements that hold on the target, without their markers."""
    chosen = []
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({**markers, "extra": ""}):
            requirement.marker = None
            chosen.append(str(requirement))
    return chosen


def resolve(
    wanted: list[str], platform: str, python: str, markers: dict[str, str]
) -> tuple[list[str], str]:
    """Resolve until nothing is missing; return the wheels found, or what is wrong."""
    while True:
        report = run_pip(wanted, platform, python)
        if isinstance(report, str):
            return [], report
        items = [item["metadata"] for item in report["install"]]
        names = {canonicalize_name(item["name"]) for item in items}
        missing = [
            text
            for item in items
            for text in needed(item.get("requires_dist", []), markers)
            if canonicalize_name(Requirement(text).name) not in names
        ]
        if not missing:
            if not wanted_names(wanted) <= names:
                return [], f"pip resolved {len(names)} of {len(wanted)} that were asked for"
            return sorted(f"{item['name']}-{item['version']}" for item in items), ""
        wanted = wanted + missing


def wanted_names(wanted: list[str]) -> set[str]:
    """Name the packages that requirements ask for."""
    return {canonicalize_name(Requirement(text).name) for text in wanted}


def run_pip(wanted: list[str], platform: str, python: str) -> dict[str, Any] | str:
    """Let pip resolve, wheels only; return its report, or its last words."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--disable-pip-version-check", "--target", folder, "--report", "-"]
        command += ["--only-binary", ":all:", "--platform", platform, "--python-version", python]
        command += [f"--platform={newer}" for newer in NEWER.get(platform, [])]
        done = subprocess.run([*command, *wanted], capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        return lines[-1] if lines else f"pip ended with {done.returncode}"
    report: dict[str, Any] = json.loads(done.stdout)
    return report


if __name__ == "__main__":
    sys.exit(main())
