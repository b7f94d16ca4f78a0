"""What the templates' charts have in common."""

from __future__ import annotations

from typing import Any


def prepare(chart: Any, title: str, across: str, up: str) -> None:
    """Title a chart and its axes, and show the axes.

    Args:
        chart: An openpyxl chart with two axes.
        title: Its title.
        across: What the horizontal axis shows.
        up: What the vertical axis shows, with its unit.
    """
    chart.title = title
    chart.x_axis.title = across
    chart.y_axis.title = up
    # openpyxl marks axes as deleted unless they are set otherwise, and Excel then leaves them out.
    chart.x_axis.delete = False
    chart.y_axis.delete = False
    chart.y_axis.number_format = "#,##0"
    chart.legend.position = "b"


def colour(series: Any, rgb: str) -> None:
    """Paint the bars of a series."""
    series.graphicalProperties.solidFill = rgb
    series.graphicalProperties.line.solidFill = rgb


def line(series: Any, rgb: str) -> None:
    """Draw a series as a plain line."""
    series.graphicalProperties.line.solidFill = rgb
    series.graphicalProperties.line.width = 22000
    series.smooth = False
    series.marker.symbol = "none"
