"""SIGHUP: a new configuration comes into force, and nobody notices but the clients it is about."""
from harness import Gateway, Sink, case, equal, expect, main, simple, until
from harness.load import Comparison, Load, digest


@case
def reloads_under_load_drop_no_session_and_no_message(room):
    sink = Sink(room, digest=digest)
    gateway = Gateway(room, relayhost=sink.hop, relay_recipient_maps=["inline:{alice@home.example=1, bob@home.example=1, "
                                                                      "carol@home.example=1}"])
    load = Load(gateway.port, clients=6, large=False).start()
    patient = gateway.client()
    equal(patient.say("MAIL FROM:<patient@away.example>").code, 250, "MAIL")
    for number in range(10):
        before = len(load)
        gateway.write_config(smtpd_banner=f"mx.home.example number {number}")
        gateway.reload()
        until(lambda: banner(gateway) == f"mx.home.example number {number}", 20, f"banner {number}")
        until(lambda: len(load) > before, what="mail is accepted")
    load.stop()

    equal(rest(patient), 250, "a transaction that began before")
    gateway.wait_empty()
    result = Comparison(load.acknowledged, sink.taken())
    equal((load.cut, dict(load.refused)), (0, {}), "sessions cut, messages refused")
    expect(not result.lost and not result.torn and not result.duplicates,
           f"lost {len(result.lost)}, torn {len(result.torn)}, twice {len(result.duplicates)}")
    room.note(f"10 reloads, {len(load)} messages")


def rest(client):
    equal(client.say("RCPT TO:<alice@home.example>").code, 250, "RCPT")
    return client.data(b"X-Test-Id: patient\r\n\r\n").code


def banner(gateway):
    with gateway.client(ehlo=False) as client:
        return client.greeting.lines[0]


@case
def a_changed_map_is_in_force_after_the_reload(room):
    recipients = room.write("recipients", "alice@home.example ok\n")
    gateway = Gateway(room, relay_recipient_maps=[f"texthash:{recipients}"], transport_maps=["inline:{home.example=discard:}"])
    equal(gateway.deliver(simple(), "dora@home.example").code, 550, "before")

    recipients.write_text("alice@home.example ok\ndora@home.example ok\n")
    gateway.reload()

    until(lambda: gateway.deliver(simple(), "dora@home.example").code == 250, 20, "dora is known")


@case
def a_bad_configuration_is_refused_and_the_old_one_stays_in_force(room):
    gateway = Gateway(room, transport_maps=["inline:{home.example=discard:}"], smtpd_banner="mx.home.example old")
    good = gateway.config.read_text()

    gateway.config.write_text(good.replace("mx.home.example old", "mx.home.example new") + "\n[[listener]]\nport = 99999\n")
    gateway.reload()

    line = gateway.wait_log("reload-refused")
    expect(f"{gateway.config}:" in line, f"the log does not name the place: {line}")
    equal(banner(gateway), "mx.home.example old", "banner")
    equal(gateway.deliver(simple()).code, 250, "mail")

    gateway.config.write_text(good.replace("mx.home.example old", "mx.home.example mended"))
    gateway.reload()
    until(lambda: banner(gateway) == "mx.home.example mended", 20, "the mended configuration")


@case
def rules_are_read_anew_by_the_workers(room):
    rules = room.folder("rules")
    (rules / "x.cf").write_text("body MAGIC /abracadabra/\nscore MAGIC 1\n")
    gateway = Gateway(room, pipeline=["score"], transport_maps=["inline:{home.example=discard:}"],
                      filter={"score": {"rules": [rules], "reject_score": 5.0}})
    content = simple(body="abracadabra\r\n")
    equal(gateway.deliver(content).code, 250, "score 1")

    (rules / "x.cf").write_text("body MAGIC /abracadabra/\nscore MAGIC 9\n")
    gateway.reload()

    until(lambda: gateway.deliver(content).code == 550, 30, "score 9 refuses", every=0.2)
    (rules / "x.cf").write_text("body MAGIC /abra(cadabra/\nscore MAGIC 1\n")
    gateway.reload()
    line = gateway.wait_log("reload-refused")
    expect("x.cf" in line and ":1" in line, f"the log does not name the bad rule: {line}")
    equal(gateway.deliver(content).code, 550, "the old rules stay")


if __name__ == "__main__":
    main()
