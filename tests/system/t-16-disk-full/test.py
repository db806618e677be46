"""A full disk: 452 to clients, nothing acknowledged and lost, and mail again when there is room."""
import hashlib

from harness import Gateway, Sink, case, equal, expect, main, simple, until
from harness.disk import small_disk
from harness.load import MARK, Comparison, digest


@case
def f10_below_queue_minfree_mail_is_put_off_before_it_is_sent(room):
    disk = small_disk(room, "48m")  # queue_minfree is 64 MiB unless told otherwise
    gateway = Gateway(room, spool_directory=disk / "spool", transport_maps=["inline:{home.example=discard:}"])

    with gateway.client() as client:
        answer = client.say("MAIL FROM:<a@away.example>")

    equal((answer.code, answer.lines[0][:5]), (452, "4.3.1"), f"MAIL on a small disk: {answer}")


@case
def f10_a_disk_that_fills_up_answers_452_and_takes_mail_again_when_there_is_room(room):
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
def f10_a_full_disk_that_someone_else_filled_loses_nothing(room):
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


@case
def f10_a_disk_without_inodes_puts_mail_off_and_takes_it_again_when_there_are_some(room):
    disk = small_disk(room, "256m", inodes=60)
    closed = ["while this has an entry"]
    sink = Sink(room, digest=digest, answer=lambda verb, what: "451 4.3.0 later" if verb == "MAIL" and closed else None)
    gateway = Gateway(room, spool_directory=disk / "spool", relayhost=sink.hop, queue_minfree="1MiB", segment_size="1MiB")
    acknowledged, replies = {}, []

    def deliver(name, size):
        content = MARK + name.encode() + b"\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * (size // 72)
        answer = gateway.deliver(content)
        if answer.code == 250:
            acknowledged[name.encode()] = (hashlib.sha256(content).hexdigest(), ["alice@home.example"])
        return answer
    equal(deliver("before", 1_000_000).code, 250, "while there are inodes")
    fillers = []
    try:
        for number in range(100):
            fillers.append(disk / f"filler{number}")
            fillers[-1].touch()
    except OSError:
        fillers.pop()

    large = deliver("large", 1_000_000)  # wants a file of its own
    for number in range(40):             # these want a second segment
        replies.append(deliver(f"small{number}", 100_000))

    equal(large.code, 452, f"a large message: {large}")
    expect(replies[0].code == 250, f"there is room in the segment, yet: {replies[0]}")
    expect({reply.code for reply in replies} == {250, 452}, f"small ones: {sorted({str(reply) for reply in replies})}")
    for filler in fillers:
        filler.unlink()
    until(lambda: deliver("after", 1_000_000).code == 250, 60, "large mail is taken again", every=0.2)
    until(lambda: deliver("more", 100_000).code == 250, 60, "small mail is taken again", every=0.2)
    closed.clear()
    gateway.queue("flush")
    gateway.wait_empty()
    result = Comparison(acknowledged, sink.taken())
    expect(not result.lost and not result.torn, f"lost {result.lost[:5]}, torn {result.torn[:5]}")
    room.note(f"{sum(reply.code == 250 for reply in replies)} small ones were taken without an inode")


if __name__ == "__main__":
    main()
