"""SpamAssassin's own rules over real mail, beside the answers of SpamAssassin 4.0.1 itself."""
import os
import subprocess
import tarfile

from harness import Gateway, case, equal, expect, main
from harness.case import Skip
from harness.gateway import executable
from harness.room import testdata

RULES = ("/usr/share/spamassassin", "/etc/spamassassin")

# SpamAssassin compiles what this rule takes from a message once for each process (/o), so that its
# answer depends on the messages before: see rules/COMPATIBILITY.md.
DEPENDS_ON_HISTORY = {"GB_CUSTOM_HTM_URI"}


def rows(lines):
    out = {}
    for line in lines:
        if not line.startswith("#"):
            name, score, rules = (line.rstrip("\n").split("\t") + [""])[:3]
            out[name] = (float(score), {rule for rule in rules.split(",") if rule} - DEPENDS_ON_HISTORY)
    return out


def installed_rules():
    if not os.path.exists(RULES[0] + "/72_active.cf"):
        raise Skip("SpamAssassin's rules are not installed (package spamassassin)")
    return RULES


def real_mail(room):
    """Names of the collected messages, which now lie in the room's folder."""
    with tarfile.open(testdata("corpus", "core.tar.xz")) as archive:
        archive.extractall(room.path)
        return sorted(member.name for member in archive if member.isfile())


@case
def hits_are_those_of_spamassassin(room):
    rules = installed_rules()
    truth = rows(open(testdata("corpus", "core-spamassassin-4.0.1.tsv"), encoding="latin-1"))
    real_mail(room)
    arguments = [executable(), "scan", "--local"] + [word for folder in rules for word in ("--rules", folder)]
    run = subprocess.run(arguments, input="\n".join(sorted(truth)) + "\n", cwd=room.path, capture_output=True, encoding="latin-1",
                         timeout=300)
    expect(run.returncode == 0, f"postern scan: {run.returncode}: {run.stderr[:2000]}")
    ours = rows(run.stdout.splitlines())

    expect(ours.keys() == truth.keys(), f"{len(ours)} of {len(truth)} messages were scored")
    differ = {name: truth[name][1] ^ ours[name][1] for name in truth if truth[name][1] != ours[name][1]}
    pairs = sum(len(truth[name][1] | ours[name][1]) for name in truth)
    equal = pairs - sum(len(rules) for rules in differ.values())
    room.note(f"{equal} of {pairs} (message, rule) pairs, {len(truth) - len(differ)} of {len(truth)} messages equal")
    expect(equal >= 0.999 * pairs, f"{equal} of {pairs} pairs equal: {dict(list(differ.items())[:10])}")
    expect(len(truth) - len(differ) >= 0.99 * len(truth), f"{len(differ)} messages differ: {dict(list(differ.items())[:10])}")


def private_memory(process):
    """kB that the process shares with no other."""
    with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


@case
def the_cage_scores_all_of_it_and_no_worker_ends(room):
    rules, names = installed_rules(), real_mail(room)
    gateway = Gateway(room, transport_maps=["inline:{home.example=discard:}"], pipeline=["score"],
                      filter={"score": {"rules": list(rules)}}, worker={"scan_workers": 2})
    with gateway.client() as client:
        for name in names:
            octets = (room / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"").replace(b"\n", b"\r\n")
            equal(client.send("a@away.example", "alice@home.example", octets).code, 250, name)
    room.note("private memory of each process, kB: " +
              ", ".join(str(private_memory(process)) for process in gateway.process.members()))
    gateway.stop()
    log = gateway.log_text()
    expect("worker_ended" not in log and "filter-failed" not in log, "a scan worker ended over a message: see the log")
    scored = [line for line in log.splitlines() if " accepted " in line and " score=" in line]
    equal(len(scored), len(names), "messages with a score")


main()
