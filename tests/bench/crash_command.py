"""crash_command.py: what kills and powercuts share: the command line around the system tests' crash loops."""
import argparse
import os
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

from harness import Failure, Room, Skip, crashes  # noqa: E402  (the path comes first)


def run(loop, rounds, text):
    """Runs the loop of that name; the process ends with its verdict."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=rounds, help=f"rounds (default {rounds})")
    arguments = parser.parse_args()
    room = Room(loop[:5])

    def tell(number, acknowledged):
        if number % 10 == 0:
            print(f"{number} of {arguments.n}, acknowledged {acknowledged}", flush=True)
    status = 1
    try:
        verdict = getattr(crashes, loop)(room, arguments.n, tell)
        print(verdict.details())
        verdict.check()
        print(verdict.line(), flush=True)
        status = 0
    except Skip as reason:
        print(f"cannot run here: {reason}", flush=True)
        status = 77
    except Failure as failure:
        print(failure, flush=True)
    finally:
        room.close(quiet=True, failed=status == 1)
    os._exit(status)  # threads of a failed run must not keep us
