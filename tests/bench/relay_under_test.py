"""relay_under_test.py: the gateway as start and stop run it, for benches that look at it from outside."""
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

from harness import Failure, executable, free_port  # noqa: E402  (the path comes first)
from harness.room import Group  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


class RelayUnderTest(Group):
    """Starts at once. `extra`: keys for its configuration; `work`: a folder other than the room's; `variables`: more
    of what start reads, such as ROUTES."""

    def __init__(self, room, name, sink_port, extra="", work=None, **variables):
        super().__init__(0)
        self.port, self.work = free_port(), work or room / name
        self.work.mkdir(exist_ok=True)
        self.environment = {**os.environ, **variables, "LISTEN_PORT": str(self.port), "SINK_PORT": str(sink_port),
                            "WORK_DIR": str(self.work), "CONFIG_EXTRA": str(room.write(f"{name}.extra", extra))}
        started = subprocess.run([HERE / "start"], env=self.environment, capture_output=True, text=True)
        if started.returncode != 0:
            raise Failure(f"start: {started.stderr.strip()}")
        self.group = int(started.stdout.split()[-1])
        room.at_end(self.stop)

    def stop(self):
        if self.members():
            subprocess.run([HERE / "stop", str(self.group)], env=self.environment, check=True)

    def queue(self, *arguments):
        """A queue command; its lines without the heading."""
        done = subprocess.run([executable(), "queue", *arguments, "--control", self.work / "spool" / "control"],
                              capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise Failure(f"queue {' '.join(arguments)}: {done.stderr.strip()}")
        return [line for line in done.stdout.splitlines() if not line.startswith("#")]

    def io(self, key):
        """The sum of a line of /proc/PID/io over the group's processes."""
        total = 0
        for pid in self.members():
            with open(f"/proc/{pid}/io", encoding="ascii") as lines:
                total += next(int(line.split()[1]) for line in lines if line.startswith(key + ":"))
        return total


def machine_cpu():
    """Seconds of CPU that the whole machine has used, idle and waiting for disks left out."""
    with open("/proc/stat", encoding="ascii") as stat:
        fields = [int(word) for word in stat.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK
