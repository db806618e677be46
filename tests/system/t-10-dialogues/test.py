"""Transcripts: each tests/dialogues/*.smtp is said to the gateway, word for word.

    # comment
    @ 127.0.0.5              the client's address (default 127.0.0.1, which may relay)
    C: EHLO client.example   a line; the client waits where an S: follows, so C: lines in a row go as one
    C! text\\x00\\r\\n          octets with escapes and no line end added; {a*5000} is a run of 5000 "a"
    S: 250 *STARTTLS*        the reply, its lines joined by " | "; * is any text
    S: closed                the connection ends
    TLS                      the handshake
"""
import codecs
import fnmatch
import os
import re
import subprocess

from harness import Failure, Gateway, SmtpClient, case, expect, main, program
from harness.gateway import TOP


def certificate(room):
    chain, key = room / "chain.pem", room / "key.pem"
    subprocess.run([program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    "/CN=mx.home.example", "-keyout", key, "-out", chain], check=True, capture_output=True)
    os.chmod(key, 0o644)
    return {"smtpd_tls_chain_file": chain, "smtpd_tls_key_file": key}


def octets(text):
    """A C! line: runs first, then escapes."""
    text = re.sub(r"\{(.+?)\*(\d+)\}", lambda m: m[1] * int(m[2]), text)
    return codecs.escape_decode(text.encode())[0]


def matches(reply, pattern):
    pattern = pattern.replace("[", "[[]")
    return fnmatch.fnmatchcase(reply.text, pattern) or (pattern == "closed" and reply.code == 0)


def play(path, gateway):
    client, waiting = None, b""
    source = "127.0.0.1"
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("@ "):
                source = line[2:].strip()
                continue
            if not line.strip() or line.startswith("#"):
                continue
            if client is None:
                client = SmtpClient(gateway.port, source=source, timeout=20, greet=False)
            if line.startswith("C: ") or line == "C:":
                waiting += line[3:].encode() + b"\r\n"
            elif line.startswith("C! "):
                waiting += octets(line[3:])
            elif line == "TLS":
                client.handshake()
            elif line.startswith("S: "):
                if waiting:
                    try:
                        client.raw(waiting)
                    except ConnectionError:
                        pass
                    waiting = b""
                reply = client.reply()
                if not matches(reply, line[3:]):
                    raise Failure(f"{path.name}:{number}: got {reply.text!r}, wanted {line[3:]!r}")
            else:
                raise Failure(f"{path.name}:{number}: not a line of a dialogue: {line!r}")
    finally:
        if client:
            client.close()


@case
def every_dialogue_goes_as_written(room):
    dialogues = sorted((TOP / "tests" / "dialogues").glob("*.smtp"))
    expect(len(dialogues) >= 12, f"only {len(dialogues)} dialogues")
    gateway = Gateway(room, transport_maps=["inline:{home.example=discard:}"], message_size_limit=65536,
                      relay_recipient_maps=["inline:{alice@home.example=ok, bob@home.example=ok}"],
                      smtpd_hard_error_limit=12, smtpd_recipient_limit=100, **certificate(room))
    problems = []
    for path in dialogues:
        try:
            play(path, gateway)
        except (Failure, OSError) as error:
            problems.append(f"{path.name}: {error}")
    room.note(f"{len(dialogues)} dialogues")
    if problems:
        raise Failure("\n".join(problems))


if __name__ == "__main__":
    main()
