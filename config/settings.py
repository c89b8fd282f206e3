"""Settings of one home (设置): `pdca.toml` there, each overridable as `PDCA_…`.

A key that nobody knows is refused by name, because a misspelt setting that is silently
ignored is found out at the worst hour.
"""

import ipaddress
import os
import re
from collections.abc import Iterator
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError

from config.reading import Misconfigured, Problem, Unfit, read_toml, told

__all__ = [
    "FILE",
    "AlarmMail",
    "Bounces",
    "Mail",
    "Misconfigured",
    "Pages",
    "PrefectSettings",
    "Settings",
    "load",
]

FILE: Final = "pdca.toml"
HOME: Final = Path("var")


def _site(slug: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", slug):
        raise Unfit(
            "must be small letters, digits and hyphens, at most 41, not {slug}", slug=repr(slug)
        )
    return slug


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as unknown:
        if not available_timezones():  # a container without them: no zone would be found
            sentence = "{name} is not known, nor any other time zone: install tzdata"
            raise Unfit(sentence, name=name) from unknown
        raise Unfit("no time zone is called {name}", name=repr(name)) from unknown
    return name


def _address(text: str) -> str:
    """Take an address, with or without a name before it; a line break would be a new header."""
    address = parseaddr(text)[1]
    if text and (not text.isprintable() or not re.fullmatch(r"[^@\s]+@[^@\s]+", address)):
        raise Unfit("must be one mail address, not {text}", text=repr(text))
    return text


def _base_url(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
        raise Unfit("must begin with http:// or https:// and name a host, not {url}", url=repr(url))
    return url.rstrip("/")


def _database_url(url: str) -> str:
    """Take a SQLite file or a PostgreSQL database; its usual short names mean our driver."""
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    if url and not re.match(r"sqlite:///(?!:memory:)[^\s]|postgresql\+psycopg://", url):
        raise Unfit("must be sqlite:///FILE or postgresql://USER@HOST/DATABASE")
    return url


def _network(text: str) -> str:
    """Take the address of a proxy, or of a network of them."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        sentence = "must be an address or a network like 10.0.0.0/24, not {text}"
        raise Unfit(sentence, text=repr(text)) from None


Port = Annotated[int, Field(ge=1, le=65535)]
FreePort = Annotated[int, Field(ge=0, le=65535)]  # 0: any free one
Address = Annotated[str, AfterValidator(_address)]


class Bounces(BaseModel):
    """Where mail servers return what they could not deliver: a maildir, or a folder by IMAP."""

    model_config = ConfigDict(extra="forbid")

    maildir: Path | None = None
    imap_host: str | None = None
    imap_port: Port = 993
    imap_security: Literal["plain", "starttls", "ssl"] = "ssl"
    imap_user: str = ""
    imap_password: SecretStr | None = None
    imap_folder: str = "INBOX"

    @property
    def wanted(self) -> bool:
        """Whether there is anything to read."""
        return self.maildir is not None or self.imap_host is not None


class Server(BaseModel):
    """A mail server that takes our mails."""

    model_config = ConfigDict(extra="forbid")

    host: str | None = None
    port: Port = 25
    security: Literal["plain", "starttls", "ssl"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None  # a company's own certificate authority


class AlarmMail(Server):
    """The other path to the operator: used when the service itself has fallen silent."""

    sender: Address = ""  # the sender of all mails unless set
    to: Address = ""  # the operator unless set


class Mail(Server):
    """How mail leaves; no host means the local sink and its inbox page."""

    sender: Address = "pdca@localhost"
    return_path: Address = ""  # where bounces go; the sender unless set
    return_path_per_mail: bool = False  # user+TOKEN@…: the returned address itself names the mail
    per_minute: int | None = Field(default=None, ge=1)  # the relay's limit
    inbox_port: FreePort = 8025  # page of the local sink
    sink_port: FreePort = 0
    bounces: Bounces = Field(default_factory=Bounces)


class PrefectSettings(BaseModel):
    """The orchestrator; an empty address means our own server as a child process."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = ""
    port: Port = 4200
    auth: bool = True  # generate PREFECT_SERVER_API_AUTH_STRING and print it
    unwitnessed: bool = False  # run without Prefect at all


class Pages(BaseModel):
    """Where recipients of mails land."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: Port = 8080
    proxies: list[Annotated[str, AfterValidator(_network)]] = Field(default_factory=list)


class Settings(BaseSettings):
    """Everything an installation decides once."""

    model_config = SettingsConfigDict(
        env_prefix="PDCA_", env_nested_delimiter="__", extra="forbid", env_ignore_empty=True
    )

    home: Path = HOME
    instance: Annotated[str, Field(max_length=60)] = ""  # PDCA_INSTANCE; else host and path
    site: Annotated[str, AfterValidator(_site)] = "main"  # slug of deployments
    database_url: Annotated[str, AfterValidator(_database_url)] = ""
    base_url: Annotated[str, AfterValidator(_base_url)] = "http://127.0.0.1:8080"
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    language: Literal["zh", "en"] = "zh"
    organisation: str = ""  # shown in letters' headers and page titles
    operator: Address = ""  # the operator's address: last stop of gaps and alarms
    secret_key: SecretStr | None = None
    old_secret_keys: list[SecretStr] = Field(default_factory=list)  # rotated out, still read
    mail: Mail = Field(default_factory=Mail)
    alarm_mail: AlarmMail = Field(default_factory=AlarmMail)
    alarm_command: list[str] = Field(default_factory=list)  # gets the alarm on its standard input
    prefect: PrefectSettings = Field(default_factory=PrefectSettings)
    pages: Pages = Field(default_factory=Pages)

    @model_validator(mode="after")
    def _links_lead_to_our_pages(self) -> "Settings":
        """Nobody set the address that links carry: then it follows the pages' port."""
        if "base_url" not in self.model_fields_set:
            self.base_url = f"http://127.0.0.1:{self.pages.port}"
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def url(self) -> str:
        """The database's URL; a SQLite file in the home unless one is set."""
        return self.database_url or f"sqlite:///{(self.home / 'pdca.sqlite').resolve()}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = Path(init_settings().get("home") or _home()) / FILE
        return (init_settings, env_settings, InitSettingsSource(settings_cls, _chosen(file)))


def load(home: Path | None = None) -> Settings:
    """Read the settings of a home, or say which keys are wrong, each on a line of its own.

    Raises `Misconfigured` for unreadable TOML, an unknown key in `pdca.toml` or an unknown
    `PDCA_…` variable, and for a value of the wrong kind.
    """
    unknown = list(_unknown_variables())
    if unknown:
        raise Misconfigured(*unknown)
    file = (home or _home()) / FILE
    try:
        return Settings(home=home) if home else Settings()
    except SettingsError as broken:
        raise Misconfigured(Problem(_culprit(broken), "must be written as JSON")) from broken
    except ValidationError as found:
        raise Misconfigured(*(_problem(file, e) for e in found.errors())) from found


# Read by the start-up itself or by our own child processes, not by `Settings`.
NOT_SETTINGS: Final = frozenset({"PDCA_HOME"})
SECRETS: Final = frozenset({"password", "secret_key", "old_secret_keys", "database_url"})


def _home() -> Path:
    return Path(os.environ.get("PDCA_HOME") or HOME)


def _chosen(file: Path) -> dict[str, Any]:
    """Read the file's settings; where the home is must be known before its file is found."""
    chosen = read_toml(file) if file.exists() else {}
    if "home" in chosen:
        raise Misconfigured(
            Problem(f"{file}: home", "is set by PDCA_HOME, not in its own file: remove it")
        )
    if "instance" in chosen:
        sentence = "is set by PDCA_INSTANCE: a file of the home is copied with it"
        raise Misconfigured(Problem(f"{file}: instance", sentence))
    return chosen


def _problem(file: Path, error: Any) -> Problem:
    at = _where(file, [str(part) for part in error["loc"]])
    return told(at, error, secret=bool(SECRETS.intersection(error["loc"])))


def _where(file: Path, loc: list[str]) -> str:
    """Name the variable that set this, if one did, else the file and key."""
    for end in range(len(loc), 0, -1):
        variable = f"PDCA_{'__'.join(loc[:end])}".upper()
        if os.environ.get(variable):
            return variable if end == len(loc) else f"{variable}: {'.'.join(loc[end:])}"
    return f"{file}: {'.'.join(loc)}"


def _culprit(broken: SettingsError) -> str:
    named = re.search(r'field "(\w+)"', str(broken))
    return f"PDCA_{named.group(1)}".upper() if named else str(broken)


def _unknown_variables() -> Iterator[Problem]:
    """Name each PDCA_… variable that no setting reads."""
    for variable in sorted(os.environ):
        if not variable.startswith("PDCA_") or variable in NOT_SETTINGS:
            continue
        top, _, below = variable.removeprefix("PDCA_").lower().partition("__")
        field = Settings.model_fields.get(top)
        if field is None:
            yield Problem(variable, "no setting is called {name}", {"name": top})
        elif "__" in variable and not _known(field.annotation, below.split("__")):
            facts = {"name": below, "table": top}
            yield Problem(variable, "no setting is called {name} in {table}", facts)


def _known(kind: Any, path: list[str]) -> bool:
    """Whether a table, or a table in it, has the setting at the end of this path."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return False
    field = kind.model_fields.get(path[0])
    if field is None:
        return False
    return len(path) == 1 or _known(field.annotation, path[1:])
