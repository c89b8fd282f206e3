"""The policy about special situations: its defaults are read, and a slip is named."""

import pytest

from config.reading import Misconfigured
from config.special import load_special_policy


def written(home, text):
    (home / "config").mkdir()
    (home / "config" / "special.toml").write_text(text, "utf-8")
    return home


def test_a_home_changes_what_it_names_and_keeps_the_rest(tmp_path):
    found = load_special_policy(written(tmp_path, "[learning]\nenough = 20\n"))
    assert (found.learning.enough, found.learning.settled) == (20, 24)
    assert found.advice.cases == 20


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[learning]\nenough = 2\n", "learning.enough"),
        ("[learning]\nenuogh = 12\n", "learning.enuogh"),
        ("[letter]\nworking_day = 25\n", "letter.working_day"),
        ("[advice]\nmargin_percent = true\n", "advice.margin_percent"),
        ("[special]\n", "special"),
    ],
)
def test_what_cannot_be_is_refused_by_file_and_key(tmp_path, text, said):
    with pytest.raises(Misconfigured) as wrong:
        load_special_policy(written(tmp_path, text))
    assert said in str(wrong.value)
    assert "special.toml" in str(wrong.value)
