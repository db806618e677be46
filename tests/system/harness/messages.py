"""messages.py: messages to send, and what became of them."""
import os
import pathlib
import re
import tarfile

# What may stand above the original in a delivered copy. Everything else in our block is a mistake.
OUR_FIELDS = {b"return-path", b"delivered-to", b"received", b"authentication-results", b"x-spam-checker-version",
              b"x-spam-level", b"x-spam-status", b"x-spam-flag", b"x-spam-report", b"x-cyrus-session-id", b"x-sieve"}


def canonical(octets):
    """CRLF line ends only; a stray CR, which no SMTP server may pass on, as a blank."""
    octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b" ").replace(b"\n", b"\r\n")
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


def simple(subject="hello", body="Good morning.\r\n", sender="sender@away.example", to="alice@home.example", extra=""):
    """A plain message, canonical."""
    return (f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n"
            f"Message-ID: <{abs(hash((subject, body, sender)))}@away.example>\r\n{extra}\r\n{body}").encode()


def split_block(delivered, original):
    """The header fields in front of the original, as [(name, value)], or None when the delivered
    octets are not a block of our fields followed by the original, octet for octet."""
    if not delivered.endswith(original):
        return None
    block = delivered[:len(delivered) - len(original)]
    fields = []
    for line in block.split(b"\r\n")[:-1] if block else []:
        if line[:1] in b" \t" and line and fields:
            fields[-1][1] += b"\r\n" + line
        elif match := re.match(rb"([!-9;-~]+):(.*)$", line, re.S):
            fields.append([match[1], match[2]])
        else:
            return None
    if block and not block.endswith(b"\r\n"):
        return None
    if any(name.lower() not in OUR_FIELDS for name, _ in fields):
        return None
    return [(name.decode(), value.decode("utf-8", "replace").strip()) for name, value in fields]


def without_fields(octets, names):
    """The message without the header fields of these names: what a store takes out by itself."""
    header, gap, body = octets.partition(b"\r\n\r\n")
    kept, dropping = [], False
    for line in header.split(b"\r\n"):
        if line[:1] not in (b" ", b"\t"):
            dropping = line.partition(b":")[0].strip().lower().decode("latin-1") in names
        if not dropping:
            kept.append(line)
    return b"\r\n".join(kept) + gap + body


def field(fields, name):
    """The values of all fields of that name."""
    return [value for key, value in fields if key.lower() == name.lower()]


def maildir(path):
    """The messages in a Maildir, as octets, in no order."""
    found = []
    for part in ("new", "cur"):
        folder = pathlib.Path(path, part)
        if folder.is_dir():
            found += [entry.read_bytes() for entry in sorted(folder.iterdir()) if entry.is_file()]
    return found


def corpus(room):
    """The core messages with who sent them: [(name, octets, ip, helo, sender)]."""
    from .room import testdata
    archive, index = testdata("corpus", "core.tar.xz"), testdata("corpus", "core-index.tsv")
    rows = {}
    with open(index, encoding="utf-8") as lines:
        head = next(lines).lstrip("#").rstrip("\n").split("\t")
        for line in lines:
            row = dict(zip(head, line.rstrip("\n").split("\t")))
            rows[row["file"]] = row
    messages = []
    with tarfile.open(archive) as tar:
        for member in tar:
            name = os.path.normpath(member.name)
            if member.isfile() and name in rows:
                row = rows[name]
                known = {key: "" if row[key] == "-" else row[key] for key in ("ip", "helo", "sender")}
                messages.append((name, tar.extractfile(member).read(), known["ip"], known["helo"], known["sender"]))
    return sorted(messages)
