"""`postern storm`: a queue full of deferred mail is parked, fresh mail goes on, and all of it comes back."""
import json

from harness import Gateway, Sink, SmtpClient, case, equal, expect, free_port, main, simple, until

ID, STATE, REASON = 0, 1, 8
WHAT, DONE, MESSAGES, TEXT = range(4)


class Weather:
    """A gateway whose next hop puts off all mail of senders at bot.example while that is not `well`."""

    def __init__(self, room, **keys):
        self.well = False
        self.sink = Sink(room, answer=self.answer)
        keys.setdefault("minimal_backoff_time", "1h")
        keys.setdefault("maximal_backoff_time", "2h")
        self.gateway = Gateway(room, relayhost=self.sink.hop, **keys)

    def answer(self, verb, what):
        return "451 4.3.0 not from you" if verb == "MAIL" and "@bot.example" in what and not self.well else None

    def defer(self, count, sender="s{}@bot.example", source=None):
        before = len(self.gateway.queue("list", "--state", "deferred"))
        with self.gateway.client(source=source) as client:
            for number in range(count):
                answer = client.send(sender.format(number), "alice@home.example", simple(subject=f"deferred {number}"))
                equal(answer.code, 250, "reply")
        until(lambda: len(self.gateway.queue("list", "--state", "deferred")) == before + count, what="all deferred")

    def storm(self, *arguments):
        status, out, error = self.gateway.run("storm", *arguments, "--control", self.gateway.control)
        equal((status, error if status else ""), (0, ""), f"storm {arguments}")
        return [line.split("\t") for line in out.splitlines() if not line.startswith("#")]

    def parked(self):
        return self.gateway.queue("list", "--reason", "parked: storm")


@case
def brute_parks_what_is_deferred_while_fresh_mail_goes_and_off_brings_all_back(room):
    weather = Weather(room, mynetworks=["127.0.0.1/32", "127.0.0.9/32"])
    gateway, sink = weather.gateway, weather.sink
    weather.defer(500, source="127.0.0.9")
    ids = {row[ID] for row in gateway.queue("list")}

    done = weather.storm("on", "--preset", "brute", "--why", "bot on 10.0.0.66")

    equal([(row[WHAT], row[DONE], row[MESSAGES]) for row in done],
          [("park", "done", "500"), ("lifetimes", "done", "0"), ("bounces", "done", "0"), ("clients", "done", "0"),
           ("inside", "done", "0")], "steps")
    expect(all(len(row) == 4 and len(row[TEXT]) > 40 for row in done), f"explained: {done}")
    parked = weather.parked()
    equal({row[ID] for row in parked}, ids, "parked")
    expect(all(row[STATE] == "hold" for row in parked), "parked mail is held")
    expect(parked[0][REASON].startswith("parked: storm brute: bot on 10.0.0.66"), f"reason: {parked[0][REASON]}")
    equal(gateway.deliver(simple(subject="fresh"), sender="human@away.example").code, 250, "fresh mail")
    until(lambda: sink.count() == 1, what="fresh mail delivered")
    equal(gateway.deliver(simple(subject="more"), sender="s@bot.example", source="127.0.0.9").code, 450, "the bot")

    weather.well = True
    undone = weather.storm("off")

    equal([row[WHAT] for row in undone], ["inside", "clients", "bounces", "lifetimes", "park"], "in reverse order")
    equal(undone[-1][MESSAGES], "500", "released")
    gateway.wait_empty()
    equal(sorted(m.sender for m in sink.taken()),
          sorted([f"s{n}@bot.example" for n in range(500)] + ["human@away.example"]), "delivered, each once")


@case
def a_storm_is_still_on_after_a_kill_and_nothing_is_lost(room):
    weather = Weather(room)
    gateway = weather.gateway
    weather.defer(50)
    weather.storm("on", "--preset", "brute")
    before = [(row[ID], row[STATE], row[REASON]) for row in gateway.queue("list")]

    gateway.kill()
    gateway.start()

    rows = weather.storm("status")
    equal(rows[0][:2], ["storm", "on"], "status")
    expect("brute" in rows[0][TEXT], f"preset: {rows[0]}")
    equal([(row[ID], row[STATE], row[REASON]) for row in gateway.queue("list")], before, "queue")
    equal([row[MESSAGES] for row in rows if row[WHAT] == "parked"], ["50"], "parked")
    weather.well = True
    weather.storm("off")
    gateway.wait_empty()
    equal(weather.sink.count(), 50, "delivered")
    gateway.kill()
    gateway.start()
    equal(weather.storm("status")[0][:2], ["storm", "off"], "after another kill")


@case
def parked_mail_can_be_released_by_filter_and_the_rest_stays_parked(room):
    weather = Weather(room)
    weather.defer(10)
    weather.storm("on", "--preset", "brute")
    weather.well = True

    weather.gateway.queue("release", "--sender", "s3@bot.example", "--reason", "parked: storm")

    until(lambda: weather.sink.count() == 1, what="the released one")
    equal(len(weather.parked()), 9, "still parked")
    weather.storm("off")
    weather.gateway.wait_empty()


@case
def bounces_younger_than_ten_minutes_are_parked_and_not_dropped(room):
    weather = Weather(room)
    sink = weather.sink
    sink.answer = lambda verb, what: "451 4.3.0 no bounces today" if verb == "MAIL" and "<>" in what else None
    weather.defer(3, sender="")

    done = weather.storm("on", "--preset", "brute")

    equal([row[MESSAGES] for row in done if row[WHAT] == "bounces"], ["0"], "dropped")
    equal(len(weather.parked()), 3, "parked")


@case
def strangers_are_limited_during_a_brute_storm_also_without_a_rate_filter_and_a_reload_keeps_that(room):
    weather = Weather(room)
    gateway = weather.gateway

    def connections():
        open_ones = [SmtpClient(gateway.port, source="127.0.0.5") for _ in range(15)]
        codes = [client.greeting.code for client in open_ones]
        for client in open_ones:
            client.close()
        return codes.count(220)

    equal(connections(), 15, "greeted before")
    weather.storm("on", "--preset", "brute")
    equal(connections(), 10, "greeted in the storm")
    gateway.write_config(smtpd_soft_error_limit=9)
    gateway.reload()
    gateway.wait_log(" reloaded ")
    until(lambda: connections() == 10, what="limits after a reload")
    weather.storm("off")
    equal(connections(), 15, "greeted afterwards")


@case
def a_client_inside_that_leaves_its_usual_rate_is_put_off_in_a_storm_and_only_then(room):
    weather = Weather(room, pipeline=["rate"])
    gateway = weather.gateway

    def send(count):
        with gateway.client() as client:
            return [client.send("user@away.example", "alice@home.example", simple(subject=str(n))).code for n in range(count)]

    equal(set(send(100)), {250}, "before the storm")
    weather.storm("on", "--preset", "brute")
    codes = send(250)  # enough for two minutes, should one end meanwhile
    expect(450 in codes, f"no 450 among {set(codes)}")
    gateway.wait_log("client-over-usual-rate", "client=127.0.0.1")
    weather.storm("off")
    equal(set(send(5)), {250}, "after the storm")


@case
def the_watch_names_the_client_at_the_root_once(room):
    metrics = f"127.0.0.1:{free_port()}"
    weather = Weather(room, storm_suspect_rate=40, metrics_listen=metrics)
    gateway = weather.gateway

    with gateway.client() as client:
        for number in range(60):
            client.send(f"s{number}@bot.example", "alice@home.example", simple(subject=str(number)))

    line = gateway.wait_log("storm-suspected", seconds=60)
    expect("root=client name=127.0.0.1 part=100%" in line and "remedy=" in line, line)
    until(lambda: gateway.metric("postern_storm_suspected") == 1, what="metric")
    expect(gateway.metric("postern_storm_deferred_per_minute") > 0, "deferred a minute")
    equal(weather.storm("status")[-1][:2], ["watch", "suspected"], "status")
    equal(gateway.log_text().count(" storm-suspected "), 1, "events")


@case
def mistakes_are_refused_and_json_says_the_same(room):
    weather = Weather(room)
    gateway = weather.gateway
    control = ["--control", gateway.control]
    for arguments in (["storm"], ["storm", "on", "--preset", "wild", *control], ["storm", "dance", *control]):
        equal(gateway.run(*arguments)[0], 64, f"status of {arguments[:4]}")
    equal(gateway.run("storm", "status", "--control", room / "nobody")[0], 69, "without a gateway")
    status, out, _ = gateway.run("storm", "status", "--json", *control)
    equal(status, 0, "status")
    equal(json.loads(out.splitlines()[0])["state"], "off", "state")


if __name__ == "__main__":
    main()
