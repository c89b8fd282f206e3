"""Charts: nothing is drawn that was not measured, and no text becomes markup."""

import re
import struct
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from notifications.charts import Bar, Limits, Point, bar_pareto, line_trend, png, small_multiple
from notifications.charts.raster import FONT_FILE
from notifications.charts.svg import ticks
from web.frame.guard import POLICY

SVG = "{http://www.w3.org/2000/svg}"
EVIL = '"><script>alert(1)</script><svg onload=x> & =?'


def points(*values, **marks):
    return [
        Point(
            label=f"2026-{n:02}",
            value=value,
            missed=n in marks.get("missed", ()),
            special=n in marks.get("special", ()),
        )
        for n, value in enumerate(values, 1)
    ]


def charts(title=EVIL, label=EVIL):
    some = points(95, None, Decimal("96.5"), 88, missed={4}, special={4})
    usual = Limits(centre=[95.5] * 4, lower=[None, 92, 92, 92], upper=[None, 99, 99, 99])
    for language in ("zh", "en"):
        yield line_trend(some, title=title, language=language, unit=label, target=95, limits=usual)
        yield small_multiple(some, title=title, language=language, target=95, target_label=label)
        yield bar_pareto([Bar(label=label, count=3)], title=title, language=language)


def test_user_text_is_text():
    for svg in charts():
        tags = {element.tag for element in ET.fromstring(svg).iter()}
        assert tags <= {SVG + tag for tag in ("svg", "title", "desc", "text", "path", "rect", "g")}
        assert "script" in "".join(ET.fromstring(svg).itertext())


def test_the_pages_policy_allows_every_attribute():
    assert "style-src 'self'" in POLICY
    for svg in charts():
        for element in ET.fromstring(svg).iter():
            assert not {name for name in element.attrib if name == "style" or name.startswith("on")}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_cannot_see_is_told_the_same(language):
    svg = line_trend(
        points(95, None, 88, missed={3}, special={3}),
        title="SLA",
        language=language,
        unit="%",
        target_label="≥ 95%",
    )
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    told = root.find(f"{SVG}desc").text
    assert "2026-02" in told
    assert "2026-03" in told
    assert "88%" in told
    assert "≥ 95%" in told


def lines_of(svg):
    return [e.get("d") for e in ET.fromstring(svg).iter(f"{SVG}path") if e.get("stroke-width")]


def test_what_is_missing_is_a_gap_and_not_a_zero():
    whole = lines_of(small_multiple(points(9, 9, 9, 9), title="t", language="en"))[0]
    broken = lines_of(small_multiple(points(9, None, 9, 9), title="t", language="en"))[0]
    assert whole.count("M") == 1
    assert broken.count("M") == 2  # one value, a gap, then a line of two
    assert max(float(y) for y in re.findall(r" ([\d.]+)", broken)) < 40


def test_a_missed_target_is_another_shape_and_not_only_another_colour():
    met = line_trend(points(95, 96), title="t", language="en")
    missed = line_trend(points(95, 96, missed={2}), title="t", language="en")
    assert "h5" not in met
    assert re.search(r"h[\d.]+v[\d.]+h-", missed)


@pytest.mark.parametrize(
    "values",
    [(), (None,), (0,), (5,), (5, 5, 5), (None, None), (1e9, 2e9), (-3, -1), (0.001, 0.002)],
)
def test_any_series_can_be_drawn(values):
    for language in ("zh", "en"):
        for draw in (line_trend, small_multiple):
            svg = draw(points(*values), title="t", language=language)
            ET.fromstring(svg)
            assert "nan" not in svg
            assert "inf" not in svg
            assert png(svg).startswith(b"\x89PNG")


def test_the_target_steps_where_it_changed():
    svg = line_trend(points(95, 96), title="t", language="en", target=[95, 98])
    dashed = [e.get("d") for e in ET.fromstring(svg).iter() if e.get("stroke-dasharray") == "6 3"]
    assert len({y for d in dashed for y in re.findall(r" ([\d.]+)", d)}) == 2


def test_pareto_begins_with_the_most_and_adds_up_the_rest():
    bars = [Bar(label=f"c{n}", count=n) for n in range(15)]
    told = ET.fromstring(bar_pareto(bars, title="t", language="en")).find(f"{SVG}desc").text
    assert told.startswith("105 in all: c14 14 (13% so far)")
    said = "".join(ET.fromstring(bar_pareto(bars, title="t", language="en")).itertext())
    assert "5 others" in said
    assert "100%" in said


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(0, 1, [0, 0.25, 0.5, 0.75, 1]), (93, 99, [92, 94, 96, 98, 100]), (5, 5, [5, 6])],
)
def test_round_numbers_stand_at_the_side(low, high, wanted):
    assert ticks(low, high) == wanted


def test_a_picture_is_twice_as_sharp_as_it_is_shown():
    picture = png(line_trend(points(1, 2), title="t", language="zh"))
    assert struct.unpack(">II", picture[16:24]) == (720, 440)


def test_the_font_that_ships_has_the_characters_of_chinese_names():
    """An empty box is the same picture for every character the font lacks."""

    def drawn(name):
        return png(bar_pareto([Bar(label=name, count=1)], title="t", language="zh"))

    boxes = {drawn("\ue001"), drawn("\ue002")}
    assert len(boxes) == 1
    assert not boxes & {drawn(name) for name in "张伟喆玥祎，（％"}
    assert 1_000_000 < FONT_FILE.stat().st_size < 2_500_000
