"""Instants of a declared form are read exactly as `strptime` reads them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processes.imports.instants import parser_of

FORMS = (
    "%d/%m/%Y %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%Y年%m月%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y%m%d%H%M",  # nothing between the numbers: left to strptime
    "%d %b %Y %H:%M",
    "%Y-%m-%d %H:%M:%S%z",
    "%H:%M %d.%m.%Y",
    "%Y-%m-%d %M",  # minutes without hours
)


INSTANTS = st.datetimes(
    datetime(1000, 1, 1),
    datetime(9999, 12, 31),
    timezones=st.just(UTC),
)


def by_the_library(typed, form):
    return datetime.strptime(typed, form)  # noqa: DTZ007 - both naive, or both not


def read(parse, typed):
    try:
        return parse(typed)
    except ValueError:
        return None


@given(st.sampled_from(FORMS), INSTANTS)
def test_what_is_written_in_the_form_is_read_back(form, instant):
    typed = instant.strftime(form)
    assert parser_of(form)(typed) == by_the_library(typed, form)


@given(
    st.sampled_from(FORMS),
    st.text(alphabet="0123456789/-: T年月.", max_size=20)
    | st.from_regex(r"\d{1,3}/\d{1,3}/\d{3,5} +\d{1,2}:\d{1,3}", fullmatch=True),
)
def test_what_strptime_refuses_is_refused_and_what_it_reads_is_read_alike(form, typed):
    wanted = read(lambda text: by_the_library(text, form), typed)
    assert read(parser_of(form), typed) == wanted


@pytest.mark.parametrize("typed", ["１/2/2016 10:00", "31/2/2016 10:00", "1/2/2016 24:00", ""])
def test_what_is_no_instant_is_refused(typed):
    with pytest.raises(ValueError, match=r"\d|^$|day"):
        parser_of("%d/%m/%Y %H:%M")(typed)
