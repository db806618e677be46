"""The checksum networks: Pyzor from the cage by way of the gateway and a real pyzord; DCC and Razor behind Unix
sockets, which stubs serve here."""
import pathlib
import socket
import subprocess
import threading
import time

from harness import Gateway, Skip, case, equal, expect, main

RULES = """
loadplugin Mail::SpamAssassin::Plugin::DCC
full     REPORTED   eval:check_pyzor()
tflags   REPORTED   net
score    REPORTED   2
full     BULK       eval:check_dcc()
tflags   BULK       net
score    BULK       4
full     BAD_RELAY  eval:check_dcc_reputation_range(50,99)
tflags   BAD_RELAY  net
score    BAD_RELAY  8
full     RAZORED    eval:check_razor2()
tflags   RAZORED    net
score    RAZORED    16
full     CONFIDENT  eval:check_razor2_range('','51','100')
tflags   CONFIDENT  net
score    CONFIDENT  32
pyzor_count_min 2
body     LOCAL      /watches/
score    LOCAL      1
"""
TEXT = b"From: <x@author.example>\r\nSubject: s\r\n\r\nCheap watches here\r\nOrder them now\r\n"


def gateway(room, pipeline, filters=None, **more):
    rules = room.write("digests.cf", RULES)
    own = {"score": {"rules": [str(rules)], "network_tests": True}, **(filters or {})}
    return Gateway(room, transport_maps=["inline:{home.example=discard:}"], pipeline=pipeline, filter=own, **more)


def scored(server):
    with server.client() as client:
        client.ehlo()
        answer = client.send("a@away.example", "alice@home.example", TEXT)
    equal(answer.code, 250, answer.text)
    line = server.wait_log(f"accepted queue={answer.text.split()[-1]}")
    return float(line.split("score=")[1].split()[0])


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pyzor(room, *arguments):
    return subprocess.run(["pyzor", f"--homedir={room.path / 'pyzor'}", *arguments], input=TEXT, capture_output=True,
                          check=False)


def pyzord(room, port):
    """False where there is none, or it does not run."""
    home = room.path / "pyzor"
    home.mkdir()
    (home / "servers").write_text(f"127.0.0.1:{port}\n", encoding="ascii")
    (home / "pyzord.access").write_text("ALL : anonymous : allow\n", encoding="ascii")
    try:
        room.start(["pyzord", f"--homedir={home}", "-a", "127.0.0.1", "-p", str(port), "-e", "gdbm",
                    f"--dsn={home}/db"])
    except FileNotFoundError:
        return False
    for _ in range(50):
        if pyzor(room, "ping").returncode == 0:
            return True
        time.sleep(0.1)
    return False


class Stub:
    """Serves connections to a Unix socket: reads all, answers, closes."""

    def __init__(self, path, answer):
        self.received = []
        self.answer = answer
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        pathlib.Path(path).chmod(0o666)
        self.listener.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                octets = b""
                while piece := connection.recv(65536):
                    octets += piece
                self.received.append(octets)
                connection.sendall(self.answer)


@case
def a_real_pyzord_counts_what_was_reported(room):
    port = free_port()
    if not pyzord(room, port):
        raise Skip("no pyzord runs here: packages pyzor and python3-gdbm")
    server = gateway(room, ["score"], pyzor_servers=[f"127.0.0.1:{port}"])
    equal(scored(server), 1, "before anyone reported it")
    for _ in range(2):
        equal(pyzor(room, "report").returncode, 0, "reported")

    equal(scored(server), 1 + 2, "reported twice")


@case
def a_silent_pyzor_server_costs_its_timeout_and_not_the_message(room):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        server = gateway(room, ["score"], pyzor_servers=[f"127.0.0.1:{silent.getsockname()[1]}"], pyzor_timeout="1s")
        begin = time.monotonic()

        equal(scored(server), 1, "the other rules count")

        expect(time.monotonic() - begin < 5, "the wait ends with pyzor_timeout")


@case
def what_dccifd_counts_is_what_rules_see(room):
    path = room.path / "dccifd"
    stub = Stub(path, b"A\n\nX-DCC-stub-Metrics: host 1; Body=1 Fuz1=many\n\tFuz2=2 rep=60%\nreported: 0\n")
    server = gateway(room, ["dcc", "score"], {"dcc": {"socket": str(path)}})

    equal(scored(server), 1 + 4 + 8, "bulk, from a bad relay")

    expect(stub.received[0].startswith(b"cksums grey-off\n127.0.0.1"), "options and the client come first")
    expect(stub.received[0].endswith(TEXT), "the message comes last and unchanged")


@case
def what_razors_client_says_is_what_rules_see(room):
    path = room.path / "razor"
    stub = Stub(path, b"spam cf=89\n")
    server = gateway(room, ["razor", "score"], {"razor": {"socket": str(path)}})

    equal(scored(server), 1 + 16 + 32, "spam, and surely")
    stub.answer = b"ham\n"
    equal(scored(server), 1, "no spam")


@case
def without_the_services_the_message_passes(room):
    server = gateway(room, ["dcc", "razor", "score"], {"dcc": {"socket": str(room.path / "no")},
                                                       "razor": {"socket": str(room.path / "none")}})

    equal(scored(server), 1, "the other rules count")


main()
