"""A wall clock that jumps: retries keep their pace, nothing expires at once, nothing is parked for years."""
import datetime
import time

from harness import Gateway, Sink, case, equal, expect, main, simple, until
from harness.wall_clock import WallClock

DAY = 86400
COUNT = 20


class Waiting:
    """A gateway with COUNT messages for a store that takes nothing yet, and a clock to be moved."""

    def __init__(self, room):
        self.closed, self.attempts = ["while this has an entry"], []
        self.sink = Sink(room, answer=self.answer)
        self.clock = WallClock(room)
        self.gateway = Gateway(room, environment=self.clock.environment, relayhost=self.sink.hop,
                               minimal_backoff_time="300ms", maximal_backoff_time="600ms")
        with self.gateway.client() as client:
            for number in range(COUNT):
                equal(client.send(f"s{number}@away.example", "alice@home.example", simple()).code, 250, "reply")
        until(lambda: len(self.attempts) >= COUNT, what="one attempt each")

    def answer(self, verb, what):
        if verb == "MAIL" and self.closed:
            self.attempts.append(time.monotonic())
            return "451 4.3.0 later"

    def jump(self, seconds, restart=False):
        """The clock jumps; returns the attempts of the two seconds afterwards. In that time each message falls due at
        least twice, and at most six times (after 0.3 s, then 0.6 s, a fifth more or less)."""
        self.clock.move(seconds)
        if restart:
            self.gateway.kill()
            self.gateway.start()
        before = len(self.attempts)
        time.sleep(2)  # the time over which attempts are counted
        return len(self.attempts) - before


def keeps_its_pace(room, seconds, restart=False):
    waiting = Waiting(room)

    attempts = waiting.jump(seconds, restart)

    year = datetime.datetime.fromtimestamp(time.time() + seconds).year
    expect(COUNT <= attempts <= 7 * COUNT, f"{attempts} attempts at {COUNT} messages in 2 s")
    equal(len(waiting.gateway.queue("list")), COUNT, "messages still queued")
    equal(waiting.gateway.deliver(simple(), sender=f"s{COUNT - 1}@away.example", recipients="bob@home.example").code, 250, "new mail")
    expect(waiting.gateway.log_text().splitlines()[-1].startswith(str(year)), "the gateway's clock did not move")
    waiting.closed.clear()
    waiting.gateway.wait_empty(15)
    senders = sorted(m.sender for m in waiting.sink.taken())
    equal(senders, sorted([f"s{number}@away.example" for number in range(COUNT)] + [f"s{COUNT - 1}@away.example"]), "arrived")
    room.note(f"{attempts} attempts in 2 s")


@case
def f15_a_clock_that_jumps_a_day_ahead_changes_no_retry(room):
    keeps_its_pace(room, DAY)


@case
def f15_a_clock_that_jumps_a_day_back_changes_no_retry(room):
    keeps_its_pace(room, -DAY)


@case
def f15_a_clock_that_jumps_beyond_2038_expires_nothing(room):
    keeps_its_pace(room, (datetime.datetime(2039, 1, 1) - datetime.datetime.now()).total_seconds())


@case
def f15_a_start_after_the_clock_went_a_day_back_parks_nothing(room):
    keeps_its_pace(room, -DAY, restart=True)


@case
def f15_a_start_after_the_clock_went_a_day_ahead_loses_nothing(room):
    keeps_its_pace(room, DAY, restart=True)


@case
def f15_queue_ids_are_not_given_twice_when_the_clock_goes_back(room):
    closed = ["while this has an entry"]
    sink = Sink(room, answer=lambda verb, what: "451 4.3.0 later" if verb == "MAIL" and closed else None)
    clock = WallClock(room)
    gateway = Gateway(room, environment=clock.environment, relayhost=sink.hop)
    for shift in (0, -3600, 0, -DAY):
        clock.move(shift)
        for _ in range(5):
            equal(gateway.deliver(simple()).code, 250, "reply")
        gateway.kill()
        gateway.start()

    ids = [row[0] for row in gateway.queue("list")]

    equal((len(ids), len(set(ids))), (20, 20), "messages, and different ids")
    closed.clear()
    gateway.queue("flush")
    gateway.wait_empty()
    equal(sink.count(), 20, "delivered")


if __name__ == "__main__":
    main()
