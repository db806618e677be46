"""sink.py: an SMTP server that keeps what it is given, for tests that compare every octet."""
import hashlib
import socket
import threading
import time
from collections import namedtuple

# when: time.monotonic() just before our reply. Content is kept up to `keep` octets, its hash always.
# session: the number of the connection, from 1.
Received = namedtuple("Received", "sender recipients content sha256 when session")


class Sink:
    """`answer`: called with (verb, line or content) before each reply; a string it returns is said instead, a
    function is called with the stream, and then the connection is closed. With `lmtp` the content is answered
    once for each recipient, and END comes with the recipient."""

    def __init__(self, room, host="127.0.0.1", port=0, answer=None, keep=None, delay=0.0, digest=None, lmtp=False):
        self.messages = []
        self.answer = answer
        self.keep = keep
        self.delay = delay    # before the reply to the content
        self.digest = digest  # content -> what to store instead of it
        self.lmtp = lmtp
        self.open = 0         # sessions with a content that is not answered yet
        self._lock = threading.Lock()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if port == 0:
            from .room import free_port
            port = free_port(host)
        self._listener.bind((host, port))
        self._listener.listen(512)
        self.host, self.port = host, port
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()
        room.at_end(self.close)

    @property
    def hop(self):
        return f"{'lmtp' if self.lmtp else 'smtp'}:[{self.host}]:{self.port}"

    def close(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()

    def count(self):
        with self._lock:
            return len(self.messages)

    def taken(self):
        """All received so far."""
        with self._lock:
            return list(self.messages)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection, session):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rwb", buffering=65536) as stream:
                self._talk(stream, session)
        except (OSError, ValueError):
            pass

    def _say(self, stream, verb, what, usual):
        text = (self.answer(verb, what) if self.answer else None) or usual
        if callable(text):
            text(stream)
            raise ConnectionError("as asked for")
        stream.write(text.encode() + b"\r\n")
        return text

    def _talk(self, stream, session):
        sender, recipients = None, []
        self._say(stream, "CONNECT", "", "220 sink.example ESMTP")
        stream.flush()
        while line := stream.readline(65536):
            verb = line[:4].upper().decode("ascii", "replace")
            what = line.rstrip(b"\r\n").decode("utf-8", "replace")
            if verb in ("EHLO", "LHLO"):
                self._say(stream, verb, what, "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
                          "250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 100000000")
            elif verb == "MAIL":
                sender, recipients = None, []
                if self._say(stream, verb, what, "250 2.1.0 Ok").startswith("250"):
                    sender = what[what.find("<") + 1:what.rfind(">")]
            elif verb == "RCPT":
                if sender is None:
                    self._say(stream, "OTHER", what, "503 5.5.1 MAIL first")
                elif self._say(stream, verb, what, "250 2.1.5 Ok").startswith("250"):
                    recipients.append(what[what.find("<") + 1:what.rfind(">")])
            elif verb == "DATA":
                if not recipients:
                    self._say(stream, "OTHER", what, "554 5.5.1 No valid recipients")
                elif self._say(stream, verb, what, "354 Go on").startswith("354"):
                    stream.flush()
                    content = self._content(stream)
                    if content is None:
                        return
                    self._end(stream, session, sender, recipients, content)
                    sender, recipients = None, []
            elif verb == "QUIT":
                self._say(stream, verb, what, "221 2.0.0 Bye")
                stream.flush()
                return
            else:
                self._say(stream, verb, what, "250 2.0.0 Ok")
            stream.flush()

    def _end(self, stream, session, sender, recipients, content):
        with self._lock:
            self.open += 1
        try:
            if self.delay:
                time.sleep(self.delay)
            for group, what in [([r], r) for r in recipients] if self.lmtp else [(recipients, content)]:
                said = (self.answer("END", what) if self.answer else None) or "250 2.0.0 Ok: kept"
                if callable(said):
                    said(stream)
                    raise ConnectionError("as asked for")
                if said.startswith("250"):
                    self._keep(session, sender, group, content)
                stream.write(said.encode() + b"\r\n")
            stream.flush()
        finally:
            with self._lock:
                self.open -= 1

    def _keep(self, session, sender, recipients, content):
        kept = self.digest(content) if self.digest else content[:self.keep]
        message = Received(sender, tuple(recipients), kept, hashlib.sha256(content).hexdigest(), time.monotonic(), session)
        with self._lock:
            self.messages.append(message)

    @staticmethod
    def _content(stream):
        lines = []
        while True:
            line = stream.readline()
            if not line.endswith(b"\n"):
                return None  # torn: not a message
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
