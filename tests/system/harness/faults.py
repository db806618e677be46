"""faults.py: system calls of a running process that are slow or fail, by strace."""
import os
import signal

from .room import program, until


class Fault:
    """While it is entered, system calls of `pid` are tampered with, in all its threads. `inject` as strace takes it,
    such as "fdatasync:delay_enter=500000"."""

    def __init__(self, room, pid, *inject):
        from .case import Skip
        self.log = room / "strace.calls"
        arguments = [program("strace", "strace"), "-f", "-q", "-s", "0", "-p", str(pid), "-o", self.log,
                     "-e", "trace=" + ",".join(each.partition(":")[0] for each in inject)]
        for each in inject:
            arguments += ["-e", f"inject={each}"]
        self.process = room.start(arguments, log=room / "strace.log")
        try:
            until(lambda: self._traced(pid), 10, "strace has attached")
        except Exception as error:
            if not self.process.running():
                raise Skip(f"strace cannot attach here: {self.process.log.read_text(errors='replace').strip()}") from error
            raise

    @staticmethod
    def _traced(pid):
        """All threads have a tracer."""
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/status", encoding="ascii", errors="replace") as status:
                if any(line.split() == ["TracerPid:", "0"] for line in status if line.startswith("TracerPid:")):
                    return False
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Detaches; what was held up goes on."""
        if self.process.running():
            self.process.popen.send_signal(signal.SIGINT)
            self.process.popen.wait(30)

    def calls(self, name):
        """How many calls of that name were seen."""
        return sum(f" {name}(" in line for line in self.log.read_text(errors="replace").splitlines()) if self.log.exists() else 0
