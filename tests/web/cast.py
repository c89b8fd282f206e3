"""The cast, the hour, and what a browser without scripts does with a page."""

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

with warnings.catch_warnings():
    # Starlette would like another client library; the one in our lock serves.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

from config.current import current

__all__ = ["CAST", "MONDAY", "TEMPTING", "Hour", "TestClient", "field", "secret"]

MONDAY = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
TEMPTING = '<script>alert(1)</script>{{7*7}}"><svg onload=x>'


@dataclass
class Hour:
    """The hour that the pages believe it is."""

    at: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def later(self, **delta: float) -> None:
        self.at += timedelta(**delta)


CAST: dict[str, dict] = {
    "director": {"name": "周主任", "roles": ["centre_director"]},
    "wang": {"name": "王伟", "manager": "director", "roles": ["department_manager"]},
    "li": {"name": "李娜", "manager": "wang", "roles": []},
    "sun": {"name": "孙丽", "manager": "wang", "roles": []},
    "zhao": {"name": "赵敏", "manager": "head", "roles": ["quality", "auditor"]},
    "head": {"name": "钱质", "manager": "director", "roles": ["quality_head"]},
    "vp": {"name": "吴副总", "roles": ["vp_operations"]},
    "chen": {"name": "陈晨", "manager": "other", "roles": []},
    "other": {"name": "冯经理", "roles": ["department_manager"]},
    "smith": {"name": "Ann Smith", "manager": "wang", "roles": [], "language": "en"},
    "gone": {"name": "已离职", "manager": "wang", "roles": [], "active": False},
}


def secret() -> str:
    key = current().settings.secret_key
    assert key is not None
    return key.get_secret_value()


def field(html: str) -> str:
    """Return the hidden field of a page's form."""
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found, "the page has no form"
    return found[1]
