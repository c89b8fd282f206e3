"""People with a browser: they open the links in the letters they got, and send the forms."""

import base64
import email
import json
import random
import re
import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from email import policy

import httpx

from tests.faults import killed

LINK = re.compile(r"http://127\.0\.0\.1:\d+(/d/[A-Za-z0-9_.-]+)")
FIELD = re.compile(r'name="csrf" value="([^"]+)"')
YES = re.compile(r'class="said yes"')
RECENT = 60  # letters


class Visitors(threading.Thread):
    """Until `stop`; `confirmed` are the acts that a page said were done."""

    def __init__(self, server, port, seed):
        super().__init__(daemon=True)
        self.server, self.rng = server, random.Random(seed)
        self.stop = threading.Event()
        self.confirmed, self.happened = Counter(), Counter()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5, trust_env=False)

    def run(self):
        while not self.stop.wait(self.rng.uniform(0, 0.1)):
            path = self._link()
            if path is None:
                continue
            try:
                self._visit(path)
            except httpx.ConnectError:
                self.happened["closed"] += 1
            except httpx.HTTPError:
                self.happened["cut off"] += 1
        self.client.close()

    def _link(self):
        mails = self.server.mails[-RECENT:]
        if not mails:
            return None
        message = email.message_from_bytes(self.rng.choice(mails).data, policy=policy.default)
        links = LINK.findall(message.get_body(("plain",)).get_content())
        return self.rng.choice(links) if links else None

    def _visit(self, path):
        shown = self.client.get(path)
        field = FIELD.search(shown.text)
        self.happened[f"shown {shown.status_code}"] += 1
        if field is None:
            return
        act, data = self._form(shown.text)
        answered = self.client.post(path, data={"csrf": field[1], "act": act, **data})
        self.happened[f"{act} {answered.status_code}"] += 1
        if answered.status_code == httpx.codes.OK and YES.search(answered.text):
            self.confirmed[(_duty(path), act)] += 1

    def _form(self, html):
        if 'name="corrective_action"' in html and self.rng.random() < 0.6:
            planned = (killed.now() + timedelta(days=self.rng.randint(2, 9))).date()
            plan = {"cause": "无人复核", "method": "5why", "corrective_action": "增加复核"}
            return "answer", {"decision": "accept", "planned_on": planned.isoformat(), **plan}
        if 'name="done"' in html and self.rng.random() < 0.6:
            return "answer", {"done": "已复核", "evidence_note": "共享盘"}
        return "acknowledge", {}

    def kept(self, eye):
        """Return the confirmed acts of which the rows know nothing."""
        rows = Counter()
        for duty, act, n in eye.execute("SELECT duty_id, act, count(*) FROM answer GROUP BY 1, 2"):
            rows[duty, act] = n
        lost = []
        for (duty, act), said in self.confirmed.items():
            there = rows[duty, act]
            # A second answer is told politely that there was a first.
            if there < (1 if act == "answer" else said):
                lost.append(f"duty {duty}: {act} confirmed {said} times, kept {there} times")
        return lost


def _duty(path):
    payload = path.rpartition("/")[2].partition(".")[0]
    with suppress(ValueError):
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))[0]
    return None
