"""Many messages for a dead or a slow destination: the living one goes on as if it were alone."""
import os
import threading
import time

from harness import Gateway, Sink, case, expect, free_port, main, until
from harness.swift import SwiftSink, send

OTHERS = int(os.environ.get("POSTERN_QUEUED", "3000"))  # queued for the destination that is dead or slow
COUNT = 8000                                             # for the living one, in each turn
WANTED = 0.9
TURNS = 2                                                # at least; on a noisy machine up to three times as many


class Contestant:
    """A gateway with a living destination of its own."""

    def __init__(self, room, name, hop_beside):
        self.live = SwiftSink(room).start()
        routes = room.write(f"{name}.routes", f"lives.example {self.live.hop}\nbeside.example {hop_beside}\n")
        # As with 20000, the default, and 60000 others: who waits must not fill the active queue.
        self.gateway = Gateway(room, name, transport_maps=[f"texthash:{routes}"], minimal_backoff_time="5s",
                               maximal_backoff_time="10s", qmgr_message_active_limit=OTHERS // 3)


def race(single, both):
    """COUNT messages for each living destination, at the same time: how many arrived of the first gateway's and of the
    second's when one of them was done, and how long that took."""
    before, start = (single.live.count(), both.live.count()), time.monotonic()
    loads = [threading.Thread(target=send, args=(each.gateway.port, COUNT), kwargs={"to": "u@lives.example"}) for each in (single, both)]
    for load in loads:
        load.start()
    arrived = until(lambda: (c := (single.live.count() - before[0], both.live.count() - before[1])) and max(c) >= COUNT and c,
                    120, "one has everything", every=0.001)
    took = time.monotonic() - start
    for load in loads:
        load.join()
    for each, count in zip((single, both), before):
        each.live.wait(count + COUNT)
    return *arrived, took


def compare(room, hop_beside):
    """Two gateways work at the same time on the same cores, so that whoever else is busy there slows both; one of them
    has OTHERS messages for the other destination besides. Returns the ratio of what the living ones got meanwhile over
    all turns, and how many others wait. Noise makes single turns differ by a fifth: further ones decide."""
    single, both = Contestant(room, "single", hop_beside), Contestant(room, "both", hop_beside)
    send(both.gateway.port, OTHERS, to="u@beside.example")
    turns, ratio = [], 0
    while len(turns) < TURNS or ratio < WANTED and len(turns) < 3 * TURNS:
        turns.append(race(single, both))
        ratio = sum(turn[1] for turn in turns) / sum(turn[0] for turn in turns)
    waiting = len(both.gateway.queue("list", "--destination", "beside.example"))
    rates = ", ".join(f"{b / took:.0f} to {a / took:.0f}" for a, b, took in turns)
    room.note(f"ratio {ratio:.2f} beside {waiting} others ({rates} messages/s)")
    both.gateway.kill()  # deliveries to a slow one would be waited for
    return ratio, waiting


@case
def f84_thousands_of_messages_for_a_dead_destination_leave_the_living_one_nine_tenths_of_its_rate(room):
    ratio, waiting = compare(room, f"smtp:[127.0.0.1]:{free_port()}")

    expect(waiting == OTHERS, f"{waiting} messages wait for the dead destination")
    expect(ratio >= WANTED, f"ratio {ratio:.2f}: {room.notes}")


@case
def f84_thousands_of_messages_for_a_slow_destination_leave_the_living_one_nine_tenths_of_its_rate(room):
    ended = threading.Event()
    room.at_end(ended.set)
    slow = Sink(room, answer=lambda verb, what: ended.wait(10) and None)

    ratio, waiting = compare(room, slow.hop)

    expect(waiting >= 0.9 * OTHERS, f"only {waiting} messages wait for the slow destination")
    expect(ratio >= WANTED, f"ratio {ratio:.2f}: {room.notes}")


if __name__ == "__main__":
    main()
