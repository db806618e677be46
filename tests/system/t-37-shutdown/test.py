"""SIGTERM: what was begun is ended, everybody is told, and nothing of it is missing in the log."""
import os
import signal
import time

from harness import Gateway, case, equal, expect, main, simple

DISCARD = ["inline:{home.example=discard:}"]


def terminate(gateway):
    os.kill(gateway.process.group, signal.SIGTERM)


@case
def a_transaction_ends_and_who_waits_hears_421(room):
    gateway = Gateway(room, transport_maps=DISCARD)
    with gateway.client() as idle, gateway.client() as busy:
        equal(busy.say("MAIL FROM:<a@away.example>").code, 250, "MAIL")
        equal(busy.say("RCPT TO:<alice@home.example>").code, 250, "RCPT")
        equal(busy.say("DATA").code, 354, "DATA")

        terminate(gateway)

        equal(idle.reply().text[:9], "421 4.3.2", "who waits")
        busy.raw(simple() + b".\r\n")
        equal(busy.reply().code, 250, "the message that was on its way")
        equal(busy.reply().text[:9], "421 4.3.2", "when it has ended")
    began = time.monotonic()
    gateway.stop()
    expect(time.monotonic() - began < 5, "the gateway ends as soon as the sessions have")


@case
def the_last_messages_are_in_the_log(room):
    gateway = Gateway(room, transport_maps=DISCARD)
    with gateway.client() as client:
        answers = [client.send("a@away.example", "alice@home.example", simple()) for _ in range(50)]
    gateway.stop()

    log = gateway.log_text()
    missing = [answer.text for answer in answers if f"accepted queue={answer.text.split()[-1]} " not in log]
    equal(missing, [], "acknowledged, and not in the log")


main()
