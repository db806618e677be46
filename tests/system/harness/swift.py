"""swift.py: Postfix's smtp-source and smtp-sink, where Python would be the bottleneck."""
import os
import re
import subprocess

from .room import OWNER, free_port, program, until, wait_for_port


class SwiftSink:
    """smtp-sink: takes everything and counts it. Nobody listens until start()."""

    def __init__(self, room):
        self.room, self.port, self.program = room, free_port(), program("smtp-sink", "postfix")
        self.counts = room / f"sink-{self.port}.count"

    @property
    def hop(self):
        return f"smtp:[127.0.0.1]:{self.port}"

    def start(self, *options):
        """`options`: what else smtp-sink is told, such as to refuse a command."""
        user = ["-u", OWNER] if os.geteuid() == 0 else []
        self.process = self.room.start([self.program, "-c", "-m", "4000", *user, *options, f"127.0.0.1:{self.port}", "4000"], log=self.counts)
        wait_for_port(self.port, self.process)
        return self

    def stop(self):
        self.process.kill()
        self.counts.unlink()

    def count(self):
        """Messages since the start: smtp-sink's own counter, which goes up with the reply to the final dot."""
        with open(self.counts, "rb") as counts:
            counts.seek(max(0, os.fstat(counts.fileno()).st_size - 400))
            found = re.findall(rb"mesg=(\d+)(?=[ \r])", counts.read())
        return int(found[-1]) if found else 0

    def wait(self, count, seconds=60.0):
        until(lambda: self.count() >= count, seconds, f"{count} messages at the sink", every=0.002)


def send(port, count, sessions=8, octets=2000, to="u@home.example", sender="sender@away.example"):
    """`count` messages by smtp-source; returns when all of them were accepted."""
    done = subprocess.run([program("smtp-source", "postfix"), "-d", "-s", str(min(sessions, count)), "-m", str(count), "-l", str(octets),
                           "-f", sender, "-t", to, f"127.0.0.1:{port}"], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        from .case import Failure
        raise Failure(f"smtp-source: {done.stderr.strip()[-500:]}")
