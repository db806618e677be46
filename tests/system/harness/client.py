"""client.py: an SMTP client that sends exactly what it is told, octet for octet."""
import collections
import socket
import ssl


class Reply(collections.namedtuple("Reply", "code lines")):
    """lines are the texts behind the code."""
    @property
    def text(self):
        return f"{self.code} " + " | ".join(self.lines)

    def __str__(self):
        return self.text


CLOSED = Reply(0, ("connection closed",))


class SmtpClient:
    def __init__(self, port, host="127.0.0.1", source=None, timeout=60.0, greet=True):
        self.socket = socket.create_connection((host, port), timeout=timeout,
                                               source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.greeting = self.reply() if greet else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for part in (self.file, self.socket):
            try:
                part.close()
            except OSError:
                pass

    def raw(self, octets):
        self.socket.sendall(octets)

    def reply(self):
        """The next reply; CLOSED at the end of the connection."""
        lines = []
        while True:
            try:
                line = self.file.readline(65536)
            except (ConnectionError, ssl.SSLError):
                return CLOSED
            if not line.endswith(b"\n"):
                return CLOSED
            text = line.rstrip(b"\r\n").decode("utf-8", "replace")
            lines.append(text[4:])
            if text[3:4] != "-":
                return Reply(int(text[:3]), tuple(lines))

    def say(self, command):
        """One command, one reply."""
        if isinstance(command, str):
            command = command.encode()
        try:
            self.raw(command + b"\r\n")
        except ConnectionError:
            pass  # what was said before it closed can still be read
        return self.reply()

    def ehlo(self, name="client.example"):
        return self.say(f"EHLO {name}")

    def starttls(self):
        answer = self.say("STARTTLS")
        if answer.code == 220:
            self.handshake()
        return answer

    def handshake(self):
        """TLS from here on, whatever the certificate."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.file.close()
        self.socket = context.wrap_socket(self.socket)
        self.file = self.socket.makefile("rb")

    def xclient(self, address=None, helo=None, name=None):
        """Speaks for that client from here on; returns the reply (220)."""
        words = ["XCLIENT"]
        if address:
            words.append("ADDR=" + ("IPV6:" + address if ":" in address else address))
        words.append("NAME=" + (xtext(name) if name else "[UNAVAILABLE]"))
        if helo:
            words.append("HELO=" + xtext(helo))
        return self.say(" ".join(words))

    def data(self, content):
        """DATA and the content (canonical, not stuffed); the reply to the end of data."""
        answer = self.say("DATA")
        if answer.code != 354:
            return answer
        try:
            self.raw(stuffed(content))
        except ConnectionError:
            pass
        return self.reply()

    def send(self, sender, recipients, content, options=""):
        """A whole transaction. Returns the first reply that stopped it, or the one to the data."""
        answer = self.say(f"MAIL FROM:<{sender}>{options}")
        if answer.code != 250:
            return answer
        accepted, refused = 0, None
        for recipient in [recipients] if isinstance(recipients, str) else recipients:
            answer = self.say(f"RCPT TO:<{recipient}>")
            if answer.code == 250:
                accepted += 1
            else:
                refused = refused or answer
        if not accepted:
            self.say("RSET")
            return refused
        return self.data(content)

    def send_pipelined(self, sender, recipient, content):
        """The envelope in one write, then the content; the reply to the data, or the first refusal."""
        self.raw(f"MAIL FROM:<{sender}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode())
        answers = [self.reply(), self.reply(), self.reply()]
        if answers[2].code != 354:
            return next((a for a in answers if a.code != 250), answers[2])
        self.raw(stuffed(content))
        return self.reply()


def stuffed(content):
    """The content as it is sent, with the end of data."""
    if content.startswith(b"."):
        content = b"." + content
    content = content.replace(b"\r\n.", b"\r\n..")
    return content + (b".\r\n" if content.endswith(b"\r\n") or not content else b"\r\n.\r\n")


def xtext(text):
    """RFC 3461 section 4: what is not printable, and + and =, as +HH."""
    return "".join(chr(c) if 33 <= c <= 126 and c not in b"+=" else f"+{c:02X}" for c in text.encode())
