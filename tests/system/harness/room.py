"""room.py: a scratch folder and the processes of one test. Leaving it ends and removes them."""
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# As root the gateway, and the stores' mailboxes, belong to this user.
OWNER = "nobody"


def until(condition, seconds=30.0, what="condition", every=0.02):
    """Waits for condition() to be true and returns its value; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            from .case import Failure
            raise Failure(f"{what}: not within {seconds:g} s")
        time.sleep(every)


def free_port(host="127.0.0.1"):
    """A port that nobody uses, below the range that the kernel gives to outgoing connections."""
    while True:
        port = random.randrange(11000, 32000)
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind((host, port))
                udp.bind((host, port))
                return port
            except OSError:
                continue


def program(name, package):
    """The path of a program, or Skip with the package that has it."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")
    if not path:
        from .case import Skip
        raise Skip(f"{name} is not installed (Debian package {package})")
    return path


def testdata(*parts):
    """A path in the folder of external test data, or Skip."""
    from .case import Skip
    top = os.environ.get("POSTERN_TESTDATA")
    if not top:
        raise Skip("POSTERN_TESTDATA is not set")
    path = pathlib.Path(top, *parts)
    if not path.exists():
        raise Skip(f"POSTERN_TESTDATA has no {'/'.join(parts)}")
    return path


class Group:
    """The processes of a process group, whoever started them."""

    def __init__(self, group):
        self.group = group

    def members(self):
        """Pids of the living processes of the group."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/stat", "rb") as stat:
                    fields = stat.read().rpartition(b") ")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self.group and fields[0] not in (b"Z", b"X"):
                found.append(int(entry))
        return found

    def cpu(self):
        """Seconds of CPU that the living processes of the group have used."""
        ticks = 0
        for pid in self.members():
            with open(f"/proc/{pid}/stat", "rb") as stat:
                fields = stat.read().rpartition(b") ")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def cpu_share(self, seconds):
        """Share of one core that the group uses over the next `seconds`."""
        before = self.cpu()
        time.sleep(seconds)  # the time over which is measured
        return (self.cpu() - before) / seconds

    def memory(self):
        """Octets of memory (PSS) of the group."""
        total = 0
        for pid in self.members():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
                total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        return total * 1024


class Process(Group):
    """A program in a process group of its own."""

    def __init__(self, arguments, log, **options):
        self.log = pathlib.Path(log)
        self.name = os.path.basename(str(arguments[0]))
        with open(self.log, "ab") as out:
            self.popen = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=subprocess.STDOUT, start_new_session=True, **options)
        super().__init__(self.popen.pid)

    def running(self):
        return self.popen.poll() is None

    def terminate(self, seconds=30.0):
        """SIGTERM, and waiting; returns the exit status. What is left then is killed, and an error."""
        if self.running():
            self.popen.send_signal(signal.SIGTERM)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.popen.poll() is not None and not self.members():
                return self.popen.returncode
            time.sleep(0.01)
        left = self.members()
        self.kill()
        from .case import Failure
        raise Failure(f"{self.name}: still running {seconds:g} s after SIGTERM: pids {left}; killed")

    def kill(self):
        """SIGKILL to the whole group, and waiting until it is gone."""
        try:
            os.killpg(self.group, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait()
        end = time.monotonic() + 10
        while self.members() and time.monotonic() < end:
            time.sleep(0.002)


class Room:
    """One test's folder and processes."""

    def __init__(self, name):
        base = os.environ.get("POSTERN_SCRATCH") or tempfile.gettempdir()
        # Short: the path of a Unix socket has room for 107 octets.
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=f"ps-{name}-", dir=base))
        self.path.chmod(0o755)  # daemons that dropped root walk through it
        self.notes = []
        self._ends = []

    def __truediv__(self, name):
        return self.path / name

    def note(self, text):
        """A figure to be shown beside the test's name."""
        self.notes.append(text)

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text, encoding="utf-8")
        return path

    def folder(self, name):
        """A folder that the gateway's user may write to."""
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            user = pwd.getpwnam(OWNER)
            os.chown(path, user.pw_uid, user.pw_gid)
        path.chmod(0o755)
        return path

    def at_end(self, function):
        self._ends.append(function)

    def start(self, arguments, log=None, **options):
        process = Process(arguments, log or self.path / (os.path.basename(str(arguments[0])) + ".log"), **options)
        self.at_end(process.kill)
        return process

    def close(self, quiet=False, failed=False):
        """Ends everything, last first. A problem on the way is the test's, unless it failed already."""
        problem = None
        while self._ends:
            try:
                self._ends.pop()()
            except Exception as error:
                problem = problem or error
        if failed or problem:
            self.show_logs()
        if failed and os.environ.get("KEEP") == "1":
            print(f"           kept: {self.path}", flush=True)
        else:
            shutil.rmtree(self.path, ignore_errors=True)
        if problem and not quiet:
            raise problem

    def show_logs(self):
        for log in sorted(self.path.glob("*.log")):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            if lines:
                print(f"           --- {log.name}, last of {len(lines)} lines", flush=True)
                for line in lines[-12:]:
                    print("           " + line[:300], flush=True)


def wait_for_port(port, process=None, host="127.0.0.1", seconds=30.0):
    """Until somebody listens there; a process that ended before is an error."""
    def listening():
        if process and not process.running():
            from .case import Failure
            raise Failure(f"{process.name} ended at once:\n" + process.log.read_text(errors="replace")[-1500:])
        try:
            socket.create_connection((host, port), timeout=1).close()
            return True
        except OSError:
            return False
    until(listening, seconds, f"listening on {host}:{port}")
