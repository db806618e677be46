"""A full disk: 452 to clients, nothing acknowledged and lost, and mail again when there is room."""
import hashlib
import os
import subprocess

from harness import Gateway, Sink, Skip, case, equal, expect, main, simple, until
from harness.load import Comparison, digest
from harness.room import OWNER


def small_disk(room, size):
    if os.geteuid() != 0:
        raise Skip("mounting a small tmpfs needs root")
    path = room / "small"
    path.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755,uid={OWNER}", "tmpfs", path],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Skip(f"a tmpfs cannot be mounted here: {done.stderr.strip()}")
    room.at_end(lambda: subprocess.run(["umount", "-l", path], check=True))
    return path


@case
def below_queue_minfree_mail_is_put_off_before_it_is_sent(room):
    disk = small_disk(room, "48m")  # queue_minfree is 64 MiB unless told otherwise
    gateway = Gateway(room, spool_directory=disk / "spool", transport_maps=["inline:{home.example=discard:}"])

    with gateway.client() as client:
        answer = client.say("MAIL FROM:<a@away.example>")

    equal((answer.code, answer.lines[0][:5]), (452, "4.3.1"), f"MAIL on a small disk: {answer}")


@case
def a_disk_that_fills_up_answers_452_and_takes_mail_again_when_there_is_room(room):
    disk = small_disk(room, "64m")
    closed = ["while this has an entry"]
    sink = Sink(room, digest=digest, answer=lambda verb, what: "451 4.3.0 later" if verb == "MAIL" and closed else None)
    gateway = Gateway(room, spool_directory=disk / "spool", relayhost=sink.hop, queue_minfree="1MiB",
                      message_size_limit="8MiB")
    acknowledged, refusals, number = {}, [], 0
    while len(refusals) < 5 and number < 400:
        number += 1
        name = f"d{number}".encode()
        size = (200_000, 1_500_000, 4000)[number % 3]
        content = b"X-Test-Id: " + name + b"\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * (size // 72)
        answer = gateway.deliver(content)
        if answer.code == 250:
            acknowledged[name] = (hashlib.sha256(content).hexdigest(), ["alice@home.example"])
        else:
            refusals.append(answer)

    expect(len(refusals) == 5, f"64 MiB took {number} messages without a word")
    expect(all(r.code in (452, 451) for r in refusals) and any(r.code == 452 for r in refusals),
           f"on a full disk: {[str(r) for r in refusals]}")
    expect(len(acknowledged) > 20, f"only {len(acknowledged)} messages fitted")

    closed.clear()
    gateway.queue("flush")
    gateway.wait_empty(60)
    until(lambda: gateway.deliver(simple(subject="room again")).code == 250, 60, "mail is taken again", every=0.2)
    result = Comparison(acknowledged, sink.taken())
    expect(not result.lost and not result.torn, f"lost {result.lost[:5]}, torn {result.torn[:5]}")
    room.note(f"{len(acknowledged)} accepted before the disk was full")


@case
def a_full_disk_that_someone_else_filled_loses_nothing(room):
    disk = small_disk(room, "64m")
    sink = Sink(room, digest=digest)
    gateway = Gateway(room, spool_directory=disk / "spool", relayhost=sink.hop, queue_minfree="1MiB")
    equal(gateway.deliver(b"X-Test-Id: before\r\n\r\n").code, 250, "before")

    with open(disk / "ballast", "wb") as ballast:
        try:
            while True:
                ballast.write(b"x" * 65536)
        except OSError:
            pass
    full = [gateway.deliver(b"X-Test-Id: full\r\n\r\n" + b"y" * 60000 + b"\r\n") for _ in range(3)]
    expect(all(answer.code in (451, 452) for answer in full), f"while it is full: {[str(a) for a in full]}")

    (disk / "ballast").unlink()
    until(lambda: gateway.deliver(b"X-Test-Id: after\r\n\r\n").code == 250, 60, "mail is taken again", every=0.2)
    gateway.wait_empty()
    names = [m.content[0] for m in sink.taken()]
    expect(names.count(b"before") == 1 and b"after" in names, f"arrived: {names}")


if __name__ == "__main__":
    main()
