#!/usr/bin/env python3
"""layers.py: fails where an #include goes upward, and where a file has grown too long.

The table says which folders a folder may include. A folder that is not in it fails too, so that a
new one gets its place in the order before it gets users.
"""
import pathlib
import re
import sys

LAYERS = {
    "gateway/base": "",
    "gateway/mail": "gateway/base",
    "gateway/net": "gateway/base gateway/mail",
    "policies": "gateway/base gateway/mail",
    "gateway/bayes": "gateway/base gateway/mail rules",
    "gateway/pipeline": "gateway/base gateway/mail gateway/net rules policies",
    "filters": "gateway/base gateway/mail gateway/net gateway/bayes rules policies gateway/pipeline",
    "gateway/queue": "gateway/base gateway/mail gateway/net",
    "gateway/scheduler": "gateway/base gateway/mail gateway/net gateway/queue policies",
    "gateway/delivery": "gateway/base gateway/mail gateway/net gateway/queue gateway/scheduler policies",
    "gateway/session": "gateway/base gateway/mail gateway/net policies gateway/pipeline gateway/queue",
    "gateway/connection": "gateway/base gateway/mail gateway/net policies gateway/pipeline gateway/queue "
                          "gateway/session",
    "gateway/worker": "gateway/base gateway/mail gateway/net rules policies gateway/pipeline",
    "gateway/control": "gateway/base gateway/mail gateway/net rules policies gateway/pipeline gateway/queue "
                       "gateway/scheduler gateway/delivery gateway/worker",
    "gateway/verify": "gateway/base gateway/mail gateway/net rules policies gateway/pipeline filters",
}
# The folders of rules/, lowest first: each may include those before it. Who may include rules may
# include all of them.
RULES = ("base text ngrams patterns hosts headers html parts uris message bayes pyzor evals network language "
         "engine authoring").split()
for place, name in enumerate(RULES):
    LAYERS["rules/" + name] = " ".join(["gateway/base gateway/mail"] + ["rules/" + low for low in RULES[:place]])
LAYERS["rules"] = " ".join(["gateway/base gateway/mail"] + ["rules/" + name for name in RULES])

ROOTS = ("gateway", "filters", "rules", "policies")
LONGEST = 600
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# The name and the octets of a message are the queue's words, but what the pipeline judges has them
# before it is queued. Of the queue itself a filter knows nothing.
# Each folder of rules/ fills its own part of the settings, which settings.h puts together; rules.h
# is what the upper folders implement.
SHARED = {"gateway/queue/envelope.h": ("gateway/pipeline",), "gateway/queue/message_id.h": ("gateway/pipeline",),
          "rules/settings.h": tuple("rules/" + name for name in RULES),
          "rules/rules.h": ("rules/engine", "rules/authoring")}

# Mains that do not lie in gateway/ itself: they put a program together, and so see all, too.
MAINS = ("filters/antivirus/av_main.cc",)

# A library that only one folder may see: what stands behind it can be exchanged there.
CONFINED = {"boost/asio": "gateway/net"}
# A library that only one file may see.
SINGLE = ("toml++/", "CLI/")


def folder_of(path):
    """The folder of the table that a file is in; "" for the mains directly in gateway/."""
    parts = path.split("/")
    if path in MAINS:
        return ""
    if parts[0] == "gateway":
        return "/".join(parts[:2]) if len(parts) > 2 else ""
    if parts[0] == "rules":
        return "/".join(parts[:2]) if len(parts) > 2 else "rules"
    return parts[0]


def may_include(folder, other):
    allowed = LAYERS[folder].split()
    outside = not folder.startswith("rules") and other.startswith("rules/")
    return other in allowed or (outside and "rules" in allowed)


def check(top):
    problems, users, files = [], {}, 0
    for path in sorted(p for p in top.rglob("*") if p.suffix in (".h", ".cc", ".py")):
        name = path.relative_to(top).as_posix()
        if name.split("/")[0] not in ROOTS + ("tests", "contrib"):
            continue
        files += 1
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) > LONGEST:
            problems.append(f"{name}:{len(lines)}: over {LONGEST} lines: one concept a file, so split it")
        source = name.split("/")[0] in ROOTS
        folder = folder_of(name) if source else None
        if folder and folder not in LAYERS:
            problems.append(f"{name}:1: {folder} is in no layer: give it a place in tests/layers.py")
            continue
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            at, (_, target) = f"{name}:{number}", match.groups()
            for library, home in CONFINED.items():
                if target.startswith(library) and source and folder != home:
                    problems.append(f"{at}: {target} may be included in {home} only")
            for library in SINGLE:
                if target.startswith(library) and source:
                    users.setdefault(library, set()).add(name)
            if not source or target.split("/")[0] not in ROOTS + ("tests",):
                continue
            other = folder_of(target)
            if target.startswith("tests/"):
                problems.append(f"{at}: {target}: the program must not need its tests")
            elif folder == "":
                continue
            elif other == "":
                problems.append(f"{at}: {target}: the mains see all and are seen by none")
            elif folder in SHARED.get(target, ()):
                continue
            elif other != folder and not may_include(folder, other):
                problems.append(f"{at}: {folder} must not include {other} ({target})")
    for library, names in users.items():
        if len(names) > 1:
            problems.append(f"{sorted(names)[-1]}:1: {library} is included by {len(names)} files, one may: "
                            + ", ".join(sorted(names)))
    return files, problems


def main():
    top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    files, problems = check(top)
    if files == 0:
        problems.append(f"{top}:1: no source files here")
    for problem in problems:
        print(problem)
    print(f"layers: {files} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
