"""Settings: what is read, which source comes first, and every refusal by name."""

from pathlib import Path

import pytest

from config.settings import Misconfigured, Settings, load


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home, that this process is set to."""
    monkeypatch.setenv("PDCA_HOME", str(tmp_path))
    return tmp_path


def write(home, text):
    (home / "pdca.toml").write_text(text, "utf-8")


def refusal(*args):
    with pytest.raises(Misconfigured) as refused:
        load(*args)
    return str(refused.value).splitlines()


def test_an_empty_home_has_the_defaults(home):
    settings = load()
    assert settings.home == home
    assert settings.url == f"sqlite:///{home / 'pdca.sqlite'}"
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.zone.key == "Asia/Shanghai"
    assert settings.language == "zh"
    assert (settings.prefect.port, settings.pages.port, settings.mail.inbox_port) == (
        4200,
        8080,
        8025,
    )
    assert settings.mail.host is None


def test_without_any_word_the_home_is_var(monkeypatch):
    monkeypatch.delenv("PDCA_HOME", raising=False)
    assert Settings().home == Path("var")


def test_a_variable_comes_before_the_file(home, monkeypatch):
    write(home, 'language = "en"\nsite = "north"\n[mail]\nhost = "a.example"\nport = 587\n')
    monkeypatch.setenv("PDCA_LANGUAGE", "zh")
    monkeypatch.setenv("PDCA_MAIL__PORT", "465")
    settings = load()
    assert (settings.language, settings.site) == ("zh", "north")
    assert (settings.mail.host, settings.mail.port) == ("a.example", 465)


def test_an_empty_variable_is_none(home, monkeypatch):
    monkeypatch.setenv("PDCA_LANGUAGE", "")
    assert load().language == "zh"


def test_a_home_that_is_given_is_read_from_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PDCA_HOME", str(tmp_path / "other"))
    write(tmp_path, 'site = "north"')
    settings = load(tmp_path)
    assert (settings.home, settings.site) == (tmp_path, "north")


def test_links_follow_the_pages_port_unless_their_address_is_set(home, monkeypatch):
    monkeypatch.setenv("PDCA_PAGES__PORT", "9000")
    assert load().base_url == "http://127.0.0.1:9000"
    monkeypatch.setenv("PDCA_BASE_URL", "https://pdca.example.com/")
    assert load().base_url == "https://pdca.example.com"


@pytest.mark.parametrize(("given", "url"), [
    ("postgresql://u:p@db/pdca", "postgresql+psycopg://u:p@db/pdca"),
    ("postgres://u@db/pdca", "postgresql+psycopg://u@db/pdca"),
    ("postgresql+psycopg://u@db/pdca", "postgresql+psycopg://u@db/pdca"),
    ("sqlite:////srv/pdca.sqlite", "sqlite:////srv/pdca.sqlite"),
])  # fmt: skip
def test_the_database_may_be_sqlite_or_postgresql(home, given, url):
    write(home, f'database_url = "{given}"')
    assert load().url == url


def test_a_byte_order_mark_is_no_error(home):
    write(home, '\ufefforganisation = "示例公司"')
    assert load().organisation == "示例公司"


@pytest.mark.parametrize(("text", "key", "said"), [
    ('languag = "zh"', "languag", "no setting has this name"),
    ('[mail]\nhots = "a"', "mail.hots", "no setting has this name"),
    ('home = "/srv"', "home", "is set by PDCA_HOME"),
    ('language = "fr"', "language", "must be one of 'zh', 'en', not 'fr'"),
    ('timezone = "Mars/Olympus"', "timezone", "no time zone is called 'Mars/Olympus'"),
    ('timezone = ""', "timezone", "no time zone is called ''"),
    ('timezone = "../../etc/passwd"', "timezone", "no time zone is called"),
    ('site = "上海"', "site", "must be small letters, digits and hyphens"),
    ("organisation = 5", "organisation", "must be text in quotes, not 5"),
    ("mail = 3", "mail", "must be a table, not 3"),
    ('[mail]\nport = "smtp"', "mail.port", "must be a whole number, not 'smtp'"),
    ("[mail]\nport = 70000", "mail.port", "must be at most 65535, not 70000"),
    ('[mail]\nsecurity = "tls"', "mail.security", "must be one of 'plain', 'starttls', 'ssl'"),
    ('[mail]\nsender = "a@b\\r\\nBcc: c@d"', "mail.sender", "must be one mail address"),
    ('operator = "nobody"', "operator", "must be one mail address, not 'nobody'"),
    ('base_url = "pdca.example.com"', "base_url", "must begin with http:// or https://"),
    ('base_url = "ftp://x"', "base_url", "must begin with http:// or https://"),
    ('database_url = "mysql://u:geheim@db"', "database_url", "must be sqlite:///FILE or post"),
    ('database_url = "sqlite://"', "database_url", "must be sqlite:///FILE or post"),
    ('[prefect]\nauth = "perhaps"', "prefect.auth", "must be true or false, not 'perhaps'"),
])  # fmt: skip
def test_refuses_a_setting_by_file_and_key(home, text, key, said):
    write(home, text)
    (line,) = refusal()
    assert line.startswith(f"{home / 'pdca.toml'}: {key}: ")
    assert said in line


@pytest.mark.parametrize(("variable", "value", "said"), [
    ("PDCA_LANGUGE", "zh", "PDCA_LANGUGE: no setting is called languge"),
    ("PDCA_MAIL__HOTS", "a", "PDCA_MAIL__HOTS: no setting is called hots in mail"),
    ("PDCA_LANGUAGE__X", "a", "PDCA_LANGUAGE__X: no setting is called x in language"),
    ("PDCA_MAIL__HOST__X", "a", "PDCA_MAIL__HOST__X: no setting is called host__x in mail"),
    ("PDCA_LANGUAGE", "fr", "PDCA_LANGUAGE: must be one of 'zh', 'en', not 'fr'"),
    ("PDCA_MAIL__PORT", "x", "PDCA_MAIL__PORT: must be a whole number, not 'x'"),
    ("PDCA_MAIL", "x", "PDCA_MAIL: must be written as JSON"),
    ("PDCA_MAIL", '{"hots": 1}', "PDCA_MAIL: hots: no setting has this name"),
    ("PDCA_OLD_SECRET_KEYS", "x", "PDCA_OLD_SECRET_KEYS: must be written as JSON"),
])  # fmt: skip
def test_refuses_a_variable_by_its_name(home, monkeypatch, variable, value, said):
    monkeypatch.setenv(variable, value)
    (line,) = refusal()
    assert line.startswith(said)


def test_says_everything_that_is_wrong_at_once(home, monkeypatch):
    write(home, 'languag = "zh"\nsite = "X"\n')
    monkeypatch.setenv("PDCA_TIMEZONE", "Mars")
    assert len(refusal()) == 3
    monkeypatch.setenv("PDCA_A", "1")
    monkeypatch.setenv("PDCA_B", "1")
    assert [line.partition(":")[0] for line in refusal()] == ["PDCA_A", "PDCA_B"]


@pytest.mark.parametrize("content", [b"language = ", "organisation = '示例公司'".encode("gb18030")])
def test_refuses_a_file_that_cannot_be_read(home, content):
    (home / "pdca.toml").write_bytes(content)
    (line,) = refusal()
    assert line.startswith(f"{home / 'pdca.toml'}: not ")


def test_a_secret_is_never_repeated(home, monkeypatch):
    write(home, '[mail]\npassword = ["geheim"]\n')
    monkeypatch.setenv("PDCA_DATABASE_URL", "mysql://u:geheim@db")
    assert "geheim" not in "".join(refusal())
    write(home, '[mail]\npassword = "geheim"\n')
    monkeypatch.delenv("PDCA_DATABASE_URL")
    assert "geheim" not in repr(load())
