"""Viruses: refused in the session, kept out of every file of ours; and no scanner means later, not through."""
import base64
import io
import os
import pathlib
import random
import shutil
import signal
import subprocess
import threading
import zipfile

from harness import Gateway, Sink, Skip, case, equal, expect, main, maildir, simple, until
from harness.gateway import TOP

# In two halves, so that no scanner takes this file for what it tests.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


def infected(subject="invoice"):
    coded = base64.encodebytes(EICAR).replace(b"\n", b"\r\n").decode()
    return simple(subject=subject, extra="MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=invoice.com\r\n"
                  "Content-Transfer-Encoding: base64\r\n", body=coded)


def gateway_with_scanner(room, **keys):
    # The checkout may lie where the scanner's own user cannot go.
    signatures = room / "signatures"
    shutil.copytree(TOP / "contrib" / "signatures", signatures)
    expect(any(signatures.iterdir()), f"{signatures} has no signatures")
    settings = {"database": [signatures], "on_failure": "defer", "deadline": "5s", **keys.pop("antivirus", {})}
    return Gateway(room, pipeline=["antivirus", *keys.pop("further", [])],
                   filter={"antivirus": settings, **keys.pop("filters", {})}, **keys)


def scanners(gateway):
    """Pids of the processes that run postern-av."""
    found = []
    for pid in gateway.process.members():
        try:
            if "postern-av" in os.readlink(f"/proc/{pid}/exe"):
                found.append(pid)
        except OSError:
            continue
    return found


@case
def an_infected_message_is_refused_and_leaves_no_trace_in_spool_archive_or_store(room):
    store, archive = room.folder("store"), room.folder("archive")
    gateway = gateway_with_scanner(
        room, further=["archive"], filters={"archive": {"always_bcc": "archive@archive.example"}},
        transport_maps=[f"inline:{{home.example=maildir:{store}/%n, archive.example=maildir:{archive}}}"])

    refused = gateway.deliver(infected())
    clean = gateway.deliver(simple(subject="clean one"))

    equal((refused.code, clean.code), (550, 250), f"replies {refused}, {clean}")
    until(lambda: maildir(store / "alice") and maildir(archive), what="the clean message in store and archive")
    gateway.wait_empty()
    marks = (EICAR, base64.b64encode(EICAR)[:40])
    for folder in (store, archive, gateway.spool):
        for path in folder.rglob("*"):
            if path.is_file():
                octets = path.read_bytes()
                expect(not any(mark in octets for mark in marks), f"the virus is in {path}")
    line = gateway.wait_log("refused")
    expect("eicar" in line.lower(), f"the log line does not name the virus: {line}")


@case
def the_official_test_files_are_recognised_in_their_archives(room):
    folder = pathlib.Path("/usr/share/clamav-testfiles")
    if not folder.is_dir():
        raise Skip("no test files (Debian package clamav-testfiles)")
    gateway = gateway_with_scanner(room, transport_maps=["inline:{home.example=discard:}"], antivirus={"deadline": "30s"})
    passed, refused = [], []
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.stat().st_size > 1_000_000:
            continue
        coded = base64.encodebytes(path.read_bytes()).replace(b"\n", b"\r\n").decode()
        content = simple(subject=path.name, body=coded, extra="MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n"
                         f"Content-Type: application/octet-stream; name={path.name}\r\n")
        answer = gateway.deliver(content)
        (refused if answer.code == 550 else passed).append(f"{path.name} ({answer.code})")
    room.note(f"{len(refused)} of {len(refused) + len(passed)} refused; not: {', '.join(passed) or 'none'}")
    expect(len(refused) > 0.8 * (len(refused) + len(passed)), f"not refused: {passed}")


@case
def with_a_scanner_that_hangs_mail_is_deferred_and_comes_through_when_it_is_back(room):
    gateway = gateway_with_scanner(room, antivirus={"deadline": "2s"}, transport_maps=["inline:{home.example=discard:}"])
    equal(gateway.deliver(simple()).code, 250, "with a living scanner")
    stopped = until(lambda: scanners(gateway), what="processes of postern-av")
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        answers = [gateway.deliver(message) for message in (simple(), infected())]
    finally:
        for pid in stopped:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass  # replaced meanwhile

    equal([answer.code for answer in answers], [451, 451], f"replies {[str(a) for a in answers]}")
    until(lambda: gateway.deliver(simple()).code == 250, 60, "mail passes again", every=0.5)


@case
def scanners_that_die_all_the_time_let_nothing_through_unchecked(room):
    store = room.folder("store")
    gateway = gateway_with_scanner(room, transport_maps=[f"inline:{{home.example=maildir:{store}/%n}}"])
    end, kills = threading.Event(), []

    def murder():
        while not end.wait(random.uniform(0.005, 0.05)):
            for pid in scanners(gateway):
                try:
                    os.kill(pid, signal.SIGKILL)
                    kills.append(pid)
                except ProcessLookupError:
                    pass

    killer = threading.Thread(target=murder, daemon=True)
    killer.start()
    try:
        answers = []
        while len(answers) < 15 or (len(kills) < 20 and len(answers) < 2000):
            answers.append(gateway.deliver(infected(subject=str(len(answers)))).code)
    finally:
        end.set()
        killer.join()

    expect(len(kills) >= 20, f"only {len(kills)} scanners were killed")
    expect(set(answers) <= {451, 550}, f"replies to infected messages: {sorted(set(answers))}")
    room.note(f"{len(kills)} killed, {answers.count(550)} refused, {answers.count(451)} deferred")
    until(lambda: gateway.deliver(simple()).code == 250, 90, "mail passes again", every=0.5)
    equal(gateway.deliver(infected()).code, 550, "the scanner works again")
    gateway.wait_empty()
    expect(all(EICAR[:20] not in m and base64.b64encode(EICAR)[:40] not in m for m in maildir(store / "alice")),
           "a virus was delivered")


@case
def a_full_scratch_folder_means_later_and_never_clean(room):
    if os.geteuid() != 0:
        raise Skip("mounting a small tmpfs needs root")
    scratch = room.folder("scratch")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m,mode=0700", "tmpfs", scratch], check=True)
    room.at_end(lambda: subprocess.run(["umount", "-l", scratch], check=True))
    octets = EICAR
    for depth in range(3):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(f"inner{depth}.zip" if depth else "invoice.com", octets)
        octets = packed.getvalue()
    coded = base64.encodebytes(octets).replace(b"\n", b"\r\n").decode()
    content = simple(body=coded, extra="MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n"
                     "Content-Type: application/zip; name=invoice.zip\r\n")
    gateway = gateway_with_scanner(room, antivirus={"scratch_directory": scratch, "max_file_size": "8MiB", "max_scan_size": "8MiB"}, transport_maps=["inline:{home.example=discard:}"])
    equal(gateway.deliver(content).code, 550, "nested archive with room to unpack")

    with open(scratch / "ballast", "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"x" * 4096)
        except OSError:
            pass
    answers = [gateway.deliver(content).code for _ in range(3)]

    expect(set(answers) <= {451, 550}, f"replies with a full scratch folder: {answers}")


if __name__ == "__main__":
    main()
