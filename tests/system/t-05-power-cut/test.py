"""A power cut: the file system is shut down without its journal being flushed, and mounted again."""
import fcntl
import os
import random
import struct
import subprocess
import time

from harness import Gateway, Sink, Skip, case, expect, main, program, simple, until
from harness.load import Comparison, Load, digest
from harness.room import OWNER

ROUNDS = int(os.environ.get("POSTERN_CUTS", "10"))
FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2


class Disk:
    """An ext4 in a file, mounted by loop."""

    def __init__(self, room):
        if os.geteuid() != 0:
            raise Skip("mounting needs root")
        self.image, self.path = room / "disk.img", room / "disk"
        self.path.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(1 << 30)
        subprocess.run([program("mkfs.ext4", "e2fsprogs"), "-q", "-F", self.image], check=True, capture_output=True)
        self.mount()
        room.at_end(self.unmount)

    def mount(self):
        done = subprocess.run(["mount", "-o", "loop", self.image, self.path], capture_output=True, text=True)
        if done.returncode != 0:
            raise Skip(f"a loop device cannot be mounted here: {done.stderr.strip()}")

    def unmount(self):
        """What was killed may still be letting go of its files."""
        until(lambda: not os.path.ismount(self.path) or subprocess.run(["umount", self.path], capture_output=True).returncode == 0,
              20, "the disk is unmounted", every=0.1)

    def cut(self):
        """From here on nothing reaches the disk, and what was not synced never did."""
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(folder, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(folder)


@case
def power_cuts_under_load_lose_nothing_that_was_acknowledged(room):
    disk = Disk(room)
    sink = Sink(room, digest=digest)
    folder = disk.path / "gateway"
    folder.mkdir()
    subprocess.run(["chown", OWNER, folder], check=True)
    gateway = Gateway(room, relayhost=sink.hop, spool_directory=folder / "spool")
    load = Load(gateway.port).start()
    vanished, crossed = 0, set()
    try:
        for _ in range(ROUNDS):
            before = len(load)
            time.sleep(random.uniform(0.2, 1.2))
            until(lambda: len(load) > before, what="mail is accepted between two cuts")
            (disk.path / "canary").write_bytes(b"never synced" * 1000)
            binding = set(load.acknowledged)
            disk.cut()
            time.sleep(0.1)  # it runs on without a disk, and must not say 250 any more
            gateway.kill()
            # Where a real cut ends everything, here the one sync that is under way goes on, and ext4 may call it
            # done although the journal is gone already: an answer from behind the cut is none of a real machine.
            crossed |= set(load.acknowledged) - binding
            disk.unmount()
            disk.mount()
            canary = disk.path / "canary"
            vanished += not canary.exists() or canary.stat().st_size == 0
            canary.unlink(missing_ok=True)
            gateway.start()
    finally:
        load.stop()
    gateway.wait_empty(180)

    result = Comparison(load.acknowledged, sink.taken())
    lost = [each for each in result.lost if each[0] not in crossed]
    room.note(f"{ROUNDS} cuts, {len(load)} acknowledged, {len(lost)} lost, {len(result.torn)} torn, {result.extra} duplicates; "
              f"{len(crossed)} answers came after a cut had begun, {len(result.lost) - len(lost)} of their deliveries never happened")
    expect(vanished > 0, "no unsynced file was ever lost: these were no power cuts")
    expect(len(load) > 20 * ROUNDS, f"only {len(load)} messages: no load to speak of")
    expect(len(crossed) <= 8 * ROUNDS, f"{len(crossed)} answers after the cuts: more than one for each client and cut")
    expect(not lost, f"{len(lost)} acknowledged deliveries lost, such as {lost[:5]}")
    expect(not result.torn, f"{len(result.torn)} with other octets, such as {result.torn[:5]}")


@case
def with_a_disk_that_fails_mail_is_refused_for_now_and_never_acknowledged(room):
    disk = Disk(room)
    sink = Sink(room)
    folder = disk.path / "gateway"
    folder.mkdir()
    subprocess.run(["chown", OWNER, folder], check=True)
    gateway = Gateway(room, relayhost=sink.hop, spool_directory=folder / "spool")

    with gateway.client() as client:
        disk.cut()
        answers = [client.send("s@away.example", "alice@home.example", simple()) for _ in range(5)]

    expect(all(answer.code == 451 for answer in answers), f"without a disk: {[str(a) for a in answers]}")
    gateway.wait_log("queue-write-failed")
    gateway.kill()


if __name__ == "__main__":
    main()
