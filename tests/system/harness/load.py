"""load.py: many clients that remember every acknowledgement, and the comparison with what arrived.

The invariant: whatever got a 250 arrives, octet for octet; twice only what was in flight at a crash.
"""
import hashlib
import random
import threading
import time
from collections import Counter

from .client import SmtpClient
from .messages import split_block

MARK = b"X-Test-Id: "


def make_bodies(large=True):
    """Bodies of several sizes, with dots at line starts, long lines and octets above 127."""
    source = random.Random(7)
    bodies = []
    for size in [100, 500, 900, 2000, 2000, 4000, 4000, 8000, 30000] + ([400_000] if large else []):
        lines, length = [], 0
        while length < size:
            line = bytes(source.choices(b"abcdefghij klmnopqrstuvwxyz.\xc3\xa4", k=source.choice((0, 3, 70, 70, 70, 400))))
            line = source.choice((b"", b"", b".", b"..")) + line
            lines.append(line)
            length += len(line) + 2
        bodies.append(b"\r\n".join(lines) + b"\r\n")
    return bodies


def digest(content):
    """For a Sink: (id, hash of the original, whether only our fields stand above it)."""
    at = content.find(MARK)
    if at < 0:
        return (b"?", "", False)
    original = content[at:]
    end = original.find(b"\r\n")
    return (original[len(MARK):end], hashlib.sha256(original).hexdigest(), split_block(content, original) is not None)


class Load:
    """`clients` threads that send to `port` until stop(); they come back when the server goes away."""

    def __init__(self, port, clients=8, large=True, prefix="m", domain="home.example"):
        self.port, self.clients, self.prefix, self.domain = port, clients, prefix, domain
        self.acknowledged = {}  # id -> (hash, recipients)
        self.answered = []      # time.monotonic() of each acknowledgement
        self.refused = Counter()
        self.cut = 0            # messages without an answer
        self._bodies = make_bodies(large)
        self._number = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(clients)]

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def __len__(self):
        return len(self.acknowledged)

    def _work(self, number):
        choose = random.Random(number)
        while not self._stop.is_set():
            try:
                with SmtpClient(self.port, timeout=30) as client:
                    if client.greeting.code != 220:
                        raise OSError
                    client.ehlo()
                    while not self._stop.is_set():
                        if not self._send(client, choose):
                            break
            except OSError:
                self._stop.wait(0.01)

    def _send(self, client, choose):
        with self._lock:
            self._number += 1
            name = f"{self.prefix}{self._number}".encode()
        body = self._bodies[min(int(choose.expovariate(0.35)), len(self._bodies) - 1)]
        content = MARK + name + b"\r\nSubject: load\r\n\r\n" + body
        recipients = [f"{who}@{self.domain}" for who in (("alice",) if choose.random() < 0.9 else ("alice", "bob", "carol"))]
        fingerprint = hashlib.sha256(content).hexdigest()
        try:
            answer = client.send("sender@away.example", recipients, content)
        except OSError:
            answer = None
        if answer is None or answer.code == 0:
            self.cut += 1
            return False
        if answer.code == 250:
            with self._lock:
                self.acknowledged[name] = (fingerprint, recipients)
                self.answered.append(time.monotonic())
        else:
            with self._lock:
                self.refused[answer.text] += 1
            if answer.code // 100 == 4:
                self._stop.wait(0.005)
        return answer.code != 421


class Comparison:
    """acknowledged against what a Sink with digest= has taken."""

    def __init__(self, acknowledged, taken):
        arrived = Counter()
        self.torn = []     # other octets than those acknowledged
        for message in taken:
            name, fingerprint, clean = message.content
            wanted = acknowledged.get(name)
            if not clean or (wanted and wanted[0] != fingerprint):
                self.torn.append(name)
            for recipient in message.recipients:
                arrived[name, recipient] += 1
        self.lost = [(name, recipient) for name, (_, recipients) in acknowledged.items()
                     for recipient in recipients if not arrived[name, recipient]]
        self.duplicates = {key: count - 1 for key, count in arrived.items() if count > 1}
        # Taken over, but the client was cut off before it heard so: it would have sent it again.
        self.unheard = len({name for name, _ in arrived} - set(acknowledged))

    @property
    def extra(self):
        return sum(self.duplicates.values())
