"""The archive gets the original, in the same record of the queue as the message: with it or not at all."""
from harness import Gateway, Sink, case, equal, expect, main, simple, until
from harness.gateway import TOP

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def gateway_with_archive(room, archive, store, **settings):
    return Gateway(room, pipeline=["score", "archive"],
                   transport_maps=[f"inline:{{home.example={store.hop}, archive.example={archive.hop}}}"],
                   filter={"archive": settings,
                           "score": {"rules": [TOP / "rules" / "sets"], "rewrite_header_subject": "[SPAM]"}})


@case
def the_archive_gets_the_original_and_the_recipient_the_marked_copy(room):
    archive, store = Sink(room), Sink(room)
    gateway = gateway_with_archive(room, archive, store, always_bcc="journal@archive.example")
    content = simple(subject="offer", body=GTUBE + "\r\n")

    equal(gateway.deliver(content).code, 250, "reply")

    until(lambda: archive.count() == 1 and store.count() == 1, what="both copies")
    copy, delivered = archive.taken()[0], store.taken()[0]
    equal(copy.recipients, ("journal@archive.example",), "recipient of the copy")
    expect(copy.content.endswith(content), "the archive's octets are not the original's")
    head = copy.content[:-len(content)]
    expect(head.startswith(b"Received: ") and b"X-Spam" not in head, f"above the archived original: {head!r}")
    expect(b"Subject: [SPAM] offer\r\n" in delivered.content and b"\r\nX-Spam-Flag: YES" in b"\r\n" + delivered.content,
           f"the recipient's copy is not marked: {delivered.content[:600]!r}")


@case
def maps_choose_what_is_archived_by_sender_and_by_recipient(room):
    archive, store = Sink(room), Sink(room)
    gateway = gateway_with_archive(
        room, archive, store, sender_bcc_maps=["inline:{boss@away.example=board@archive.example}"],
        recipient_bcc_maps=["inline:{alice@home.example=alice@archive.example}"])

    for sender, recipient in (("boss@away.example", "bob@home.example"), ("x@away.example", "alice@home.example"),
                              ("x@away.example", "bob@home.example")):
        equal(gateway.deliver(simple(), recipient, sender=sender).code, 250, "reply")

    gateway.wait_empty()
    equal(store.count(), 3, "messages in the store")
    equal(sorted(m.recipients[0] for m in archive.taken()), ["alice@archive.example", "board@archive.example"], "copies")


@case
def the_copy_waits_in_the_same_record_and_survives_a_kill(room):
    closed = ["while this has an entry"]
    archive = Sink(room, answer=lambda verb, what: "451 4.3.0 later" if verb == "MAIL" and closed else None)
    store = Sink(room)
    gateway = gateway_with_archive(room, archive, store, always_bcc="journal@archive.example")
    for number in range(20):
        equal(gateway.deliver(simple(subject=str(number))).code, 250, "reply")
    until(lambda: store.count() == 20, what="the store has its copies")

    rows = gateway.queue("list")
    equal(len(rows), 20, "messages that wait for the archive alone")
    equal({row[7] for row in rows}, {"journal@archive.example"}, "open recipients")
    # Its 250 means that the log has all that was completed before (Progress in queue/spool.h).
    equal(gateway.deliver(simple(subject="the last one")).code, 250, "reply")
    gateway.kill()
    closed.clear()
    gateway.start()

    gateway.wait_empty()
    equal(archive.count(), 21, "copies in the archive")
    old = [m for m in store.taken() if b"Subject: the last one" not in m.content]
    equal(len(old), 20, "no recipient got it twice")


@case
def a_copy_that_cannot_be_delivered_tells_no_sender_of_the_archive(room):
    archive = Sink(room, answer=lambda verb, what: "550 5.1.1 no archive here" if verb == "RCPT" else None)
    store = Sink(room)
    gateway = gateway_with_archive(room, archive, store, always_bcc="journal@archive.example")

    equal(gateway.deliver(simple(), sender="alice@home.example").code, 250, "reply")

    gateway.wait_empty()
    equal([m.sender for m in store.taken()], ["alice@home.example"], "messages in the store: no bounce among them")


if __name__ == "__main__":
    main()
