"""Two gateways that send each other the same mail: the circle ends, and the sender hears of it once."""
from harness import Gateway, Sink, case, equal, expect, free_port, main, simple, until


@case
def f87_mail_that_runs_in_a_circle_ends_with_one_bounce(room):
    sender = Sink(room)
    ports = free_port(), free_port()
    gateways = []
    for number, name in enumerate(("east", "west")):
        routes = room.write(f"{name}.routes", f"home.example smtp:[127.0.0.1]:{ports[1 - number]}\naway.example {sender.hop}\n")
        gateways.append(Gateway(room, name, myhostname=f"{name}.home.example", transport_maps=[f"texthash:{routes}"],
                                listener=[{"address": "127.0.0.1", "port": ports[number]}], start=False))
        gateways[-1].port = ports[number]
    for gateway in gateways:
        gateway.start()

    equal(gateways[0].deliver(simple(subject="round and round"), sender="origin@away.example").code, 250, "reply")

    # Either queue may be empty while the mail is in the other: the end is what has come of it.
    until(sender.taken, 30, "the bounce")
    for gateway in gateways:
        gateway.wait_empty()
    equal([(m.sender, m.recipients) for m in sender.taken()], [("", ("origin@away.example",))], "bounces")
    content = sender.taken()[0].content
    expect(b"5.4.6" in content and b"Subject: round and round" in content, f"the bounce: {content[:2000]}")
    passes = sum(gateway.log_text().count(" delivered ") for gateway in gateways)
    expect(10 <= passes <= 110, f"{passes} deliveries until it ended")
    room.note(f"ended after {passes} deliveries")


@case
def f87_a_bounce_that_runs_in_a_circle_is_dropped(room):
    ports = free_port(), free_port()
    gateways = []
    for number, name in enumerate(("east", "west")):
        gateways.append(Gateway(room, name, myhostname=f"{name}.home.example", relayhost=f"smtp:[127.0.0.1]:{ports[1 - number]}",
                                listener=[{"address": "127.0.0.1", "port": ports[number]}], start=False))
        gateways[-1].port = ports[number]
    for gateway in gateways:
        gateway.start()

    equal(gateways[0].deliver(simple(), sender="").code, 250, "reply")

    until(lambda: any(" bounced " in gateway.log_text() for gateway in gateways), 30, "it is given up")
    for gateway in gateways:
        gateway.stop()
    lines = [line for gateway in gateways for line in gateway.log_text().splitlines() if " bounced " in line]
    equal(len(lines), 1, f"messages that were given up: {lines[:3]}")
    expect("told=no" in lines[0], f"nobody is told of a lost bounce: {lines[0]}")


if __name__ == "__main__":
    main()
