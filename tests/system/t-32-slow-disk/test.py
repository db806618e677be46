"""A disk that is slow, or whose syncs and writes fail: nothing acknowledged is lost, and it recovers alone."""
import time

from harness import Gateway, Sink, case, equal, expect, main, simple, until
from harness.faults import Fault
from harness.load import MARK, Comparison, Load, digest

DELAY = 0.5  # seconds for each sync


@case
def f12_a_disk_that_takes_half_a_second_for_a_sync_slows_mail_down_and_loses_none_of_it(room):
    sink = Sink(room, digest=digest)
    gateway = Gateway(room, relayhost=sink.hop)
    load = Load(gateway.port, clients=32, large=False)
    with Fault(room, gateway.serving, f"fdatasync:delay_enter={DELAY * 1e6:.0f}") as fault:
        load.start()
        until(lambda: len(load) >= 200, 60, "200 messages")
        start = time.monotonic()
        answer = gateway.deliver(MARK + b"single\r\n\r\n")
        took = time.monotonic() - start
        load.stop()
        syncs, acknowledged = fault.calls("fdatasync"), len(load)
        equal(answer.code, 250, "reply")
        expect(took >= 0.9 * DELAY, f"acknowledged after {took:.2f} s: without a sync")
        expect(took <= 6 * DELAY + 1, f"one message waited {took:.2f} s")
        per_sync = acknowledged / max(1, syncs)
        # Each of 32 clients waits for its 250: a sync can carry at most 32, and half of that when they come in two waves.
        expect(per_sync >= 8, f"{acknowledged} messages in {syncs} syncs: no group commit")
    gateway.wait_empty()

    result = Comparison(load.acknowledged, sink.taken())
    expect(not result.lost and not result.torn, f"lost {result.lost[:5]}, torn {result.torn[:5]}")
    room.note(f"{acknowledged} messages, {per_sync:.1f} a sync, a single one took {took:.2f} s")


def failing(room, *inject):
    """Mail before, during and after the fault; the replies meanwhile. The gateway must then have everything that it
    acknowledged, also after a kill."""
    closed = ["while this has an entry"]
    sink = Sink(room, digest=digest, answer=lambda verb, what: "451 4.3.0 later" if verb == "MAIL" and closed else None)
    gateway = Gateway(room, relayhost=sink.hop, notify_classes=[])  # a letter to the postmaster would be counted
    load = Load(gateway.port, clients=4, large=False).start()
    until(lambda: len(load) >= 50, 30, "mail before the fault")

    with Fault(room, gateway.serving, *inject):
        until(lambda: load.refused, 30, "mail is refused")
        gateway.wait_log("spool_segment_given_up")
        after = len(load)
        until(lambda: len(load) >= after + 50, 30, "mail is taken again, without a restart")
    load.stop()
    # 421: a client that tries again at once, over and over, is sent away.
    expect(all(text[:9] in ("451 4.3.0", "421 4.7.0") for text in load.refused), f"refused with {dict(load.refused)}")
    gateway.kill()
    closed.clear()
    gateway.start()

    gateway.wait_empty()
    result = Comparison(load.acknowledged, sink.taken())
    expect(not result.lost and not result.torn, f"lost {result.lost[:5]}, torn {result.torn[:5]}")
    expect(not result.duplicates, f"twice, though nothing was delivered before the kill: {list(result.duplicates)[:5]}")
    room.note(f"{len(load)} acknowledged, {sum(load.refused.values())} refused")


@case
def f11_syncs_that_fail_refuse_what_was_in_them_and_lose_nothing_that_was_acknowledged(room):
    failing(room, "fdatasync:error=EIO:when=20..22")


@case
def f11_writes_that_fail_refuse_what_was_in_them_and_lose_nothing_that_was_acknowledged(room):
    failing(room, "pwritev:error=EIO:when=20..22")


@case
def f11_while_deliveries_cannot_be_recorded_none_is_begun_and_later_none_is_repeated(room):
    closed = ["while this has an entry"]
    sink = Sink(room, answer=lambda verb, what: "451 4.3.0 later" if verb == "MAIL" and closed else None)
    gateway = Gateway(room, relayhost=sink.hop, maximal_backoff_time="1s")
    with gateway.client() as client:
        for number in range(100):
            equal(client.send(f"s{number}@away.example", "alice@home.example", simple()).code, 250, "reply")
    until(lambda: {row[1] for row in gateway.queue("list")} == {"deferred"}, what="all deferred")

    with Fault(room, gateway.serving, "fdatasync:error=EIO", "pwritev:error=EIO"):
        equal(gateway.deliver(simple()).code, 451, "reply while nothing can be written")
        closed.clear()
        gateway.wait_log("delivery-paused")
        begun = sink.count()
        time.sleep(3)  # all fall due, more than once
        expect(sink.count() <= begun + 20, f"{sink.count()} deliveries while none could be recorded, {begun} of them before")
    gateway.wait_log("delivery-resumed")

    gateway.wait_empty()
    letters = [m for m in sink.taken() if not m.sender]
    mail = sorted(m.sender for m in sink.taken() if m.sender)
    equal(mail, sorted(f"s{number}@away.example" for number in range(100)), "delivered, once each")
    expect(len(letters) == 1 and letters[0].recipients == ("postmaster@home.example",), f"the postmaster heard once: {letters}")


if __name__ == "__main__":
    main()
