"""crashes.py: the gateway under load, killed or cut from power again and again, and the verdict.

INV: what was acknowledged arrives, octet for octet; twice only what was in flight at a crash.

What is in flight. A completion that nobody waits for is written 5 ms after it happened (Progress in
queue/spool.h), or as soon as the sync that is under way then has ended. The end of a sync is seen from
outside: clients get their 250. So what had been completed when clients got a 250 is in the kernel a moment
later, which is what a kill leaves; and it is on the disk when clients got the next 250 after that, which is
what a power cut leaves. All that the next hop took later was in flight, and its number is the bound on
duplicates; any other delivery that is repeated breaks the invariant. A MOMENT is those 5 ms (20 while the
log collects) and what threads wait for a core on a busy machine.
"""
import bisect
import random
import sys
import time
from collections import namedtuple

from .case import Failure
from .disk import Disk
from .gateway import Gateway
from .load import Comparison, Load, digest
from .room import until
from .sink import Sink

MOMENT = 0.025

# moment: before the kill or cut. recorded: what the next hop took until then, the log had kept by then.
# sessions: the sink had seen so many connections when all was dead.
Crash = namedtuple("Crash", "moment recorded sessions")


def kept_by_the_kernel(load, moment):
    return last_answer(load, moment - MOMENT) - MOMENT


def kept_by_the_disk(load, moment):
    return last_answer(load, last_answer(load, moment) - MOMENT) - MOMENT


def last_answer(load, moment):
    """When a client last got a 250, not after `moment`."""
    answered = sorted(load.answered)
    at = bisect.bisect_right(answered, moment)
    return answered[at - 1] if at else float("-inf")


class Verdict:
    """What became of all mail over all crashes."""

    def __init__(self, what, load, taken, crashes, starts, crossed=frozenset()):
        self.what, self.crashes, self.starts = what, crashes, starts
        self.acknowledged, self.crossed = len(load), crossed
        result = Comparison(load.acknowledged, taken)
        self.lost = [each for each in result.lost if each[0] not in crossed]
        self.torn, self.unheard = result.torn, result.unheard
        self.duplicates, self.bound, self.unexplained, self.oldest = 0, 0, [], 0.0
        self._explain(taken)

    def _life(self, session):
        """How many crashes the gateway that made this connection comes after."""
        return sum(session > crash.sessions for crash in self.crashes)

    def _explain(self, taken):
        before = {}  # (name, recipient) -> (life, when) of the last delivery
        for message in sorted(taken, key=lambda m: m.when):
            life = self._life(message.session)
            recorded = self.crashes[life].recorded if life < len(self.crashes) else float("inf")
            for recipient in message.recipients:
                self.bound += message.when > recorded
                key = message.content[0], recipient
                if key in before:
                    self.duplicates += 1
                    self._judge(key, *before[key], life)
                before[key] = life, message.when

    def _judge(self, key, first_life, when, life):
        if first_life == life:
            self.unexplained.append((*key, "without a crash"))
            return
        crash = self.crashes[first_life]
        age = crash.moment - when
        self.oldest = max(self.oldest, age)
        if when <= crash.recorded:
            self.unexplained.append((*key, f"{age * 1000:.0f} ms before its crash"))

    def line(self):
        return (f"{self.what}: {len(self.crashes)}, acknowledged {self.acknowledged}, lost {len(self.lost)}, torn {len(self.torn)}, "
                f"duplicates {self.duplicates} (bound {self.bound})")

    def details(self):
        text = (f"the oldest repeated delivery was answered {self.oldest * 1000:.0f} ms before its crash; ready again after at "
                f"most {max(self.starts):.2f} s; {self.unheard} delivered whose 250 no client heard")
        if self.what == "power cuts":
            text += f"; {len(self.crossed)} answers came from behind a cut"
        return text

    def check(self):
        """Raises Failure where the invariant does not hold, or where nothing was proved."""
        wrong = []
        if self.lost:
            wrong.append(f"{len(self.lost)} acknowledged deliveries lost, such as {self.lost[:5]}")
        if self.torn:
            wrong.append(f"{len(self.torn)} with other octets, such as {self.torn[:5]}")
        if self.unexplained:
            wrong.append(f"{len(self.unexplained)} repeated that were not in flight, such as {self.unexplained[:5]}")
        if self.acknowledged < 10 * len(self.crashes):
            wrong.append(f"only {self.acknowledged} messages: no load to speak of")
        if wrong:
            raise Failure(f"{self.line()}\n" + "\n".join(wrong))


def crash_under_load(gateway, sink, rounds, crash, recorded, tell):
    """Lets `crash` strike at random moments; returns (load, crashes, starts)."""
    sys.setswitchinterval(0.0005)  # the times of sink and clients are only as good as their turns
    load, crashes, starts = Load(gateway.port).start(), [], []
    try:
        for number in range(rounds):
            before = len(load)
            time.sleep(random.uniform(0.1, 1.2))
            until(lambda: len(load) > before, what="mail is accepted between two crashes")
            moment = crash(load)
            crashes.append(Crash(moment, recorded(load, moment), sink.connections))
            start = time.monotonic()
            gateway.start()
            starts.append(time.monotonic() - start)
            tell(number + 1, len(load))
    finally:
        load.stop()
    gateway.wait_empty(300)
    return load, crashes, starts


def kills(room, rounds, tell=lambda *_: None):
    """kill -9 of all processes, `rounds` times."""
    sink = Sink(room, digest=digest)
    gateway = Gateway(room, relayhost=sink.hop)

    def crash(_):
        moment = time.monotonic()
        gateway.kill()
        return moment
    load, crashes, starts = crash_under_load(gateway, sink, rounds, crash, kept_by_the_kernel, tell)
    return Verdict("kills", load, sink.taken(), crashes, starts)


def power_cuts(room, rounds, tell=lambda *_: None):
    """The spool's file system is shut down without its journal being flushed, and mounted again."""
    disk = Disk(room)
    sink = Sink(room, digest=digest)
    gateway = Gateway(room, relayhost=sink.hop, spool_directory=disk.folder("gateway") / "spool")
    canary, vanished, crossed = disk.path / "canary", [], set()

    def crash(load):
        canary.write_bytes(b"never synced" * 1000)
        binding, moment = set(load.acknowledged), time.monotonic()
        disk.cut()
        done = len(load)
        time.sleep(0.1)  # it runs on without a disk, and must not say 250 any more
        gateway.kill()
        # Where a real cut ends everything, here the one sync that is under way goes on, and ext4 may call it
        # done although the journal is gone already: an answer from behind the cut is none of a real machine.
        # A client can have one such answer, and before it one that was on its way already.
        if len(load) - done > 2 * load.clients:
            raise Failure(f"{len(load) - done} answers after a cut: more than two for each client")
        crossed.update(set(load.acknowledged) - binding)
        disk.unmount()
        disk.mount()
        vanished.append(not canary.exists() or canary.stat().st_size == 0)
        canary.unlink(missing_ok=True)
        return moment
    load, crashes, starts = crash_under_load(gateway, sink, rounds, crash, kept_by_the_disk, tell)
    if not any(vanished):
        raise Failure("no unsynced file was ever lost: these were no power cuts")
    return Verdict("power cuts", load, sink.taken(), crashes, starts, crossed)
