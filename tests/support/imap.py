"""A small IMAP server for one folder: what a client needs to read unseen mails and mark them."""

import re
import socket
import threading
from contextlib import suppress


class Imap:
    """Listens on 127.0.0.1 while the `with` lasts; `mails` are bytes, `seen` their numbers."""

    def __init__(self, *mails, account=("pdca", "secret"), folder="INBOX"):
        self.mails, self.account, self.folder = list(mails), account, folder
        self.seen: set[int] = set()
        self.commands: list[str] = []
        self.hang_up_before_flag = 0

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError, ConnectionError):
                self._serve(connection)

    def _serve(self, connection):
        with connection.makefile("rwb") as file:
            self._say(file, "* OK ready")
            while line := file.readline().decode().strip():
                tag, _, command = line.partition(" ")
                self.commands.append(command)
                verb = "_".join(command.lower().split()[: 2 if command.startswith("UID") else 1])
                no = getattr(self, f"_{verb}", self._anything)(command, file)
                self._say(file, f"{tag} {no or 'OK done'}")

    def _say(self, file, text):
        file.write(text.encode() + b"\r\n")
        file.flush()

    def _anything(self, command, file):
        pass

    def _capability(self, _command, file):
        self._say(file, "* CAPABILITY IMAP4rev1")

    def _login(self, command, _file):
        given = tuple(word.strip('"') for word in command.split()[1:])
        return None if given == self.account else "NO wrong password"

    def _select(self, command, file):
        if command.split()[1].strip('"') != self.folder:
            return "NO no such folder"
        return self._say(file, f"* {len(self.mails)} EXISTS")

    def _uid_search(self, command, file):
        asked = re.search(r"UID (\d+)", command[10:])
        numbers = [int(asked[1])] if asked else self._unseen()
        self._say(file, "* SEARCH " + " ".join(map(str, numbers)))

    def _uid_fetch(self, command, file):
        number = int(command.split()[2])
        raw = self.mails[number - 1]
        about = f"UID {number} FLAGS () RFC822.SIZE {len(raw)}"
        file.write(f"* {number} FETCH ({about} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")

    def _uid_store(self, command, _file):
        if self.hang_up_before_flag:
            self.hang_up_before_flag -= 1
            raise ConnectionError
        self.seen.add(int(command.split()[2]))

    def _logout(self, _command, file):
        self._say(file, "* BYE")

    def _unseen(self):
        return [n for n in range(1, len(self.mails) + 1) if n not in self.seen]
