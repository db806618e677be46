#!/usr/bin/env python3
"""count.py JUNIT.xml: how many test cases ctest's programs ran: "passed failed skipped".

A Boost.Test program tells its cases itself (BOOST_TEST_REPORT_LEVEL=short); any other counts as one.
A case that says "skipped: why" on a line of its own did not run.
"""
import re
import sys
import xml.etree.ElementTree as xml

CASES = re.compile(r"^\s*(\d+) test cases? out of \d+ (passed|failed|aborted|skipped)", re.M)


def main():
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for test in xml.parse(sys.argv[1]).getroot().iter("testcase"):
        output = test.findtext("system-out") or ""
        good = test.find("failure") is None and test.get("status") == "run"
        counts = {"passed": 0, "failed": 0, "skipped": 0}
        for number, what in CASES.findall(output):
            counts["failed" if what == "aborted" else what] += int(number)
        if sum(counts.values()) == 0:
            counts["passed" if good else "failed"] = 1
        elif not good and counts["failed"] == 0:
            counts["failed"] = 1  # it died after its last case, or was stopped
        idle = min(len(re.findall(r"^skipped: ", output, re.M)), counts["passed"])
        counts["passed"] -= idle
        counts["skipped"] += idle
        for what, number in counts.items():
            total[what] += number
    print(total["passed"], total["failed"], total["skipped"])


if __name__ == "__main__":
    main()
