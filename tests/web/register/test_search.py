"""One search finds what its reader may see, and nothing that is typed into it does harm."""

import json

import pytest

from processes.nonconformity import raising as nonconformities
from service import main

TITLE = "机房备份 100% 未核对 "
ODD = ("%", "_", "\\", "'; drop table duty; --", "x" * 10_000, "\x00", "%" * 99)


@pytest.fixture
def known(people, hour):
    facts = {"at": hour.at, "raised_by": "zhao"}
    return {
        owner: nonconformities.raise_(title=TITLE + owner, owner_code=owner, **facts)
        for owner in ("li", "chen")
    }


@pytest.mark.parametrize(
    ("who", "sees"),
    [("zhao", {"li", "chen"}), ("wang", {"li"}), ("li", {"li"}), ("chen", {"chen"}), ("vp", set())],
)
def test_each_finds_only_what_may_be_seen(who, sees, known, signed_in):
    text = signed_in(who).get("/search", params={"find": "备份"}).text
    assert {owner for owner, code in known.items() if code in text} == sees


@pytest.mark.parametrize("words", ["房备", "备份 核对", "100%", "  机房  ", "未核对 LI"])
def test_chinese_is_found_by_character_and_words_in_any_order(words, known, signed_in):
    assert known["li"] in signed_in("zhao").get("/search", params={"find": words}).text


def test_a_code_and_a_name_are_found(known, signed_in):
    browser = signed_in("zhao")
    assert "/nonconformities/" in browser.get("/search", params={"find": known["chen"]}).text
    assert "李娜" in browser.get("/search", params={"find": "李娜"}).text


@pytest.mark.parametrize("words", ODD)
def test_odd_words_find_nothing_they_do_not_stand_in(words, known, signed_in):
    answer = signed_in("zhao").get("/search", params={"find": words})
    assert answer.status_code == 200
    if words != "%":
        assert known["li"] not in answer.text


def test_a_stranger_signs_in_first(pages, known):
    assert pages.get("/search?find=备份", follow_redirects=False).status_code == 303


def test_the_command_prints_one_json_document(known, home, monkeypatch, capsys):
    monkeypatch.setenv("PDCA_HOME", str(home))
    assert main.run(["search", "备份", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["code"] for row in found if row["kind"] == "nonconformities"} == set(known.values())
