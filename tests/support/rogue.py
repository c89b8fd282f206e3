"""A web server that misbehaves on request: one path, one behaviour; it remembers what was asked."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def answer(body, *, status="200 OK", kind="application/json", more=""):
    """Return a whole answer, as an honest server gives it."""
    raw = body if isinstance(body, bytes) else body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(raw)}\r\n{more}\r\n"
    return head.encode() + raw


class Rogue:
    """Behaviours by path; whatever is not named answers 404."""

    def __init__(self):
        self.behaviours = {}
        self.asked = []
        self.over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def says(self, path, document):
        self.behaviours[path] = answer(json.dumps(document))

    def serve(self):
        while not self.over.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with connection:
            try:
                head = connection.recv(65_536).decode()
                if not head:
                    return  # it thought better of it
                target = urlsplit(head.split(" ")[1])
                self.asked.append((target.path, parse_qs(target.query), head))
                behaviour = self.behaviours.get(target.path, answer("no", status="404 Not Found"))
                if callable(behaviour):
                    behaviour(connection, self.over)
                else:
                    connection.sendall(behaviour)
            except OSError:
                pass  # the client had enough

    def stop(self):
        self.over.set()
        self._listening.close()


@contextmanager
def rogue():
    server = Rogue()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()


def never(_connection, over):
    """Take the request and say nothing."""
    over.wait(20)


def endless(connection, over):
    """Send a body that does not end."""
    connection.sendall(JSON_HEAD + b"\r\n[")
    while not over.is_set():
        connection.sendall(b"1," * 32_768)


def dripping_head(connection, over):
    """Send one byte of a header now and then: no single read is ever late."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not over.is_set():
        connection.sendall(b"a")
        time.sleep(0.05)


def dripping_body(connection, over):
    connection.sendall(JSON_HEAD + b"\r\n")
    while not over.is_set():
        connection.sendall(b" ")
        time.sleep(0.05)


def hanging_up(connection, _over):
    connection.sendall(JSON_HEAD + b"Content-Length: 100\r\n\r\n{")
