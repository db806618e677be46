"""Where mail goes: MX records in order, null MX, the address without MX, routes of the administrator."""
from harness import Gateway, Sink, case, equal, expect, free_port, main, simple, until
from harness.names import Unbound


def gateway_with_names(room, records, port, **keys):
    """away.example and its kin by MX, to `port` instead of 25; everything for home.example to a sink."""
    names = Unbound(room, records, zones=("example",))
    routes = {"home.example": f"smtp:[127.0.0.1]:{port}", "away.example": f"smtp:away.example:{port}",
              "null.example": f"smtp:null.example:{port}", "plain.example": f"smtp:plain.example:{port}",
              "nowhere.example": f"smtp:nowhere.example:{port}"}
    text = "\n".join(f"{domain} {route}" for domain, route in routes.items()) + "\n"
    return Gateway(room, dns_servers=[names.server], transport_maps=[f"texthash:{room.write('routes', text)}"], **keys)


AWAY = ["away.example. IN MX 20 mx2.example.", "away.example. IN MX 10 mx1.example.",
        "mx1.example. IN A 127.0.0.11", "mx2.example. IN A 127.0.0.12"]


@case
def the_mx_with_the_lowest_number_gets_the_mail(room):
    port = free_port()
    first, second = Sink(room, "127.0.0.11", port), Sink(room, "127.0.0.12", port)
    gateway = gateway_with_names(room, AWAY, port)

    for _ in range(5):
        equal(gateway.deliver(simple(), "bob@away.example").code, 250, "reply")

    gateway.wait_empty()
    equal((first.count(), second.count()), (5, 0), "messages at the first and the second MX")


@case
def the_next_mx_takes_over_when_the_first_is_down_or_says_421(room):
    port = free_port()
    second = Sink(room, "127.0.0.12", port)
    gateway = gateway_with_names(room, AWAY, port)

    equal(gateway.deliver(simple(), "bob@away.example").code, 250, "reply")
    until(lambda: second.count() == 1, what="delivery to the second MX")
    first = Sink(room, "127.0.0.11", port, answer=lambda verb, what: "421 4.3.2 not now" if verb == "CONNECT" else None)
    equal(gateway.deliver(simple(), "bob@away.example").code, 250, "reply")

    until(lambda: second.count() == 2, what="delivery to the second MX")
    equal(first.count(), 0, "messages at the first MX")


@case
def a_domain_without_mx_gets_its_mail_at_its_address(room):
    port = free_port()
    sink = Sink(room, "127.0.0.13", port)
    gateway = gateway_with_names(room, ["plain.example. IN A 127.0.0.13"], port)

    equal(gateway.deliver(simple(), "bob@plain.example").code, 250, "reply")

    until(lambda: sink.count() == 1, what="delivery to the A record")


def bounce_for(room, records, recipient):
    port = free_port()
    home = Sink(room, "127.0.0.1", port)
    gateway = gateway_with_names(room, records, port)
    content = simple(subject="to be returned")

    equal(gateway.deliver(content, recipient, sender="alice@home.example").code, 250, "reply")

    until(lambda: home.count() == 1, what="the bounce")
    gateway.wait_empty()
    bounce = home.taken()[0]
    equal((bounce.sender, bounce.recipients), ("", ("alice@home.example",)), "envelope of the bounce")
    for word in (b"multipart/report", b"report-type=delivery-status", b"Action: failed", recipient.encode(),
                 b"Subject: to be returned"):
        expect(word in bounce.content, f"the bounce lacks {word}: {bounce.content[:1500]}")
    return bounce.content


@case
def a_null_mx_bounces_at_once(room):
    content = bounce_for(room, ["null.example. IN MX 0 .", "null.example. IN A 127.0.0.13"], "bob@null.example")
    expect(b"Status: 5.1.10" in content, f"RFC 7505 section 3: {content[:1500]}")


@case
def a_domain_that_does_not_exist_bounces_at_once(room):
    content = bounce_for(room, [], "bob@nowhere.example")
    expect(b"Status: 5." in content, content[:1500])


@case
def what_the_next_hop_refuses_bounces_with_its_words_and_a_null_sender_never_does(room):
    port = free_port()
    home = Sink(room, "127.0.0.1", port)
    away = Sink(room, "127.0.0.11", port, answer=lambda verb, what: "550 5.1.1 no such bird" if verb == "RCPT" else None)
    gateway = gateway_with_names(room, AWAY, port)

    with gateway.client() as client:
        equal(client.send("", "bob@away.example", simple()).code, 250, "null sender")
        equal(client.send("alice@home.example", "bob@away.example", simple()).code, 250, "sender")

    gateway.wait_empty()
    equal((home.count(), away.count()), (1, 0), "bounces, deliveries")
    expect(b"no such bird" in home.taken()[0].content, "the server's words")


@case
def a_deferred_message_is_tried_again_until_its_lifetime_ends(room):
    port = free_port()
    home = Sink(room, "127.0.0.1", port)
    Sink(room, "127.0.0.11", port, answer=lambda verb, what: "450 4.2.1 busy" if verb == "RCPT" else None)
    gateway = gateway_with_names(room, AWAY, port, maximal_queue_lifetime="4s")

    equal(gateway.deliver(simple(), "bob@away.example", sender="alice@home.example").code, 250, "reply")
    until(lambda: "deferred" in gateway.log_text(), what="the first attempt")

    until(lambda: home.count() == 1, 30, "the bounce after the lifetime")
    expect(b"450" in home.taken()[0].content and b"busy" in home.taken()[0].content, "the last reply")
    expect(gateway.log_text().count("deferred") >= 2, "attempts before it was given up")


@case
def one_dead_destination_holds_up_no_other(room):
    port = free_port()
    home = Sink(room, "127.0.0.1", port)
    gateway = gateway_with_names(room, AWAY, port)  # nobody listens on the MX hosts

    with gateway.client() as client:
        for number in range(200):
            to = "bob@away.example" if number % 2 else "alice@home.example"
            equal(client.send("s@home.example", to, simple()).code, 250, "reply")

    until(lambda: home.count() == 100, 20, "the mail for the living destination")
    until(lambda: len(gateway.queue("list")) == 100, 20, "the rest stays queued")


if __name__ == "__main__":
    main()
