"""Two gateways on one spool: the second is refused and ends, the first serves on."""
import subprocess
import time

from harness import Gateway, Sink, case, equal, expect, free_port, main, simple
from harness.gateway import executable


@case
def f06_a_second_start_on_the_same_spool_ends_with_status_75_and_leaves_the_first_unharmed(room):
    sink = Sink(room)
    first = Gateway(room, relayhost=sink.hop)
    second = Gateway(room, "second", start=False, relayhost=sink.hop, spool_directory=first.spool,
                     control_socket=room / "second.control", listener=[{"address": "127.0.0.1", "port": free_port()}])
    equal(first.deliver(simple(subject="before")).code, 250, "reply")

    process = room.start([executable(), "serve", "--config", second.config], log=room / "second.log")
    try:
        status = process.popen.wait(15)
    except subprocess.TimeoutExpired:
        status = "still running after 15 s"

    equal(status, 75, "exit status of the second (EX_TEMPFAIL: try again when the first has ended)")
    said = (room / "second.log").read_text()
    expect("error" in said and str(first.spool) in said, f"it does not say why: {said[-600:]}")
    equal(first.deliver(simple(subject="after")).code, 250, "reply of the first")
    first.wait_empty()
    equal(sink.count(), 2, "delivered by the first")


@case
def f06_a_second_start_on_the_same_port_takes_no_client_away_from_the_first(room):
    sink = Sink(room)
    first = Gateway(room, relayhost=sink.hop, threads=2)  # several loops share the port

    process = room.start([executable(), "serve", "--config", first.config], log=room / "second.log")
    codes, end = [], time.monotonic() + 15
    while process.running() and time.monotonic() < end:
        try:
            with first.client(timeout=3) as client:
                codes.append(client.send("s@away.example", "alice@home.example", simple()).code)
        except OSError as error:
            codes.append(str(error))
    process.kill()

    equal({code for code in codes if code != 250}, set(), f"of {len(codes)} clients while the second tried")
    expect(first.process.running(), "the first runs")


@case
def f06_after_the_first_was_killed_a_second_start_takes_the_spool_over(room):
    closed = ["while this has an entry"]
    sink = Sink(room, answer=lambda verb, what: "451 4.3.0 later" if verb == "MAIL" and closed else None)
    first = Gateway(room, relayhost=sink.hop)
    equal(first.deliver(simple()).code, 250, "reply")
    first.kill()
    closed.clear()

    second = Gateway(room, "second", relayhost=sink.hop, spool_directory=first.spool)

    second.wait_empty()
    equal(sink.count(), 1, "delivered by the second")


if __name__ == "__main__":
    main()
