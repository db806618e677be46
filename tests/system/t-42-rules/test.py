"""What rule writers get: check, test, explain, hits and scores over small rules and mail."""
import itertools
import json
import re

from harness import Gateway, case, equal, expect, main

RULES = """\
header WINS Subject =~ /you won/
describe WINS The subject promises a prize
score WINS 2.5
body __PRIZE /prize/
body __TODAY /claim .{0,20} today/
meta HURRY __PRIZE && __TODAY
score HURRY 3
body TALK /meeting/
tflags TALK nice
score TALK -1
test __PRIZE ok your prize
test __PRIZE fail your price
"""

SPAM = "From: eve@away.example\nTo: bob@home.example\nSubject: you won\n\nclaim your prize today\n"
HAM = "From: alice@home.example\nTo: bob@home.example\nSubject: tomorrow\n\nthe meeting is at ten\n"


numbers = itertools.count()


def run(room, *arguments):
    return Gateway(room, name=f"rules{next(numbers)}", start=False).run("rules", *arguments)


def rules(room, action, *arguments, text=RULES):
    """Runs `postern rules ACTION` with these rules."""
    file = room.write("site.cf", text)
    return run(room, action, "--rules", file, *arguments)


def collections(room):
    """Ten messages of each kind."""
    folders = {}
    for name, text in (("spam", SPAM), ("ham", HAM)):
        folders[name] = room.folder(name)
        for number in range(10):
            (folders[name] / f"{number}.eml").write_text(text)
    return ["--spam", folders["spam"], "--ham", folders["ham"]]


@case
def good_rules_are_checked_with_status_0_and_their_tests_are_run(room):
    status, out, error = rules(room, "check")
    equal(status, 0, f"status; said {out!r} {error!r}")
    expect(f"{room / 'site.cf'}: read" in out, f"the file: {out!r}")
    expect("tests: 2 passed, 0 failed" in out, f"the tests: {out!r}")


@case
def a_bad_line_ends_with_status_1_and_its_place(room):
    status, out, _ = rules(room, "check", text=RULES + "body BAD /ba(d/\n")
    equal(status, 1, "status")
    expect(re.search(r"site\.cf:13:\d+: problem: ", out), f"the place: {out!r}")


@case
def remarks_count_only_where_strict(room):
    text = RULES + "score NOBODY 1\n"
    equal(rules(room, "check", text=text)[0], 0, "status")
    equal(rules(room, "check", "--strict", text=text)[0], 1, "status with --strict")


@case
def rules_that_are_not_there_end_with_status_78(room):
    status, _, error = run(room, "check", "--rules", room / "none.cf")
    expect(status == 78 and "none.cf" in error, f"{status} {error!r}")


@case
def a_failed_test_ends_with_status_1_and_names_the_line(room):
    status, out, _ = rules(room, "test", text=RULES + "test TALK ok no word\n")
    equal(status, 1, "status")
    expect("site.cf:13:1: test: failed" in out, f"the line: {out!r}")


@case
def the_check_as_json_has_files_findings_and_tests(room):
    out = json.loads(rules(room, "check", "--json", text=RULES + "body BAD /ba(d/\n")[1])
    equal(len(out["files"]), 1, "files")
    expect("site.cf:13:" in out["problems"][0]["where"], f"{out['problems']}")
    equal([test["outcome"] for test in out["tests"]], ["passed", "passed"], "tests")


@case
def an_explanation_shows_the_octets_and_adds_up(room):
    message = room.write("m.eml", SPAM)
    status, out, _ = rules(room, "explain", message)
    equal(status, 0, "status")
    expect("5.50 of 5.00 points: spam" in out, f"the sum: {out!r}")
    expect(">>you won<<" in out and ">>prize<<" in out, f"the matches: {out!r}")
    expect(all(len(line) <= 80 for line in out.splitlines()[1:] if "site.cf" not in line), f"80 columns: {out!r}")
    told = json.loads(rules(room, "explain", "--json", message)[1])
    by_name = {rule["name"]: rule for rule in told["rules"]}
    equal(sum(by_name[name]["score"] for name in told["hits"]), told["score"], "sum")
    equal([o["value"] for o in by_name["HURRY"]["operands"]], [1, 1], "operands")


@case
def a_rule_asked_for_says_why_it_did_not_hit(room):
    message = room.write("m.eml", SPAM.replace(" today", ""))
    out = rules(room, "explain", "--rule", "HURRY", message)[1]
    expect("it would hit with __TODAY" in out, f"{out!r}")


@case
def a_message_that_is_not_there_ends_with_status_66(room):
    equal(rules(room, "explain", room / "none.eml")[0], 66, "status")


@case
def frequencies_have_the_columns_of_hit_frequencies(room):
    status, out, error = rules(room, "hits", *collections(room), "--jobs", "2", "--overlap", "--costs")
    equal(status, 0, f"status; said {error!r}")
    lines = out.splitlines()
    equal(lines[0].split(), ["OVERALL", "SPAM%", "HAM%", "S/O", "RANK", "SCORE", "NAME"], "columns")
    rows = {line.split()[-1]: line.split() for line in lines[3:6]}
    equal(rows["WINS"][:4], ["50.000", "100.0000", "0.0000", "1.000"], "WINS")
    equal(rows["TALK"][:4], ["50.000", "0.0000", "100.0000", "0.000"], "TALK")
    expect(re.search(r"100\.00 +100\.00 +10 +HURRY WINS", out), f"the overlap: {out!r}")
    expect("US/MSG" in out and "(all rules)" in out, f"the costs: {out!r}")


@case
def the_log_is_mass_checks(room):
    folder = room.folder("logs")
    equal(rules(room, "hits", *collections(room), "--log", folder)[0], 0, "status")
    lines = (folder / "spam.log").read_text().splitlines()
    equal(len(lines), 11, "lines with the comment")
    expect(re.fullmatch(r"Y  5 \S+/0\.eml HURRY,WINS,__PRIZE,__TODAY set=0", lines[1]), f"{lines[1]!r}")
    expect((folder / "ham.log").read_text().splitlines()[1].startswith(". -1 "), "ham")


@case
def proposed_scores_are_a_rule_file_with_their_effect(room):
    text = RULES.replace("score WINS 2.5", "score WINS 0.5")
    status, out, error = rules(room, "scores", *collections(room), text=text)
    equal(status, 0, f"status; said {error!r}")
    expect("scores in force:" in out and "10 spam under it" in out, f"before: {out!r}")
    expect(re.search(r"(?m)^score WINS \d\.\d\d  # was 0\.5", out), f"a line: {out!r}")
    equal(rules(room, "scores", *collections(room), text=text)[1], out, "the same again")
    equal(rules(room, "check", text=text + out)[0], 0, "it can be read")


@case
def collections_that_are_not_named_are_a_usage_error(room):
    equal(rules(room, "hits")[0], 64, "status")


if __name__ == "__main__":
    main()
