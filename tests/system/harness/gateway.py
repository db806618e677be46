"""gateway.py: the program under test, with a configuration of its own."""
import json
import os
import pathlib
import signal
import subprocess

from .case import Failure
from .client import SmtpClient
from .room import OWNER, Process, free_port, until

TOP = pathlib.Path(__file__).resolve().parents[3]
# A sanitizer speaks on standard error, which is the log.
SANITIZERS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:")


def executable():
    path = os.environ.get("POSTERN") or TOP / "build" / "bin" / "postern"
    if not os.access(path, os.X_OK):
        raise Failure(f"no executable {path}: build first, or set POSTERN")
    return str(path)


def toml(keys):
    """TOML text: plain keys first, then tables (dict) and arrays of tables (list of dict)."""
    def scalar(value):
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(scalar(v) for v in value) + "]"
        if isinstance(value, (int, float)):
            return str(value)
        return json.dumps(str(value), ensure_ascii=False)

    plain, tables = [], []
    for key, value in keys.items():
        if isinstance(value, dict):
            for name, inner in value.items() if key == "filter" else [(None, value)]:
                tables.append(f"\n[{key}.{name}]" if name else f"\n[{key}]")
                tables += [f"{k} = {scalar(v)}" for k, v in inner.items()]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for inner in value:
                tables.append(f"\n[[{key}]]")
                tables += [f"{k} = {scalar(v)}" for k, v in inner.items()]
        else:
            plain.append(f"{key} = {scalar(value)}")
    return "\n".join(plain + tables) + "\n"


class Gateway:
    """Keys are those of the configuration. home.example is ours; a client on 127.0.0.1 may relay and use
    XCLIENT, one on another loopback address is a stranger. Without a pipeline nothing is filtered. `prefix`: words in
    front of its command line; `environment`: variables for it."""

    def __init__(self, room, name="gateway", start=True, prefix=(), environment=None, **keys):
        self.room, self.name = room, name
        self.prefix, self.environment = list(prefix), environment or {}
        self.port = free_port()
        self.spool = pathlib.Path(keys.get("spool_directory") or room / name / "spool")
        room.folder(name)
        self.config = room / f"{name}.toml"
        self.log = room / f"{name}.log"
        self.keys = {
            "myhostname": "mx.home.example",
            "mynetworks": ["127.0.0.1/32"],
            "smtpd_authorized_xclient_hosts": ["127.0.0.1/32"],
            "relay_domains": ["home.example"],
            "spool_directory": self.spool,
            "mail_owner": OWNER,
            "smtpd_peername_lookup": False,
            "smtpd_error_sleep_time": "0s",
            "minimal_backoff_time": "1s",
            "maximal_backoff_time": "2s",
            "pipeline": [],
            "listener": [{"address": "127.0.0.1", "port": self.port}],
        }
        self.keys.update(keys)
        self.process = None
        self._stopped = False
        self.write_config()
        room.at_end(self.finish)
        if start:
            self.start()

    def write_config(self, **keys):
        self.keys.update(keys)
        self.config.write_text(toml(self.keys), encoding="utf-8")

    def start(self, seconds=60.0):
        self._seen = self.log.stat().st_size if self.log.exists() else 0
        self.process = Process([*self.prefix, executable(), "serve", "--config", self.config], self.log,
                               env={**os.environ, **self.environment})

        def greets():
            if not self.process.running():
                raise Failure(f"{self.name} ended at once:\n" + self.log_text()[self._seen:][-1500:])
            try:
                with SmtpClient(self.port, timeout=5) as client:
                    return client.greeting.code == 220
            except OSError:
                return False
        until(greets, seconds, f"{self.name} greets on port {self.port}")
        return self

    def client(self, source=None, ehlo=True, **options):
        client = SmtpClient(self.port, source=source, **options)
        if ehlo and client.greeting.code == 220:
            client.ehlo()
        return client

    def stranger(self, **options):
        """A client that may not relay."""
        return self.client(source="127.0.0.5", **options)

    def deliver(self, content, recipients="alice@home.example", sender="sender@away.example", source=None):
        """One message over a connection of its own; the decisive reply."""
        with self.client(source=source) as client:
            return client.send(sender, recipients, content)

    def kill(self):
        """kill -9 of everything."""
        self.process.kill()

    def stop(self, seconds=60.0):
        status = self.process.terminate(seconds)
        self.process = None
        if status != 0:
            raise Failure(f"{self.name} ended with status {status}:\n{self.log_text()[-1500:]}")
        last = self.log_text().rpartition(" info stopping\n")[2]
        if "process-died process=gateway" in last:
            raise Failure(f"{self.name} did not end by itself:\n{last}")
        self.check_log()

    def finish(self):
        """At the end of a test: stopped in order, and nothing to complain about in the log."""
        if self.process and self.process.members():
            if self.process.running():
                self.stop()
            else:
                self.process.kill()
        self.check_log()

    def check_log(self):
        text = self.log_text()
        for word in SANITIZERS:
            if (at := text.find(word)) >= 0:
                raise Failure(f"{self.name}: {text[at:at + 3000]}")

    def reload(self):
        os.kill(self.process.group, signal.SIGHUP)

    def log_text(self):
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def wait_log(self, *words, seconds=30.0):
        """The first log line that has all the words."""
        def find():
            return next((line for line in self.log_text().splitlines() if all(w in line for w in words)), None)
        return until(find, seconds, f"log line with {words}")

    def run(self, *arguments, input=None):
        """Another command of the executable: (status, stdout, stderr)."""
        done = subprocess.run([executable(), *map(str, arguments)], input=input, capture_output=True, timeout=120)
        return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    @property
    def serving(self):
        """The pid of the process that serves: the supervisor's only child where no filter needs a worker."""
        children = [pid for pid in self.process.members() if pid != self.process.group]
        if len(children) != 1:
            raise Failure(f"{self.name}: processes beside the supervisor: {children}")
        return children[0]

    @property
    def control(self):
        return self.keys.get("control_socket") or self.spool / "control"

    def queue(self, *arguments):
        """A queue command; its rows without the heading, split at TABs. Fails when the command does."""
        status, out, error = self.run("queue", *arguments, "--control", self.control)
        if status != 0:
            raise Failure(f"queue {' '.join(map(str, arguments))}: status {status}: {error}")
        return [line.split("\t") for line in out.splitlines() if not line.startswith("#")]

    def wait_empty(self, seconds=60.0):
        """Until nothing is queued any more."""
        until(lambda: not self.queue("list"), seconds, f"{self.name}: empty queue", every=0.1)

    def metric(self, name):
        """The sum of a metric over its labels; needs metrics_listen."""
        import urllib.request
        with urllib.request.urlopen(f"http://{self.keys['metrics_listen']}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if line.startswith(name) and line[len(name)] in " {")
