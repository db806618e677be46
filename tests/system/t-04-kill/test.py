"""kill -9 under load: what was acknowledged arrives, octet for octet."""
import os
import threading
import time

from harness import Gateway, Sink, case, equal, expect, main, simple, until
from harness.crashes import kills
from harness.load import Comparison, Load, digest

ROUNDS = int(os.environ.get("POSTERN_KILLS", "20"))


@case
def f01_kills_at_random_moments_lose_nothing_and_repeat_only_what_was_in_flight(room):
    verdict = kills(room, ROUNDS)
    room.note(verdict.line())
    room.note(verdict.details())
    verdict.check()
    expect(max(verdict.starts) < 2, f"ready again only after {max(verdict.starts):.1f} s")


@case
def f04_a_kill_between_the_next_hops_250_and_our_log_repeats_that_delivery_once(room):
    taken, dead = threading.Event(), threading.Event()

    def answer(verb, what):
        if verb == "END" and not taken.is_set():
            taken.set()
            dead.wait(30)  # the 250 leaves when nobody is left to read it
    sink = Sink(room, answer=answer)
    gateway = Gateway(room, relayhost=sink.hop)
    equal(gateway.deliver(simple(subject="twice")).code, 250, "reply")
    expect(taken.wait(30), "the next hop has the content")

    gateway.kill()
    dead.set()
    until(lambda: sink.count() == 1, what="the next hop keeps it")
    gateway.start()

    gateway.wait_empty()
    equal([(m.recipients, m.content.count(b"Subject: twice")) for m in sink.taken()], [(("alice@home.example",), 1)] * 2,
          "deliveries: the one that was cut off, and one more")


@case
def a_killed_gateway_leaves_a_queue_that_is_served_at_once(room):
    closed = ["while this has an entry"]
    sink = Sink(room, digest=digest, answer=lambda verb, what: "451 4.3.0 later" if verb == "MAIL" and closed else None)
    gateway = Gateway(room, relayhost=sink.hop)
    load = Load(gateway.port, clients=4, prefix="q").start()
    until(lambda: len(load) >= 300, 60, "300 messages accepted")
    gateway.kill()
    load.stop()
    closed.clear()

    start = time.monotonic()
    gateway.start()
    ready = time.monotonic() - start

    gateway.wait_empty(120)
    result = Comparison(load.acknowledged, sink.taken())
    expect(not result.lost and not result.torn, f"lost {result.lost[:5]}, torn {result.torn[:5]}")
    expect(not result.duplicates, f"nothing was in flight, yet twice: {list(result.duplicates)[:5]}")
    room.note(f"{len(load)} queued, ready again in {ready:.2f} s")


if __name__ == "__main__":
    main()
