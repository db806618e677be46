"""kill -9 at random moments under load: what was acknowledged arrives, octet for octet."""
import os
import random
import time

from harness import Gateway, Sink, case, equal, expect, main, until
from harness.load import Comparison, Load, digest

ROUNDS = int(os.environ.get("POSTERN_KILLS", "20"))
# As many deliveries may be under way at one destination (default_destination_concurrency_limit); what
# the sink has taken and the log does not know yet is delivered again.
CONCURRENCY = 20


@case
def kills_at_random_moments_lose_nothing_and_repeat_only_what_was_in_flight(room):
    sink = Sink(room, digest=digest)
    gateway = Gateway(room, relayhost=sink.hop, default_destination_concurrency_limit=CONCURRENCY)
    load = Load(gateway.port).start()
    cuts = []  # (moment, deliveries that the log may not know yet)
    try:
        for number in range(ROUNDS):
            before = len(load)
            time.sleep(random.uniform(0.1, 1.2))
            until(lambda: len(load) > before, what="mail is accepted between two kills")
            moment = time.monotonic()
            gateway.kill()
            # What was under way, and completions on their way to the log for at most a second (Progress in
            # queue/spool.h): all of it may be delivered again.
            recent = sum(len(m.recipients) for m in sink.taken() if m.when > moment - 1)
            cuts.append((moment, recent + 3 * CONCURRENCY))
            gateway.start()
    finally:
        load.stop()
    gateway.wait_empty(180)

    result = Comparison(load.acknowledged, sink.taken())
    repeated = repeated_after(sink.taken(), [moment for moment, _ in cuts])
    room.note(f"{ROUNDS} kills, {len(load)} acknowledged, {len(result.lost)} lost, {len(result.torn)} torn, "
              f"{result.extra} duplicates (at most {max(repeated)} by one kill), "
              f"{result.unheard} delivered without our hearing the 250")
    expect(len(load) > 10 * ROUNDS, f"only {len(load)} messages: no load to speak of")
    expect(not result.lost, f"{len(result.lost)} acknowledged deliveries lost, such as {result.lost[:5]}")
    expect(not result.torn, f"{len(result.torn)} with other octets, such as {result.torn[:5]}")
    equal(repeated[0], 0, "deliveries repeated before the first kill")
    for number, (_, in_flight) in enumerate(cuts, 1):
        expect(repeated[number] <= in_flight, f"kill {number}: {repeated[number]} repeated, {in_flight} were in flight")


def repeated_after(taken, moments):
    """How many deliveries were repeats, by the number of kills before them."""
    seen, repeated = set(), [0] * (len(moments) + 1)
    for message in sorted(taken, key=lambda m: m.when):
        for recipient in message.recipients:
            key = message.content[0], recipient
            repeated[sum(moment <= message.when for moment in moments)] += key in seen
            seen.add(key)
    return repeated


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
