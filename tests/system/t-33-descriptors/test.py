"""Too few descriptors: accepting pauses instead of spinning, who is in stays in, and later all is well."""
import socket

from harness import Gateway, Sink, case, equal, expect, main, program, simple, until

DESCRIPTORS = 64


def gateway_without_descriptors(room, sink):
    """A gateway whose last descriptors went to a crowd that says nothing, and a client that was there before."""
    gateway = Gateway(room, relayhost=sink.hop, prefix=[program("prlimit", "util-linux"), f"--nofile={DESCRIPTORS}"])
    inside = gateway.client()
    crowd = []
    for _ in range(DESCRIPTORS + 20):  # the kernel takes them into the backlog, whoever accepts them
        crowd.append(socket.create_connection(("127.0.0.1", gateway.port), timeout=10))
    gateway.wait_log("accept-failed")
    return gateway, inside, crowd


def greeted(gateway):
    try:
        with gateway.client(timeout=2) as client:
            return client.greeting.code == 220
    except OSError:
        return False


@case
def f13_without_descriptors_accepting_pauses_and_recovers(room):
    sink = Sink(room)
    gateway, inside, crowd = gateway_without_descriptors(room, sink)

    failures = gateway.log_text().count("accept-failed")
    share = gateway.process.cpu_share(3)
    failures = gateway.log_text().count("accept-failed") - failures

    expect(share < 0.10, f"{share:.2f} of a core while no connection can be accepted")
    expect(failures <= 30, f"{failures} log lines in 3 s")
    room.note(f"{share * 100:.1f} % of a core, {failures} log lines in 3 s")
    for connection in crowd:
        connection.close()
    until(lambda: greeted(gateway), 30, "new clients are greeted again")
    equal(inside.send("s@away.example", "alice@home.example", simple()).code, 250, "a client that was in all the time")
    gateway.wait_empty()


@case
def f13_without_descriptors_for_deliveries_mail_waits_and_is_delivered_when_there_are_some(room):
    sink = Sink(room)
    gateway, inside, crowd = gateway_without_descriptors(room, sink)

    answers = [inside.send("s@away.example", f"u{number}@home.example", simple()) for number in range(10)]
    share = gateway.process.cpu_share(2)

    equal([answer.code for answer in answers], [250] * 10, f"replies: the log is open already: {answers[0]}")
    expect(share < 0.10, f"{share:.2f} of a core while nothing can be delivered")
    equal(sink.count(), 0, "deliveries without a descriptor")
    for connection in crowd:
        connection.close()
    gateway.wait_empty()
    equal(sink.count(), 10, "delivered")


if __name__ == "__main__":
    main()
