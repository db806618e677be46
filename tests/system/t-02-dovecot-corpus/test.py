"""Real mail, as its real senders sent it, through the gateway into a real Dovecot."""
import re
import threading
from collections import Counter

from harness import Gateway, canonical, case, corpus, equal, expect, main, maildir, simple, split_block, until
from harness.dovecot import Dovecot
from harness.gateway import TOP
from harness.messages import field, without_fields

CLIENTS = 4
USERS = 12


def send_all(gateway, messages, results, lock):
    """Several connections, each message as from the client that once brought it."""
    work = iter(messages)

    def next_one():
        with lock:
            return next(work, None)

    def sender():
        while item := next_one():
            number, (name, octets, ip, helo, envelope) = item
            with gateway.client() as client:
                answer = client.xclient(address=ip or "192.0.2.1", helo=helo or "unknown.example")
                if answer.code == 220:
                    client.ehlo(helo or "unknown.example")
                    answer = client.send(envelope, f"user{number % USERS}@home.example", canonical(octets))
                with lock:
                    results[name] = answer

    threads = [threading.Thread(target=sender, daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)


@case
def every_message_of_the_corpus_reaches_dovecot_once_and_unchanged(room):
    messages = corpus(room)
    store = Dovecot(room)
    gateway = Gateway(
        room, transport_maps=[f"inline:{{home.example={store.tcp}}}"], mynetworks=["127.0.0.1/32"],
        pipeline=["access", "rate", "score"],
        # The store must get what was sent: scored, but neither marked nor stripped of old marks.
        filter={"score": {"rules": [TOP / "rules" / "sets"], "add_headers": False, "deadline": "60s"}})

    results, lock = {}, threading.Lock()
    send_all(gateway, list(enumerate(messages)), results, lock)
    refused = {name: answer.text for name, answer in results.items() if answer.code != 250}
    expect(not refused, f"{len(refused)} refused, such as {list(refused.items())[:5]}")
    equal(len(results), len(messages), "messages answered")

    users = [f"user{n}@home.example" for n in range(USERS)]
    until(lambda: sum(len(store.messages(user)) for user in users) >= len(messages), 120, "all in Dovecot", every=0.5)
    gateway.wait_empty()

    names = {answer.text.rsplit(" ", 1)[1]: name for name, answer in results.items()}
    originals = {name: (number, canonical(octets), sender)
                 for number, (name, octets, _, _, sender) in enumerate(messages)}
    seen, wrong = Counter(), []
    for number, user in enumerate(users):
        for delivered in store.messages(user):
            identity = next((i for i in (word.rstrip(b";").decode("ascii", "replace")
                                         for word in delivered[:3000].split()) if i in names), None)
            if identity is None:
                wrong.append((user, "not one of ours", delivered[:200]))
                continue
            name = names[identity]
            seen[name] += 1
            index, original, sender = originals[name]
            # Dovecot takes foreign Return-Path fields out when it writes its own.
            fields = split_block(delivered, original) or split_block(delivered, without_fields(original, {"return-path"}))
            if fields is None or index % USERS != number:
                wrong.append((name, user, delivered[:300]))
            elif len(field(fields, "Return-Path")) != 1:
                wrong.append((name, field(fields, "Return-Path"), sender))
            # What is no address by the grammar, Dovecot writes in its own way.
            elif re.fullmatch(r"[^@\s]+@[\w.-]+", sender) and field(fields, "Return-Path")[0].lower() != f"<{sender}>".lower():
                wrong.append((name, field(fields, "Return-Path"), sender))
    expect(not wrong, f"{len(wrong)} differ, such as {wrong[:2]}")
    equal(sum(seen.values()), len(messages), "messages in Dovecot")
    equal(set(seen.values()), {1}, "deliveries of each")
    room.note(f"{len(messages)} messages")


@case
def every_message_of_the_corpus_lies_in_the_maildir_octet_for_octet(room):
    messages = corpus(room)
    store = room.folder("store")
    gateway = Gateway(room, transport_maps=[f"inline:{{home.example=maildir:{store}/%n}}"], mynetworks=["127.0.0.1/32"], pipeline=[])

    results, lock = {}, threading.Lock()
    send_all(gateway, list(enumerate(messages)), results, lock)

    gateway.wait_empty()
    names = {answer.text.rsplit(" ", 1)[1]: name for name, answer in results.items()}
    originals = {name: canonical(octets) for name, octets, *_ in messages}
    seen = Counter()
    for number in range(USERS):
        for delivered in maildir(store / f"user{number}"):
            identity = next(word for word in (w.rstrip(b";").decode("ascii", "replace") for w in delivered.split()) if word in names)
            expect(split_block(delivered, originals[names[identity]]) is not None, f"{names[identity]}: {delivered[:300]}")
            seen[names[identity]] += 1
    equal(len(seen), len(messages), "messages in the Maildir")
    equal(set(seen.values()), {1}, "deliveries of each")


@case
def dovecot_reads_back_what_came_over_tcp_and_over_the_socket(room):
    store = Dovecot(room)
    gateway = Gateway(room, transport_maps=[f"inline:{{tcp@home.example={store.tcp}, home.example={store.unix}}}"])
    content = simple(body="caf\u00e9\r\n.dot\r\n")

    equal(gateway.deliver(content, ["tcp@home.example", "socket@home.example"]).code, 250, "reply")

    gateway.wait_empty()
    for user in ("tcp@home.example", "socket@home.example"):
        expect(content in store.fetch(user), f"{user}: doveadm reads other octets: {store.fetch(user)[:500]}")
        equal(len(store.messages(user)), 1, f"messages of {user}")


if __name__ == "__main__":
    main()
