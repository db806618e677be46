#!/usr/bin/env python3
"""quickstart_messages.py PORT HOME PID: sends five messages and prints what became of each, and why.

What it prints it has seen: replies from the dialogue, reasons from the log, deliveries in the Maildir.
"""
import os
import pathlib
import shlex
import smtplib
import sys
import time

PORT, HOME, PID = int(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
# The test virus and the test spam in halves, so that no scanner takes this file for what it tests.
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

# name, sender, recipient, text, how its fate must begin
MESSAGES = [
    ("a clean message", "carol@away.example", "alice@home.example", "Shall we meet at noon?", "delivered"),
    ("a spam", "offers@away.example", "alice@home.example", GTUBE, "delivered, marked"),
    ("a virus", "invoice@away.example", "alice@home.example", EICAR, "refused 550 5.7"),
    ("for an unknown user", "carol@away.example", "zoe@home.example", "Is anybody there?", "refused 550 5.1.1"),
    ("from a denied sender", "mallory@away.example", "bob@home.example", "It is me again.", "refused 554 5.7.1"),
]


def wait_for(what, condition, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        if not os.path.exists(f"/proc/{PID}"):
            sys.exit("quickstart: the gateway has ended")
        time.sleep(0.05)
    sys.exit(f"quickstart: {what}: not within {seconds:g} s")


def greets():
    try:
        with smtplib.SMTP("127.0.0.1", PORT, timeout=10):
            return True
    except (OSError, smtplib.SMTPException):
        return False


def log_fields(*words):
    """The key=value pairs of the last log line that has all the words."""
    for line in reversed((HOME / "log").read_text(errors="replace").splitlines()):
        if all(word in line for word in words):
            return dict(pair.partition("=")[::2] for pair in shlex.split(line) if "=" in pair)
    return {}


def send(name, sender, recipient, text):
    """The decisive reply: (code, text)."""
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
    content = (f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: {name}\r\nDate: {date}\r\n"
               f"Message-ID: <{time.time_ns()}@away.example>\r\n\r\n{text}\r\n")
    with smtplib.SMTP("127.0.0.1", PORT, local_hostname="mail.away.example", timeout=60) as client:
        client.ehlo()
        for step in (lambda: client.mail(sender), lambda: client.rcpt(recipient), lambda: client.data(content)):
            try:
                code, said = step()
            except smtplib.SMTPResponseException as error:
                code, said = error.smtp_code, error.smtp_error
            if code >= 400:
                break
        return code, said.decode("utf-8", "replace").replace("\n", " ")


def delivered(identity, user):
    """The delivered copy of that queue id, when it is there."""
    folder = HOME / "mail" / user / "new"
    for path in folder.iterdir() if folder.is_dir() else ():
        octets = path.read_bytes()
        if f"id {identity}".encode() in octets:
            return octets.decode("utf-8", "replace").replace("\r\n", "\n").replace("\n\t", " ").replace("\n ", " ")
    return None


def fate_and_reason(name, sender, recipient, text):
    code, said = send(name, sender, recipient, text)
    if code >= 400:
        refusal = wait_for("the log line of a refusal", lambda: log_fields(" refused ", sender, recipient))
        return f"refused {code} {said.split()[0]}", refusal.get("reason", "?")
    identity, user = said.split()[-1], recipient.partition("@")[0]
    copy = wait_for("a delivery", lambda: delivered(identity, user))
    score = next((line.partition(": ")[2] for line in copy.split("\n") if line.startswith("X-Spam-Status:")), "")
    marked = "\nX-Spam-Flag: YES" in copy
    return "delivered, marked" if marked else "delivered", f"mailbox {user}; {score}"


def main():
    wait_for(f"a greeting on port {PORT}", greets, 180)
    rows, wrong = [], 0
    for name, sender, recipient, text, wanted in MESSAGES:
        fate, reason = fate_and_reason(name, sender, recipient, text)
        right = fate == wanted or (wanted.startswith("refused") and fate.startswith(wanted))
        wrong += not right
        rows.append((name, fate + ("" if right else f" (expected: {wanted})"), reason))
    widths = [max(len(row[i]) for row in [("message", "fate", "reason")] + rows) for i in range(2)]
    print()
    print(f"{'message':{widths[0]}}  {'fate':{widths[1]}}  reason")
    print(f"{'-' * widths[0]}  {'-' * widths[1]}  {'-' * 30}")
    for name, fate, reason in rows:
        print(f"{name:{widths[0]}}  {fate:{widths[1]}}  {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
