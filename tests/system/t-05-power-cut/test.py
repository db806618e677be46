"""A power cut: the file system is shut down without its journal being flushed, and mounted again."""
import os

from harness import Gateway, Sink, case, expect, main, simple
from harness.crashes import power_cuts
from harness.disk import Disk

ROUNDS = int(os.environ.get("POSTERN_CUTS", "10"))


@case
def f02_power_cuts_under_load_lose_nothing_that_was_acknowledged(room):
    verdict = power_cuts(room, ROUNDS)
    room.note(verdict.line())
    room.note(verdict.details())
    verdict.check()


@case
def with_a_disk_that_fails_mail_is_refused_for_now_and_never_acknowledged(room):
    disk = Disk(room)
    sink = Sink(room)
    gateway = Gateway(room, relayhost=sink.hop, spool_directory=disk.folder("gateway") / "spool")

    with gateway.client() as client:
        disk.cut()
        answers = [client.send("s@away.example", "alice@home.example", simple()) for _ in range(5)]

    expect(all(answer.code == 451 for answer in answers), f"without a disk: {[str(a) for a in answers]}")
    gateway.wait_log("queue-write-failed")
    gateway.kill()


if __name__ == "__main__":
    main()
