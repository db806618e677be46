"""The same gate in front of a Cyrus: its lmtpd takes the mail, and its spool has the octets."""
from harness import Gateway, case, equal, expect, main, simple, split_block
from harness.cyrus import Cyrus


@case
def cyrus_keeps_each_message_once_over_tcp_and_over_the_socket(room):
    store = Cyrus(room)
    gateway = Gateway(room, transport_maps=[f"inline:{{tcp@home.example={store.tcp}, home.example={store.unix}}}"])
    contents = [simple(subject=f"number {n}", body=f"line {n}\r\n.dot\r\n" + "long " * n + "\r\n") for n in range(30)]

    with gateway.client() as client:
        for number, content in enumerate(contents):
            who = "tcp" if number % 2 else "socket"
            equal(client.send("sender@away.example", f"{who}@home.example", content).code, 250, "reply")

    gateway.wait_empty()
    stored = store.messages()
    equal(len(stored), len(contents), "messages in the spool")
    for content in contents:
        found = [path for path, octets in stored.items() if split_block(octets, content) is not None]
        equal(len(found), 1, "copies of one message, octet for octet")


@case
def what_lmtpd_refuses_for_one_recipient_bounces_for_that_one_alone(room):
    store = Cyrus(room, users="alice carol")
    gateway = Gateway(room, transport_maps=[f"inline:{{home.example={store.tcp}}}"])

    equal(gateway.deliver(simple(), ["alice@home.example", "mallory@home.example"],
                          sender="carol@home.example").code, 250, "reply")

    gateway.wait_empty()
    stored = list(store.messages().values())
    bounces = [octets for octets in stored if b"multipart/report" in octets]
    equal(len(stored) - len(bounces), 1, "copies of the message")
    equal(len(bounces), 1, "bounces to the sender")
    expect(b"Action: failed" in bounces[0] and b"mallory@home.example" in bounces[0],
           f"the bounce names the failed recipient: {bounces[0][:800]}")


if __name__ == "__main__":
    main()
