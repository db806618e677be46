"""Bayes in the running gateway: what was learnt scores mail in the cage, and what the rules are sure of is learnt."""
import os
import random
import re
import signal
import subprocess
import time

from harness import Gateway, Sink, case, equal, expect, main, until
from harness.gateway import executable
from harness.messages import canonical

RULES = """
bayes_min_spam_num 3
bayes_min_ham_num 3
body     BAYES_00  eval:check_bayes('0.00', '0.01')
tflags   BAYES_00  nice learn
score    BAYES_00  0 0 -1.5 -1.9
body     BAYES_99  eval:check_bayes('0.99', '1.00')
tflags   BAYES_99  learn
score    BAYES_99  0 0 3.5 3.5
header   LOUD      Subject =~ /BARGAIN/
score    LOUD      7
body     SHOUTS    /order your bargain/
score    SHOUTS    7
header   DULL      Subject =~ /report/
score    DULL      1
"""
SPAM = "order your bargain tablets cheaply watches replica luxury discount winner casino jackpot loans mortgage refinance"
HAM = "minutes committee agenda gardening bicycle harvest library borrow orchestra rehearsal timetable allotment compost"


def message(words, number, subject, seed=0):
    """A dozen sentences of these words: enough to be told from others."""
    pick = random.Random(1000 * seed + number)
    lines = [" ".join(pick.choices(words.split(), k=7)) for _ in range(12)]
    text = f"From: <writer{number}@away.example>\nTo: <alice@home.example>\nSubject: {subject} {number}\n" \
           f"Date: Mon, 2 Nov 2026 10:{number % 60:02}:00 +0000\nMessage-ID: <{seed}.{number}@away.example>\n\n" \
           + "order your bargain\n" * words.startswith(SPAM) + "\n".join(lines) + "\n"
    return canonical(text.encode())


def bayes(*arguments):
    done = subprocess.run([executable(), "bayes", *map(str, arguments)], capture_output=True, timeout=120)
    equal(done.returncode, 0, f"postern bayes {arguments[0]}: {done.stderr.decode()}")
    return done.stdout.decode()


def counts(database):
    """Messages learnt as spam and as ham, and tokens."""
    rows = bayes("dump", "--db", database, "--magic")
    return tuple(int(re.search(rf"\t(\d+)\t\d+\tnon-token data: {name}\n", rows)[1]) for name in ("nspam", "nham", "ntokens"))


def letters(room, name, words, number, **options):
    folder = room.folder(name)
    for i in range(number):
        (folder / f"{i}.eml").write_bytes(message(words, i, "letter", **options))
    return folder


def learn(room, database, rules, number=5):
    for kind, words in (("spam", SPAM), ("ham", HAM)):
        bayes("learn", f"--{kind}", "--rules", rules, "--db", database, letters(room, f"{kind}-letters", words, number, seed=7))


class Learning:
    """A gateway beside a database in which five messages of each kind were learnt."""

    def __init__(self, room, more="", **keys):
        self.rules = room.write("bayes.cf", RULES + more)
        self.database = room.folder("bayes")
        learn(room, self.database, self.rules)
        self.sink = Sink(room)
        self.gateway = Gateway(room, relayhost=self.sink.hop, pipeline=["score"],
                               filter={"score": {"rules": [str(self.rules)], "bayes_database": str(self.database)}}, **keys)

    def status(self, content):
        """What X-Spam-Status says of it where it is delivered."""
        before = self.sink.count()
        equal(self.gateway.deliver(content).code, 250, "DATA")
        until(lambda: self.sink.count() > before, what="the message is delivered")
        head = self.sink.taken()[-1].content.split(b"\r\n\r\n")[0].decode()
        return re.sub(r"\s+", " ", re.search(r"^X-Spam-Status: ([^\r]*(?:\r\n[ \t][^\r]*)*)", head, re.M)[1])

    def wait_counts(self, spam, ham):
        until(lambda: counts(self.database)[:2] == (spam, ham), 20, f"{spam} spam and {ham} ham are learnt", every=0.2)


@case
def what_was_learnt_scores_mail_in_the_cage(room):
    learning = Learning(room, more="bayes_auto_learn 0\n")

    spam = learning.status(message(SPAM, 50, "hello"))
    ham = learning.status(message(HAM, 51, "hello"))

    expect("BAYES_99" in spam and "autolearn=disabled" in spam, spam)
    expect("BAYES_00" in ham, ham)


@case
def clear_mail_is_learnt_while_the_gateway_runs(room):
    learning = Learning(room)
    equal(counts(learning.database)[:2], (5, 5), "learnt by hand")
    tokens = counts(learning.database)[2]

    spam = learning.status(message(SPAM + " pharmacy", 60, "BARGAIN"))
    ham = learning.status(message(HAM + " sourdough", 61, "hello"))
    unsure = learning.status(message(HAM, 62, "report"))

    expect("autolearn=spam autolearn_force=no" in spam, spam)
    expect("autolearn=ham autolearn_force=no" in ham, ham)
    expect("autolearn=no" in unsure, unsure)
    learning.wait_counts(6, 6)
    expect(counts(learning.database)[2] > tokens, "no new tokens")
    again = learning.status(message(SPAM + " pharmacy", 60, "BARGAIN"))
    expect("autolearn=unavailable" in again, again)


@case
def workers_see_what_the_gateway_learns_and_a_reload_goes_on_learning(room):
    learning = Learning(room, more="bayes_min_spam_num 7\n")
    first = learning.status(message(SPAM, 70, "BARGAIN"))
    expect("BAYES" not in first and "autolearn=spam" in first, first)
    learning.wait_counts(6, 5)

    learning.gateway.reload()
    learning.status(message(SPAM, 71, "BARGAIN"))
    learning.wait_counts(7, 5)

    until(lambda: "BAYES_99" in learning.status(message(SPAM, random.randrange(100, 10**6), "hello")), 20,
          "workers see the seventh message")


@case
def a_database_that_cannot_be_written_costs_no_mail(room):
    learning = Learning(room, metrics_listen="127.0.0.1:0")
    os.chown(learning.database, 0, 0)
    for name in ("data.mdb", "lock.mdb"):
        os.chown(learning.database / name, 0, 0)

    status = learning.status(message(SPAM, 80, "BARGAIN"))

    expect("autolearn=spam" in status, status)
    learning.gateway.wait_log("bayes-learning-fails")
    equal(counts(learning.database)[:2], (5, 5), "nothing was learnt")
    expect("Yes" in learning.status(message(SPAM, 81, "BARGAIN")), "mail is scored on")


@case
def the_gateway_and_the_command_line_learn_at_the_same_time(room):
    learning = Learning(room)
    letters_of = [letters(room, f"more{n}", HAM, 40, seed=20 + n) for n in range(3)]
    running = [subprocess.Popen([executable(), "bayes", "learn", "--ham", "--rules", learning.rules, "--db", learning.database,
                                 folder], stdout=subprocess.DEVNULL) for folder in letters_of]
    for number in range(10):
        learning.status(message(SPAM, 90 + number, "BARGAIN"))
    equal([each.wait(60) for each in running], [0, 0, 0], "postern bayes learn")

    learning.wait_counts(5 + 10, 5 + 3 * 40)


@case
def a_database_is_whole_after_its_writers_were_killed(room):
    rules = room.write("bayes.cf", RULES)
    database = room.folder("bayes")
    learn(room, database, rules)
    folder = letters(room, "many", SPAM, 300, seed=40)
    pick = random.Random(4)
    for _ in range(12):
        writer = subprocess.Popen([executable(), "bayes", "learn", "--spam", "--rules", rules, "--db", database, folder],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pick.uniform(0.05, 1.3))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        spam, ham, _ = counts(database)
        expect(spam in (5, 305) and ham == 5, f"{spam} spam, {ham} ham: a change is there in part")
    bayes("learn", "--spam", "--rules", rules, "--db", database, folder)
    equal(counts(database)[:2], (305, 5), "the next writer goes on")


@case
def a_killed_gateway_leaves_a_database_that_the_next_one_learns_into(room):
    learning = Learning(room)
    for number in range(20):
        learning.gateway.deliver(message(SPAM, 300 + number, "BARGAIN"))
    time.sleep(random.Random(9).uniform(1.5, 2.5))
    learning.gateway.kill()
    learnt = counts(learning.database)[0]
    expect(learnt in range(5, 26), f"{learnt} spam")

    learning.gateway.start()
    learning.status(message(SPAM, 400, "BARGAIN"))
    learning.wait_counts(learnt + 1, 5)


@case
def what_waits_is_written_when_the_gateway_ends(room):
    learning = Learning(room)
    status = learning.status(message(SPAM, 500, "BARGAIN"))
    expect("autolearn=spam" in status, status)
    learning.gateway.stop()
    equal(counts(learning.database)[:2], (6, 5), "learnt at the end")


main()
