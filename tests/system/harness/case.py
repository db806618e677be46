"""case.py: a test is a function whose name is a sentence; main() runs those of one file."""
import os
import re
import sys
import time
import traceback

from .room import Room

_cases = []


class Failure(AssertionError):
    """What was expected did not happen."""


class Skip(Exception):
    """The test cannot run here; its text says what is missing."""


def case(function):
    """Marks a test. It is called with a fresh Room."""
    _cases.append(function)
    return function


def expect(condition, text):
    if not condition:
        raise Failure(text)


def equal(got, wanted, what):
    if got != wanted:
        raise Failure(f"{what}: got {_short(got)}, wanted {_short(wanted)}")


def _short(value):
    text = repr(value)
    return text if len(text) <= 400 else text[:200] + " ... " + text[-200:]


def main():
    """Runs the cases whose name contains one of the arguments (all without); prints a line for each."""
    wanted = sys.argv[1:]
    passed = failed = skipped = 0
    for function in _cases:
        if wanted and not any(word in function.__name__ for word in wanted):
            continue
        name, start, room = function.__name__.replace("_", " "), time.monotonic(), None
        try:
            room = Room(re.sub(r"\W", "", function.__name__)[:12])
            function(room)
            room.close()
            passed += 1
            notes = f"; {'; '.join(room.notes)}" if room.notes else ""
            print(f"  ok       {name} ({time.monotonic() - start:.1f} s{notes})", flush=True)
        except Skip as reason:
            skipped += 1
            room.close(quiet=True)
            print(f"  skipped  {name}: {reason}", flush=True)
        except Exception as error:  # whatever it is, the other tests still run
            failed += 1
            print(f"  FAILED   {name} ({time.monotonic() - start:.1f} s)", flush=True)
            if isinstance(error, Failure):
                print("           " + str(error).replace("\n", "\n           "), flush=True)
            else:
                traceback.print_exc(file=sys.stdout)
            if room:
                room.close(quiet=True, failed=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    sys.stdout.flush()
    os._exit(1 if failed else 0)  # threads of a failed test must not keep us
