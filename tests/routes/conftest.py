"""The table of routes, at the end of a run in which they were taken."""

from __future__ import annotations

import sys

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many calls agreed, by function and route."""
    routes = sys.modules.get("routes.routes")  # only if its tests were collected
    if routes is not None and routes.TALLY:
        terminalreporter.section("calls that agreed, by function and route")
        for line in routes.tally():
            terminalreporter.write_line(line)
