"""What recipients want otherwise than the site, and spam as a part of a report."""
import email

from harness import Gateway, Sink, case, equal, expect, main, simple, until

RULES = "body MAGIC /abracadabra/\nscore MAGIC 6\nheader FRIEND eval:check_from_in_welcomelist()\nscore FRIEND -50\nallow_user_rules 1\n"
PREFERENCES = {
    "lax@home.example": "required_score 100\n",
    "strict@home.example": "score MAGIC 30\nrewrite_header Subject [mine]\n",
    "friend@home.example": "welcomelist_from *@away.example\n",
    "report@home.example": "report_safe 1\n",
    "author@home.example": "body MINE /abra/\nscore MINE 0.5\nmeta ALSO MINE && MAGIC\nscore ALSO 0.5\n",
}
CONTENT = simple(body="abracadabra\r\n")
EVERYBODY = [*PREFERENCES, "any@home.example"]


def gateway_with(room, hop, **score):
    rules = room.write("site.cf", RULES)
    folder = room.folder("preferences")
    for name, text in PREFERENCES.items():
        (folder / name).write_text(text)
    return Gateway(room, pipeline=["score"], relayhost=hop,
                   filter={"score": {"rules": [rules], "preferences": folder, **score}})


def status_of(message):
    return (message["X-Spam-Status"] or "none").split(" tests=")[0]


def by_recipient(sink):
    out = {}
    for one in sink.taken():
        for recipient in one.recipients:
            expect(recipient not in out, f"{recipient} got it twice")
            out[recipient] = one.content
    return out


@case
def one_message_has_for_each_recipient_the_marks_of_its_preferences(room):
    sink = Sink(room)
    gateway = gateway_with(room, sink.hop)
    equal(gateway.deliver(CONTENT, EVERYBODY).code, 250, "the message")
    gateway.wait_empty()

    got = by_recipient(sink)
    equal(sorted(got), sorted(EVERYBODY), "recipients")
    parsed = {name: email.message_from_bytes(content) for name, content in got.items()}
    equal({name: status_of(message) for name, message in parsed.items()},
          {"lax@home.example": "No, score=6.0 required=100.0", "strict@home.example": "Yes, score=30.0 required=5.0",
           "friend@home.example": "No, score=-44.0 required=5.0", "report@home.example": "Yes, score=6.0 required=5.0",
           "author@home.example": "Yes, score=7.0 required=5.0", "any@home.example": "Yes, score=6.0 required=5.0"},
          "status")
    expect("ALSO,MAGIC,MINE" in parsed["author@home.example"]["X-Spam-Status"].replace("\n\t", ""), "the author's own rules")
    expect("MINE" not in parsed["any@home.example"]["X-Spam-Status"], "nobody else has them")
    expect(parsed["strict@home.example"]["Subject"].startswith("[mine] "), "its own subject tag")
    expect(not parsed["any@home.example"]["Subject"].startswith("[mine]"), "nobody else's")
    parts = parsed["report@home.example"].get_payload()
    equal([part.get_content_type() for part in parts], ["text/plain", "message/rfc822"], "parts of the report")
    expect(CONTENT.rstrip(b"\r\n") in got["report@home.example"], "the original is in it, octet for octet")


@case
def a_report_is_what_the_queue_shows_and_what_a_restart_delivers(room):
    sink = Sink(room, answer=lambda verb, _: "451 later" if verb == "RCPT" and not sink.ready else None)
    sink.ready = False
    gateway = gateway_with(room, sink.hop)
    equal(gateway.deliver(CONTENT, "report@home.example").code, 250, "the message")
    until(lambda: sink.connections > 0, 20, "an attempt")
    name = gateway.queue("list")[0][0]
    gateway.kill()
    gateway.start()
    shown = gateway.run("queue", "cat", name, "--control", gateway.control)[1]

    sink.ready = True
    gateway.wait_empty()

    equal(sink.count(), 1, "deliveries")
    content = sink.taken()[0].content
    expect(b"Content-Type: message/rfc822" in content and b"\r\nX-Spam-Flag: YES\r\n" in content, "the report")
    expect(shown.replace("\r\n", "\n") in content.decode().replace("\r\n", "\n"), f"queue cat: {shown!r} and {content!r}")


@case
def where_one_would_refuse_it_and_another_not_it_is_kept_for_the_one(room):
    sink = Sink(room)
    gateway = gateway_with(room, sink.hop, reject_score=20.0)
    equal(gateway.deliver(CONTENT, "strict@home.example").code, 550, "for the strict one alone")
    equal(gateway.deliver(CONTENT, ["lax@home.example", "strict@home.example"]).code, 250, "for both")
    until(lambda: sink.count() == 1, 20, "the lax one's")

    equal(list(sink.taken()[0].recipients), ["lax@home.example"], "delivered to")
    held = [" ".join(row) for row in gateway.queue("list")]
    expect(len(held) == 1 and "strict@home.example" in held[0] and "score 30" in held[0], f"held: {held}")


@case
def broken_preferences_leave_the_old_configuration_in_force(room):
    sink = Sink(room)
    gateway = gateway_with(room, sink.hop)
    file = room / "preferences" / "lax@home.example"
    file.write_text("required_score 100\nloadplugin Evil /tmp/evil.pm\n")
    gateway.reload()

    line = gateway.wait_log("reload-refused")
    expect("lax@home.example:2:1" in gateway.log_text(), f"the place: {line}")
    equal(gateway.deliver(CONTENT, "lax@home.example").code, 250, "the message")
    gateway.wait_empty()
    message = email.message_from_bytes(sink.taken()[0].content)
    equal(status_of(message), "No, score=6.0 required=100.0", "status")


if __name__ == "__main__":
    main()
