"""A chart as a PNG (位图): for mail, where programs show no SVG.

Drawn with the font that ships with the product and with none of the machine's, so that the
same chart is the same picture everywhere and Chinese is never empty boxes.
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

FONT_FILE: Final = Path(__file__).parents[1] / "fonts" / "NotoSansSC-subset.otf"
FAMILY: Final = "Noto Sans CJK SC"
PICTURE_WIDTH: Final = 360  # CSS pixels; drawn twice as large for sharp screens
SHARP: Final = 2


@lru_cache(maxsize=64)  # owner, manager and quality head are sent the same few charts
def png(svg: str) -> bytes:
    """Return the picture on white, twice as many pixels as it is shown at."""
    import resvg_py

    drawn: bytes = resvg_py.svg_to_bytes(
        svg_string=svg,
        background="#ffffff",
        skip_system_fonts=True,
        font_files=[str(FONT_FILE)],
        font_family=FAMILY,
        sans_serif_family=FAMILY,
        zoom=SHARP,
    )
    return bytes(drawn)
