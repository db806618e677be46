"""Mail comes in by SMTP and lands in a Maildir: the whole way, with nothing in between."""
import os
import subprocess

from harness import (Gateway, Sink, SmtpClient, case, canonical, equal, expect, free_port, main, maildir, program, simple,
                     split_block, until)
from harness.messages import field
from harness.room import wait_for_port

STRANGE = canonical(b"Subject: =?utf-8?q?caf=C3=A9?=\nFrom: a@away.example\n\n"
                    b".\n..two dots\n.leading dot\n" + b"x" * 990 + b"\ncaf\xc3\xa9 \x01\xff\n\n\nno end of line")


def gateway_with_maildirs(room, **keys):
    store = room.folder("store")
    return Gateway(room, transport_maps=[f"inline:{{home.example=maildir:{store}/%n}}"], **keys), store


@case
def a_message_lands_in_the_maildir_octet_for_octet_under_our_fields(room):
    gateway, store = gateway_with_maildirs(room)

    for content in (simple(), STRANGE):
        equal(gateway.deliver(content).code, 250, "reply to the data")

    delivered = until(lambda: len(maildir(store / "alice")) == 2 and maildir(store / "alice"), what="two messages")
    for content in (simple(), STRANGE):
        blocks = [b for b in (split_block(d, content) for d in delivered) if b]
        equal(len(blocks), 1, "deliveries of one message")
        fields = blocks[0]
        equal([name for name, _ in fields], ["Return-Path", "Received"], "our fields, from the top")
        equal(field(fields, "Return-Path"), ["<sender@away.example>"], "Return-Path")
        received = field(fields, "Received")[0]
        for word in ("client.example", "[127.0.0.1]", "by mx.home.example", "ESMTP", "<alice@home.example>"):
            expect(word in received, f"Received lacks {word}: {received}")


@case
def the_id_of_the_reply_is_in_the_received_field_and_in_the_log(room):
    gateway, store = gateway_with_maildirs(room)

    answer = gateway.deliver(simple())

    identity = answer.text.rsplit(" ", 1)[1]
    until(lambda: maildir(store / "alice"), what="delivery")
    expect(f"id {identity}".encode() in maildir(store / "alice")[0], "the queue id is not in the Received field")
    line = gateway.wait_log(f"queue={identity}", "accepted")
    for word in ("client=127.0.0.1", "from=<sender@away.example>", "to=<alice@home.example>"):
        expect(word in line, f"log line lacks {word}: {line}")
    gateway.wait_log(f"queue={identity}", "delivered")


@case
def each_recipient_gets_its_copy_and_an_alias_its_targets(room):
    aliases = room.write("aliases", "team@home.example alice@home.example, team2@home.example\n"
                         "team2@home.example bob@home.example, team@home.example\n")
    gateway, store = gateway_with_maildirs(room, virtual_alias_maps=[f"texthash:{aliases}"])

    equal(gateway.deliver(simple(), ["team@home.example", "carol@home.example"]).code, 250, "reply")

    for user in ("alice", "bob", "carol"):
        until(lambda: len(maildir(store / user)) == 1, what=f"the copy for {user}")
    gateway.wait_empty()
    equal(sorted(p.name for p in store.iterdir()), ["alice", "bob", "carol"], "mailboxes")


@case
def a_null_sender_and_postmaster_are_always_welcome(room):
    gateway, store = gateway_with_maildirs(room, relay_recipient_maps=["inline:{alice@home.example=ok}"])

    with gateway.stranger() as client:
        equal(client.send("", "alice@home.example", simple()).code, 250, "null sender")
        equal(client.send("a@away.example", "Postmaster@home.example", simple()).code, 250, "postmaster")

    until(lambda: maildir(store / "postmaster") and maildir(store / "alice"), what="both")
    expect(maildir(store / "alice")[0].startswith(b"Return-Path: <>\r\n"), "Return-Path of the null sender")


@case
def swaks_and_smtp_source_find_an_ordinary_mail_server(room):
    sink_port = free_port()
    drop = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = room.start([program("smtp-sink", "postfix"), *drop, "-c", f"127.0.0.1:{sink_port}", "256"])
    wait_for_port(sink_port, sink)
    gateway = Gateway(room, relayhost=f"smtp:[127.0.0.1]:{sink_port}", relay_domains=["home.example"])

    done = subprocess.run([program("swaks", "swaks"), "--server", f"127.0.0.1:{gateway.port}", "--from", "s@away.example",
                           "--to", "alice@home.example", "--ehlo", "client.example"], capture_output=True, timeout=60)
    equal(done.returncode, 0, f"status of swaks: {done.stdout[-400:]}")
    done = subprocess.run([program("smtp-source", "postfix"), "-s", "10", "-m", "300", "-l", "3000", "-f", "s@away.example",
                           "-t", "alice@home.example", f"127.0.0.1:{gateway.port}"], capture_output=True, timeout=120)
    equal(done.returncode, 0, f"status of smtp-source: {done.stderr[-400:]}")

    gateway.wait_empty()
    expect("301" in sink.log.read_text(), f"smtp-sink counted: {sink.log.read_text()[-80:]!r}")


@case
def a_stopped_gateway_ends_in_order_and_finds_its_queue_again(room):
    port = free_port()  # nobody listens there yet
    gateway = Gateway(room, relayhost=f"smtp:[127.0.0.1]:{port}")
    for number in range(20):
        equal(gateway.deliver(simple(subject=str(number))).code, 250, "reply")
    gateway.stop()

    sink = Sink(room, port=port)
    gateway.start()

    gateway.wait_empty()
    equal(sorted(int(m.content.split(b"Subject: ")[1].split(b"\r\n")[0]) for m in sink.taken()), list(range(20)), "subjects")


@case
def a_client_that_is_slow_to_end_hears_that_we_go(room):
    gateway = Gateway(room)
    client = SmtpClient(gateway.port)
    client.ehlo()

    gateway.stop()

    answer = client.reply()
    expect(answer.code in (0, 421), f"at shutdown: {answer}")


if __name__ == "__main__":
    main()
