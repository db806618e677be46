"""Mail that would come back to us: found at check, at the route, by the server's name, and by its trace (F87)."""
import re

from harness import Gateway, Sink, case, equal, expect, main, simple, until


def routed(room, home, **keys):
    """A gateway with away.example at the sink and loop.example at its own listener."""
    gateway = Gateway(room, start=False, **keys)
    routes = f"away.example {home.hop}\nloop.example smtp:[127.0.0.1]:{gateway.port}\n"
    gateway.write_config(transport_maps=[f"texthash:{room.write('routes', routes)}"])
    return gateway.start()


@case
def f87_a_relayhost_that_is_our_own_listener_is_refused_with_its_line(room):
    for listener in ("127.0.0.1", "0.0.0.0", ""):
        gateway = Gateway(room, name=f"g{len(listener)}", start=False)
        for key, value in (("relayhost", f"[127.0.0.1]:{gateway.port}"), ("relay_transport", f"smtp:[127.0.0.1]:{gateway.port}")):
            gateway.write_config(listener=[{"address": listener, "port": gateway.port}], relayhost="", relay_transport="")
            equal(gateway.run("check", "--config", gateway.config)[0], 0, "status without it")
            gateway.write_config(**{key: value})
            line = gateway.config.read_text().splitlines().index(f'{key} = "{value}"') + 1
            status, _, error = gateway.run("check", "--config", gateway.config)
            expect(status == 78 and f"{gateway.config}:{line}:" in error and "own listener" in error, f"{status} {error!r}")


@case
def f87_a_route_to_our_own_listener_bounces_once_and_is_not_used(room):
    home = Sink(room)
    gateway = routed(room, home)

    equal(gateway.deliver(simple(), "bob@loop.example", sender="alice@away.example").code, 250, "reply")

    until(lambda: home.count() == 1, what="the bounce")
    gateway.wait_empty()
    bounce = home.taken()[0]
    equal((bounce.sender, bounce.recipients), ("", ("alice@away.example",)), "envelope of the bounce")
    expect(b"Status: 5.4.6" in bounce.content, bounce.content[:1500])
    gateway.wait_log(" delivered ", "to=<alice@away.example>")
    equal(gateway.log_text().count(" accepted "), 1, "messages that came in")


@case
def f87_a_message_that_has_been_everywhere_is_refused_whatever_else_its_header_has(room):
    home = Sink(room)
    gateway = routed(room, home)
    hop = "Received: from a.example by b.example; Mon, 2 Nov 2026 10:00:00 +0000\r\n"
    other = "Delivered-To: bob@away.example\r\nX-Received: by c.example\r\n" * 60

    good = gateway.deliver((hop * 49 + other).encode() + simple(), "bob@away.example")
    bad = gateway.deliver((hop.upper() * 50).encode() + simple(), "bob@away.example")

    equal(good.code, 250, "49 hops")
    expect(bad.text.startswith("554 5.4.6"), bad.text)


@case
def f87_two_gateways_of_one_name_do_not_talk_and_the_mail_waits(room):
    first = Gateway(room, "first")
    second = Gateway(room, "second", relayhost=f"[127.0.0.1]:{first.port}")

    equal(second.deliver(simple(), "bob@away.example").code, 250, "reply")

    line = second.wait_log(" deferred ", "4.4.6")
    expect("our name mx.home.example" in line, line)
    expect(not re.search(r" accepted ", first.log_text()), "the first one took it")
    second.write_config(myhostname="second.home.example")
    second.stop()
    second.start()
    first.wait_log(" accepted ", "to=<bob@away.example>")


if __name__ == "__main__":
    main()
