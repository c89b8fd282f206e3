"""Charts (图表) as SVG, for pages as they are and for mail as PNG.

Three shapes: a Pareto of counts, a line over time, and the same line so small that two hundred
stand on one page. Every text in them is escaped; a title and a sentence say the same to whoever
cannot see; what is missing is a gap and never a zero. Colour says nothing alone: a missed target
is a square and a special cause has a ring, so that a black-and-white print reads the same.
No style and no script: the pages' policy allows neither.
"""

from notifications.charts.pareto import Bar, bar_pareto
from notifications.charts.raster import PICTURE_WIDTH, png
from notifications.charts.series import Limits, Point
from notifications.charts.small import small_multiple
from notifications.charts.trend import line_trend

__all__ = [
    "PICTURE_WIDTH",
    "Bar",
    "Limits",
    "Point",
    "bar_pareto",
    "line_trend",
    "png",
    "small_multiple",
]
