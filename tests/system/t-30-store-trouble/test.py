"""Stores that are down, hang, answer for some recipients only, or talk nonsense: nothing is lost, nothing spins."""
import collections
import statistics
import threading
import time

from harness import Gateway, Sink, case, equal, expect, main, simple, until


def routed(room, sinks, **keys):
    """A gateway with a route for each domain: {domain: sink}."""
    routes = "".join(f"{domain} {sink.hop}\n" for domain, sink in sinks.items())
    return Gateway(room, transport_maps=[f"texthash:{room.write('routes', routes)}"], **keys)


def recipients(row):
    return row[7]


@case
def f80_the_waits_for_a_store_that_takes_nothing_double_and_differ(room):
    attempts, closed = collections.defaultdict(list), ["while this has an entry"]

    def answer(verb, what):
        if verb == "MAIL" and closed:
            attempts[what[what.find("<") + 1:what.find(">")]].append(time.monotonic())
            return "451 4.3.0 the store is down"
    sink = Sink(room, answer=answer)
    gateway = Gateway(room, relayhost=sink.hop, minimal_backoff_time="400ms", maximal_backoff_time="1h")
    with gateway.client() as client:
        for number in range(12):
            equal(client.send(f"s{number}@away.example", "alice@home.example", simple()).code, 250, "reply")

    until(lambda: len(attempts) == 12 and all(len(times) >= 4 for times in attempts.values()), 30, "four attempts each")

    waits = [[b - a for a, b in zip(times, times[1:])] for times in map(list, attempts.values())]
    for each in waits:
        for number, wait in enumerate(each[:3]):
            usual = 0.4 * 2 ** number
            expect(0.8 * usual - 0.02 <= wait <= 1.2 * usual + 1, f"wait {number + 1} of {wait:.3f} s, wanted {usual} +- 20 %")
    medians = [statistics.median(each[number] for each in waits) for number in range(3)]
    # A site that defers everything is asked ten times a second, which adds up to a second to a wait.
    expect(1.5 < medians[1] / medians[0] < 2.7 and 3.2 < medians[2] / medians[0] < 6, f"median waits {medians}: not doubled")
    spread = max(each[2] for each in waits) - min(each[2] for each in waits)
    expect(spread > 0.1, f"twelve third waits within {spread:.3f} s: they would all come back at once")
    room.note("median waits " + ", ".join(f"{wait:.2f}" for wait in medians) + " s")
    closed.clear()
    gateway.queue("flush")
    gateway.wait_empty()
    equal(sink.count(), 12, "delivered")


@case
def f80_a_store_that_cannot_be_reached_is_probed_now_and_then_and_costs_no_cpu(room):
    down = ["while this has an entry"]
    sink = Sink(room, answer=lambda verb, what: (lambda stream: None) if verb == "CONNECT" and down else None)
    gateway = Gateway(room, relayhost=sink.hop, minimal_backoff_time="1s", maximal_backoff_time="4s")
    with gateway.client() as client:
        for number in range(300):
            equal(client.send(f"s{number}@away.example", "alice@home.example", simple()).code, 250, "reply")
    gateway.wait_log(" deferred ")
    equal(len(gateway.queue("list")), 300, "queued")

    before = sink.connections
    share = gateway.process.cpu_share(5)
    probes = sink.connections - before

    # One probe a second, or fewer, is enough for one destination, however many messages wait for it.
    expect(1 <= probes <= 15, f"{probes} connections in 5 s to a host that hangs up")
    expect(share < 0.25, f"{share:.2f} of a core for 300 messages to a dead host")
    room.note(f"{probes} connections and {share * 100:.0f} % of a core in 5 s")
    down.clear()
    gateway.wait_empty()
    equal(sorted(m.sender for m in sink.taken()), sorted(f"s{number}@away.example" for number in range(300)), "delivered, once each")


@case
def f81_a_store_that_hangs_after_the_final_dot_keeps_no_other_mail_waiting(room):
    awake = threading.Event()
    hanging = Sink(room, answer=lambda verb, what: verb == "END" and awake.wait(60) and None)
    live = Sink(room)
    gateway = routed(room, {"hangs.example": hanging, "lives.example": live}, default_destination_concurrency_limit=10)
    room.at_end(awake.set)
    with gateway.client() as client:
        for number in range(100):
            equal(client.send("s@away.example", f"u{number}@hangs.example", simple()).code, 250, "reply")
        until(lambda: hanging.open > 0, what="the store hangs")
        start = time.monotonic()
        for number in range(100):
            equal(client.send("s@away.example", f"u{number}@lives.example", simple()).code, 250, "reply")
        until(lambda: live.count() == 100, 10, "the mail for the other store")
    took = time.monotonic() - start

    expect(1 <= hanging.open <= 10, f"{hanging.open} deliveries at once to a destination with a limit of 10")
    equal(hanging.count(), 0, "taken by the store that hangs")
    room.note(f"100 for the other store in {took:.2f} s, {hanging.open} deliveries hang")
    awake.set()
    gateway.wait_empty()
    equal(len({m.recipients for m in hanging.taken()}), 100, "recipients served when it woke up")
    equal(hanging.count(), 100, "deliveries then")


@case
def f81_a_store_that_hangs_past_the_time_limit_is_asked_again_later(room):
    awake = threading.Event()
    sink = Sink(room, answer=lambda verb, what: (lambda stream: awake.wait(60)) if verb == "END" and not awake.is_set() else None)
    gateway = Gateway(room, relayhost=sink.hop, smtp_data_done_timeout="1s")
    room.at_end(awake.set)
    for number in range(3):
        equal(gateway.deliver(simple(), f"u{number}@home.example").code, 250, "reply")

    until(lambda: [row[1] for row in gateway.queue("list")] == ["deferred"] * 3, 20, "all deferred after a second")
    equal(sink.count(), 0, "taken")
    awake.set()

    gateway.wait_empty()
    equal(sorted(m.recipients[0] for m in sink.taken()), [f"u{number}@home.example" for number in range(3)], "delivered")


@case
def f82_greylisting_of_one_recipient_delays_that_one_alone(room):
    asked = collections.Counter()

    def answer(verb, what):
        if verb == "RCPT":
            asked[what[what.find("<") + 1:what.find("@")]] += 1
            return "450 4.7.1 greylisted" if "<grey@" in what and asked["grey"] == 1 else None
    sink = Sink(room, answer=answer)
    gateway = Gateway(room, relayhost=sink.hop)

    equal(gateway.deliver(simple(), ["alice@home.example", "grey@home.example", "bob@home.example"]).code, 250, "reply")

    until(lambda: [recipients(row) for row in gateway.queue("list")] == ["grey@home.example"], what="one recipient is left")
    gateway.wait_empty()
    equal([m.recipients for m in sink.taken()], [("alice@home.example", "bob@home.example"), ("grey@home.example",)], "deliveries")
    equal(asked, {"alice": 1, "bob": 1, "grey": 2}, "RCPT commands")


@case
def f82_an_lmtp_store_that_answers_each_recipient_differently_gets_back_only_who_is_open(room):
    later = ["while this has an entry"]

    def answer(verb, what):
        if verb == "END" and what.startswith("full@"):
            return "452 4.2.2 over quota" if later else None
        if verb == "END" and what.startswith("gone@"):
            return "550 5.1.1 no such mailbox"
    store = Sink(room, answer=answer, lmtp=True)
    sender = Sink(room)
    gateway = routed(room, {"home.example": store, "away.example": sender})

    who = ["alice@home.example", "full@home.example", "gone@home.example", "bob@home.example"]
    equal(gateway.deliver(simple(), who).code, 250, "reply")

    until(lambda: [recipients(row) for row in gateway.queue("list", "--recipient", "*@home.example")] == ["full@home.example"],
          what="the one over quota is left")
    later.clear()
    gateway.wait_empty()
    equal(sorted(m.recipients[0] for m in store.taken()), ["alice@home.example", "bob@home.example", "full@home.example"],
          "deliveries, each once")
    equal([(m.sender, m.recipients) for m in sender.taken()], [("", ("sender@away.example",))], "bounces")
    expect(b"gone@home.example" in sender.taken()[0].content and b"over quota" not in sender.taken()[0].content, "whom it names")


STEPS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "END")
MOST = 64 << 20  # octets of an endless reply until the test calls it swallowed


def octets(text):
    def say(stream):
        stream.write(text)
        stream.flush()
    return say


def endless(piece, swallowed):
    """Sends `piece` over and over until the peer hangs up; adds to `swallowed` how many octets went away."""
    def say(stream):
        sent = 0
        try:
            while sent < MOST:
                stream.write(piece)
                sent += len(piece)
        except OSError:
            pass
        swallowed.append(sent)
    return say


@case
def f83_nonsense_an_endless_reply_a_hang_up_and_421_at_any_step_defer_the_mail_and_cost_no_memory(room):
    sick, swallowed, sinks = ["while this has an entry"], [], {}
    for step in STEPS:
        for name, act in (("garbage", octets(b"\xff\xfe\0 no SMTP\r\n" * 3)), ("strange", octets(b"123 strange\r\n")), ("close", octets(b"")),
                          ("half", octets(b"2")), ("busy", "421 4.3.2 going down"),
                          ("lines", endless(b"250-and so on\r\n" * 4000, swallowed)),
                          ("line", endless(b"250 and so on " * 4000, swallowed))):
            sinks[f"{name}.{step.lower()}.example"] = Sink(
                room, answer=lambda verb, what, step=step, act=act: act if verb == step and sick else None)
    gateway = routed(room, sinks)
    before = gateway.process.memory()

    for domain in sinks:
        equal(gateway.deliver(simple(), f"u@{domain}").code, 250, f"reply for {domain}")
    until(lambda: {(row[1], int(row[4]) > 0) for row in gateway.queue("list")} == {("deferred", True)}, what="all have been tried")

    equal(sorted(recipients(row) for row in gateway.queue("list")), sorted(f"u@{domain}" for domain in sinks), "still queued")
    grown = gateway.process.memory() - before
    expect(grown < 64 << 20, f"{grown >> 20} MiB more memory")
    expect(swallowed and max(swallowed) < 16 << 20, f"octets of endless replies that went away: {max(swallowed)}")
    room.note(f"{len(sinks)} sick stores; {grown / 1048576:.1f} MiB more; at most {max(swallowed) >> 10} KiB of an endless reply left its sender")
    sick.clear()
    gateway.queue("flush")
    gateway.wait_empty()
    equal({domain: sink.count() for domain, sink in sinks.items() if sink.count() != 1}, {}, "stores that did not get their mail once")


if __name__ == "__main__":
    main()
