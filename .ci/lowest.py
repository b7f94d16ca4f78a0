#!/usr/bin/env python3
"""Test with the lowest version of each dependency that pyproject.toml allows.

The versions go into a fresh environment, and the tests run in it that use what each of them is
there for. LibreOffice's tests are not among them. Run it in an environment that has `packaging`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

TESTS = (
    "tests/core/test_sessions.py",  # holidays
    "tests/functions/test_settlement.py",
    "tests/xlsx/test_archive.py",  # lxml
    "tests/xlsx/test_xml.py",
    "tests/cli/test_cli.py",  # click
    "tests/engines/test_embedded.py",  # formualizer
    "tests/excel/test_classic.py",  # xlwings
    "tests/excel/test_macro_workbooks.py",  # pyOpenVBA, xlwings' files, oletools
    "tests/test_python_calls.py",  # numpy, pandas
    "tests/excel/test_officejs.py",
    "tests/excel/test_vba_wrapper.py",
    "tests/building/test_building.py",  # openpyxl
    "tests/building/test_workers.py::TestCluster",  # distributed
)


def main() -> int:
    """Install and test; return pytest's exit status, or 1 where a version cannot be installed."""
    lowest = [
        lowest_of(Requirement(text))
        for text in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"])
    ]
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        print(" ".join(lowest), flush=True)
        if subprocess.run([*pip, *lowest], check=False).returncode:
            return 1
        subprocess.run([*pip, "--no-deps", "-e", str(ROOT)], check=True)
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("XLADDIN_")
        }
        environment["XLADDIN_SOFFICE"] = str(Path(folder) / "none")
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
        return subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode


def lowest_of(requirement: Requirement) -> str:
    """Pin a requirement to the lowest version that it allows."""
    for bound in requirement.specifier:
        if bound.operator in (">=", "==", "~="):
            return f"{requirement.name}=={bound.version.removesuffix('.*')}"
    raise SystemExit(f"{requirement} has no lower bound in pyproject.toml")


if __name__ == "__main__":
    sys.exit(main())
