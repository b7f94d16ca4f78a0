"""What the templates' charts have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from openpyxl.chart import Reference, ScatterChart, Series

from xladdin.workbooks.layout import styles

if TYPE_CHECKING:
    from xladdin.workbooks.layout.sheet import Sheet
    from xladdin.workbooks.layout.table import Placed


_NEAR: Final = 0.85
"""Where an axis begins, as a part of the least value: what follows from it may be lower."""


def by_day(
    sheet: Sheet, placed: Placed, day: str, columns: Iterable[tuple[str, str]], title: str, up: str
) -> ScatterChart:
    """Make a chart of columns of a table by day.

    Its points stand where their days are, so that rows without one, which repeat another point,
    take no room, in whatever program and however far the table grows.

    Args:
        sheet: The sheet that the chart is for, on which it still has to be placed.
        placed: The table.
        day: Heading of the column of days.
        columns: Headings of the columns that are shown, each with its colour.
        title: Title of the chart.
        up: What they are amounts of, with the unit.

    Returns:
        The chart.
    """
    worksheet = sheet.book.workbook[placed.sheet]
    headings = [column.header for column in placed.columns]

    def rows(heading: str) -> Reference:
        at = headings.index(heading) + 1
        return Reference(
            worksheet, min_col=at, min_row=placed.first_row + 1, max_row=placed.last_row
        )

    chart = ScatterChart(scatterStyle="lineMarker")  # the schema has it required
    chart.style = 13
    prepare(chart, title, "Day", up)
    for heading, rgb in columns:
        series = Series(rows(heading), rows(day), title=_named(heading))
        series.marker.symbol, series.marker.size = "circle", 4
        series.marker.graphicalProperties.solidFill = rgb
        series.marker.graphicalProperties.line.solidFill = rgb
        series.graphicalProperties.line.noFill = True
        chart.series.append(series)
    chart.x_axis.number_format = "d mmm yy"
    chart.x_axis.majorGridlines = None
    return chart


def _named(heading: str) -> str:
    """Name a series by the heading of its column, which begins with Chart."""
    bare = heading.removeprefix("Chart ")
    return f"{bare[0].upper()}{bare[1:]}"


def begin_near(
    sheet: Sheet, place: str, chart: Any, values: Iterable[object], shown: Iterable[str]
) -> None:
    """Begin a vertical axis near the least value instead of at 0, and name points below it.

    Axes of a file are fixed: they do not follow what is typed later.

    Args:
        sheet: The sheet of the chart.
        place: Cell of the notice, above the chart.
        chart: The chart.
        values: What is charted at first; what follows from it may be a tenth less.
        shown: References to all that is charted, 0 where it waits.
    """
    filled = [float(one) for one in values if isinstance(one, int | float) and one > 0]
    if not filled:
        return
    least = min(filled) * _NEAR
    step = 10.0 ** math.floor(math.log10(least)) / 2
    begins = float(f"{math.floor(least / step) * step:.6g}")
    chart.y_axis.scaling.min = begins
    least_now = f"MIN({','.join(shown)})"
    words = f"The axis begins at {begins:.6g}: points below it are not in the chart."
    inside = f"OR({least_now}=0,{least_now}>={begins:.6g})"
    sheet.formula(place, f'IF({inside}," ","{words}")', styles.ALARM)


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
