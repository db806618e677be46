"""SMTP smuggling: whatever looks like an end of data, a connection's one message stays one message."""
import codecs

from harness import Failure, Gateway, Sink, Skip, case, equal, expect, main, testdata, until
from harness.client import stuffed

# Between the halves of one message: a lax server, here or behind us, would see the second half as a
# transaction of its own. Beside the known ones: what other line ends a server might believe in.
SEQUENCES = {
    "lf dot lf": b"\n.\n",
    "lf dot crlf": b"\n.\r\n",
    "crlf dot lf": b"\r\n.\n",
    "cr dot cr": b"\r.\r",
    "cr dot crlf": b"\r.\r\n",
    "crlf dot cr": b"\r\n.\r",
    "cr dot lf": b"\r.\n",
    "lf dot cr": b"\n.\r",
    "crlf dot crcrlf": b"\r\n.\r\r\n",
    "crcrlf dot crcrlf": b"\r\r\n.\r\r\n",
    "lfcr dot lfcr": b"\n\r.\n\r",
    "nul before dot": b"\r\n\0.\r\n",
    "nul after dot": b"\r\n.\0\r\n",
    "nul in crlf": b"\r\0\n.\r\0\n",
    "blank before dot": b"\r\n .\r\n",
    "blank after dot": b"\r\n. \r\n",
    "tab after dot": b"\r\n.\t\r\n",
    "two dots": b"\r\n..\r\n",
    "vertical tab": b"\x0b.\x0b",
    "form feed": b"\x0c.\x0c",
    "next line": b"\xc2\x85.\xc2\x85",
    "latin next line": b"\x85.\x85",
    "line separator": b"\xe2\x80\xa8.\xe2\x80\xa8",
    "lflf dot lflf": b"\n\n.\n\n",
    "crlf lf dot lf crlf": b"\r\n\n.\n\r\n",
    "backspace": b"\r\n.\x08.\r\n",
    "dot lf only": b"\r\n.\n.\n",
}
SMUGGLED = (b"MAIL FROM:<admin@home.example>\r\nRCPT TO:<bob@home.example>\r\nDATA\r\n"
            b"Subject: smuggled\r\n\r\nNobody sent this.\r\n")


def attempt(gateway, sequence, end=b"\r\n.\r\n"):
    """One transaction whose content has the sequence and further commands behind it; the replies."""
    with gateway.client() as client:
        for command in ("MAIL FROM:<sender@away.example>", "RCPT TO:<alice@home.example>"):
            equal(client.say(command).code, 250, command)
        equal(client.say("DATA").code, 354, "DATA")
        client.raw(b"Subject: first half\r\n\r\nbefore" + sequence + SMUGGLED + end)
        answer = client.reply()
        rest = client.say("NOOP")
        return answer, rest


def lax_ends(content):
    """How many ends of data a server behind us would see that takes any bare line end for a real one."""
    content = stuffed(content)[:-5]
    return content.count(b"\n.\n") + content.count(b"\n.\r") + content.count(b"\r.\r") + content.count(b"\r.\n")


def all_sequences(room):
    yield from SEQUENCES.items()
    try:
        table = testdata("suites", "smtp", "end-of-data-sequences.tsv")
    except Skip:
        room.note("without the collected table: POSTERN_TESTDATA is not set")
        return
    for line in table.read_text(encoding="utf-8").splitlines():
        name, octets = (line.split("\t") + [""])[:2]
        if line and not line.startswith("#") and "+" not in octets:
            yield name, codecs.escape_decode(octets)[0]


def check(room, mode, allowed):
    sink = Sink(room)
    gateway = Gateway(room, relayhost=sink.hop, smtpd_forbid_bare_newline=mode)
    accepted, problems = 0, []
    for name, sequence in all_sequences(room):
        answer, after = attempt(gateway, sequence)
        if answer.code not in allowed or after.code not in (250, 0):
            problems.append(f"{name}: {answer}, then {after}")
        accepted += answer.code == 250
    gateway.wait_empty()
    until(lambda: sink.count() >= accepted, what="what was accepted arrives")
    for message in sink.taken():
        if message.recipients != ("alice@home.example",) or message.sender != "sender@away.example":
            problems.append(f"a smuggled envelope: {message.sender} to {message.recipients}")
        elif b"Nobody sent this." not in message.content:
            problems.append(f"cut short: {message.content!r}")
        elif lax_ends(message.content) or b"\r" in message.content.replace(b"\r\n", b""):
            problems.append(f"passed on: {message.content!r}")
    equal(sink.count(), accepted, "messages at the next hop")
    if problems:
        raise Failure("\n".join(problems[:10]))
    return accepted


@case
def no_sequence_ends_a_message_and_none_is_passed_on(room):
    accepted = check(room, "normalize", {250})
    expect(accepted >= 24, f"{accepted} sequences")
    room.note(f"{accepted} sequences")


@case
def where_bare_line_ends_are_refused_nothing_of_the_message_is_taken_for_commands(room):
    accepted = check(room, "reject", {250, 550})
    expect(accepted < len(SEQUENCES), "bare line ends are refused")


@case
def commands_that_are_sent_with_the_end_of_data_are_answered_in_order(room):
    sink = Sink(room)
    gateway = Gateway(room, relayhost=sink.hop)
    with gateway.client() as client:
        for command in ("MAIL FROM:<sender@away.example>", "RCPT TO:<alice@home.example>"):
            equal(client.say(command).code, 250, command)
        equal(client.say("DATA").code, 354, "DATA")
        client.raw(b"Subject: one\r\n\r\n.\r\nMAIL FROM:<b@away.example>\r\nRCPT TO:<bob@home.example>\r\nDATA\r\n")
        codes = [client.reply().code for _ in range(4)]
        client.raw(b"Subject: two\r\n\r\n.\r\n")
        codes.append(client.reply().code)
    equal(codes, [250, 250, 250, 354, 250], "replies of the group")
    until(lambda: sink.count() == 2, what="two messages")


@case
def content_that_is_sent_before_the_354_is_not_taken_for_commands(room):
    gateway = Gateway(room, transport_maps=["inline:{home.example=discard:}"])
    with gateway.client() as client:
        client.raw(b"MAIL FROM:<a@away.example>\r\nRCPT TO:<alice@home.example>\r\nDATA\r\nSubject: x\r\n\r\n.\r\n")
        replies = [client.reply().code for _ in range(4)]
    expect(replies in ([250, 250, 554, 0], [250, 250, 503, 0]), f"replies {replies}")


if __name__ == "__main__":
    main()
