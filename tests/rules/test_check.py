"""What a check comes to: its score, its conclusion, and how much a finding weighs."""

from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.check_sheets import load_check_sheets
from config.choices import PACKAGED
from config.reading import Misconfigured
from rules import check, check_figures, checker, organisation
from rules.check import Conclusion, Earlier, Judged, Result
from rules.check_figures import Counted, Tally
from rules.checker import Conflict, Delivery
from rules.organisation import Post
from rules.words import Severity

SHARE = Decimal("0.8")
SHEET = load_check_sheets(Path("/nowhere"))[0].sheet
EIGHT = [
    "按照公司运维服务交付管理制度进行项目策划",
    "按照项目策划开展运维工作",
    "各项交付成果符合策划要求",
    "运维交付的过程符合规范",
    "运维服务人员态度良好",
    "运维服务中的信息安全",
    "运维服务记录完整",
    "达到用户满意",
]


def judged(*results):
    return [
        Judged(key=str(n), result=Result(r), weight=Decimal(w)) for n, (r, w) in enumerate(results)
    ]


def test_the_default_sheet_has_the_eight_points_word_for_word_and_weighs_a_hundred():
    assert [point.words["zh"].point for point in SHEET.points] == EIGHT
    assert sum(point.weight for point in SHEET.points) == 100
    assert all(point.words["en"].point for point in SHEET.points)


def test_a_sheet_is_kept_word_for_word():
    assert check.sheet_from_json(SHEET.code, SHEET.version, SHEET.to_json()) == SHEET


@pytest.mark.parametrize(
    ("found", "score"),
    [
        ([("conforming", 15)], "100.0"),
        ([("nonconforming", 15)], "0.0"),
        ([("conforming", 15), ("nonconforming", 5)], "75.0"),
        ([("observation", 10)], "80.0"),  # a weakness, not yet a breach
        ([("conforming", 10), ("not_applicable", 90)], "100.0"),  # out of the denominator
        ([("conforming", 1), ("nonconforming", 2)], "33.3"),
        (
            [("observation", 0), ("conforming", 10)],
            "100.0",
        ),  # an earlier one, followed, weighs nothing
    ],
)
def test_score(found, score):
    assert check.score(judged(*found), observation=SHARE) == Decimal(score)


@pytest.mark.parametrize("found", [[], [("not_applicable", 15)], [("observation", 0)]])
def test_what_did_not_apply_gives_no_score(found):
    assert check.score(judged(*found), observation=SHARE) is None


@given(st.lists(st.tuples(st.sampled_from(list(Result)), st.integers(0, 100)), max_size=20))
def test_a_score_stays_between_nothing_and_a_hundred_and_no_finding_raises_it(found):
    before = check.score(judged(*found), observation=SHARE)
    after = check.score(judged(*found, (Result.NONCONFORMING, 10)), observation=SHARE)
    assert before is None or 0 <= before <= 100
    assert after is not None
    assert before is None or after <= before


@pytest.mark.parametrize(
    ("score", "major", "means"),
    [
        ("100.0", False, Conclusion.QUALIFIED),
        ("90.0", False, Conclusion.QUALIFIED),
        ("89.9", False, Conclusion.ORDINARY),
        ("95.0", True, Conclusion.ORDINARY),  # a major one is never qualified
        ("80.0", False, Conclusion.ORDINARY),
        ("79.9", False, Conclusion.FAILED),
    ],
)
def test_conclusion(score, major, means):
    one = Judged(
        key="a",
        result=Result.NONCONFORMING,
        weight=Decimal(1),
        severity=Severity.MAJOR if major else Severity.MINOR,
    )
    assert check.conclusion(Decimal(score), [one], SHEET) is means


@pytest.mark.parametrize(("chosen", "least"), list(product([None, *Severity], Severity)))
def test_the_graver_of_choice_and_sheet_counts(chosen, least):
    found = check.severity(chosen=chosen, least=least)
    assert check.ORDER.index(found) >= check.ORDER.index(least)
    assert chosen is None or check.ORDER.index(found) >= check.ORDER.index(chosen)


@pytest.mark.parametrize(
    ("found_on", "again"),
    [
        (date(2026, 3, 10), True),
        (date(2025, 3, 10), True),  # twelve months to the day
        (date(2025, 3, 9), False),
        (date(2026, 3, 11), False),  # later than this one: it is this one that is earlier
    ],
)
def test_repeated_within_twelve_months(found_on, again):
    earlier = [Earlier(nonconformity="NC-1", found_on=found_on)]
    assert (check.repeated(earlier, on=date(2026, 3, 10)) is not None) == again


def test_repeated_counts_from_the_end_of_a_shorter_month():
    earlier = [Earlier(nonconformity="NC-1", found_on=date(2023, 2, 28))]
    assert check.repeated(earlier, on=date(2024, 2, 29)) == earlier[0]


# --- independence ----------------------------------------------------------------------

POSTS = {
    code: number
    for number, code in enumerate(
        ("director", "wang", "sun", "li", "zhao", "chen", "mate"), start=1
    )
}
ABOVE = {
    "wang": "director",
    "sun": "wang",
    "li": "sun",
    "mate": "li",
    "zhao": "director",
    "chen": "director",
}
UNIT = {"director": 1, "wang": 2, "sun": 2, "li": 3, "zhao": 9, "chen": 2, "mate": 3}
COMPANY = organisation.of(
    Post(id=n, code=code, name=code, manager_id=POSTS.get(ABOVE.get(code, "")), unit_id=UNIT[code])
    for code, n in POSTS.items()
)
DELIVERY = Delivery(
    project="P1", manager=POSTS["sun"], units=frozenset({2}), hands=frozenset({POSTS["zhao"]})
)


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ("sun", {Conflict.MANAGES_IT, Conflict.SAME_UNIT}),
        ("li", {Conflict.REPORTS_TO_MANAGER}),
        ("mate", {Conflict.REPORTS_TO_MANAGER}),  # two steps below is the team, too
        ("wang", {Conflict.LEADS_MANAGER, Conflict.SAME_UNIT}),
        ("chen", {Conflict.SAME_UNIT}),
        ("zhao", {Conflict.WORKED_ON_IT}),
        ("director", set()),  # two steps above: leads too many to be of the team
    ],
)
def test_who_is_not_independent_and_why(person, why):
    assert set(checker.conflicts(COMPANY, POSTS[person], DELIVERY)) == why


def test_a_refusal_names_every_reason():
    with pytest.raises(
        checker.NotIndependent, match=r"manages the project.*unit that delivers"
    ) as no:
        checker.refuse_dependent(COMPANY, [POSTS["director"], POSTS["sun"]], DELIVERY)
    assert no.value.conflicts == (Conflict.MANAGES_IT, Conflict.SAME_UNIT)


@given(st.sampled_from(sorted(POSTS)))
def test_only_the_independent_are_candidates(person):
    found = checker.independent(COMPANY, POSTS.values(), DELIVERY)
    assert (POSTS[person] in found) == (not checker.conflicts(COMPANY, POSTS[person], DELIVERY))


# --- figures ---------------------------------------------------------------------------


def counted(point, result, count=1, month="2026-09"):
    return Counted(
        point=point, project="P1", unit=None, month=month, result=Result(result), count=count
    )


def test_a_rate_leaves_out_what_did_not_apply():
    found = check_figures.tally(
        [
            counted("a", "conforming", 7),
            counted("a", "observation"),
            counted("a", "not_applicable", 90),
        ]
    )
    assert (found.checked, found.rate) == (8, Decimal("87.5"))


def test_nothing_checked_is_no_data():
    assert Tally(not_applicable=5).rate is None


def test_the_points_most_often_failed_come_first_and_need_a_few():
    points = check_figures.by(
        [
            counted("a", "nonconforming", 2),
            counted("b", "nonconforming", 5),
            counted("c", "nonconforming"),
            counted("d", "conforming", 9),
        ],
        "point",
    )
    assert check_figures.most_failed(points, least=2, most=3) == ["b", "a"]


# --- sheets ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('weight = "15"', "weight = -1", 1), "must be a number in quotes"),
        (('key = "planning"', 'key = "records"', 1), "twice"),
        (("version = 1", "version = 1\nspelling = 2", 1), "spelling"),
        (("[title]", '[for]\nphase = "closing"\n[title]', 1), "as the default"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_refused_by_file_and_key(tmp_path, change, says):
    folder = tmp_path / "config" / "checks"
    folder.mkdir(parents=True)
    text = (PACKAGED / "checks" / "project.toml").read_text("utf-8")
    (folder / "project.toml").write_text(text.replace(*change), "utf-8")
    with pytest.raises(Misconfigured, match=says) as wrong:
        load_check_sheets(tmp_path)
    assert "project.toml" in str(wrong.value) or "checks" in str(wrong.value)
