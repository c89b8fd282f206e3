"""`pdca show review-…` and `pdca export review`: the same review as on its page."""

import json

from docx import Document

from service import main
from tests.processes.review.test_review import CODE, TRAIN, confirmed, held, opened
from tests.support.cast import hire

KEYS = {
    *("kind", "kept", "input", "code", "year", "title", "state", "planned_on", "done_on"),
    *("held", "decisions", "others"),
}


def test_a_review_is_shown_told_as_json_and_written_as_word(home, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PDCA_HOME", str(home))
    monkeypatch.setenv("PDCA_LANGUAGE", "zh")
    hire()
    opened()
    held(TRAIN)
    confirmed()
    assert main.run(["show", f"MR-{CODE}", "--at", "2026-12-20"]) == 0
    told = capsys.readouterr().out
    assert "已召开并确认" in told
    assert TRAIN["what"] in told
    assert main.run(["show", "review-2026", "--json", "--at", "2026-12-20"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == KEYS
    assert document["kept"] is True
    assert (document["input"]["since"], document["input"]["until"]) == ("2026-01-01", "2026-12-14")
    assert document["decisions"][0]["state"] == "open"
    path = tmp_path / "review.docx"
    assert main.run(["export", "review", CODE, "--word", str(path)]) == 0
    assert Document(str(path)).tables
    assert main.run(["show", "review-1999"]) == 1
