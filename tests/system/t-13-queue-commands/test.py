"""`postern queue`: what an administrator sees of the queue, and does with it."""
import json

from harness import Gateway, Sink, case, equal, expect, free_port, main, simple, until

ID, STATE, ARRIVAL, SIZE, ATTEMPTS, NEXT, SENDER, RECIPIENTS, REASON, LAST_REPLY = range(10)


def gateway_with_queue(room, count=3, **keys):
    """A next hop that puts off everything while its list has an entry, and messages that wait for it."""
    closed = ["while this has an entry"]
    sink = Sink(room, answer=lambda verb, what: "451 4.3.0 we are asleep" if verb == "MAIL" and closed else None)
    gateway = Gateway(room, relayhost=sink.hop, minimal_backoff_time="1h", maximal_backoff_time="2h", **keys)
    ids = []
    for number in range(count):
        answer = gateway.deliver(simple(subject=f"number {number}"), "alice@home.example", sender=f"s{number}@away.example")
        equal(answer.code, 250, "reply")
        ids.append(answer.text.rsplit(" ", 1)[1])
    if count:
        until(lambda: [row[STATE] for row in gateway.queue("list")] == ["deferred"] * count, what="all deferred")
    return gateway, sink, closed, ids


@case
def list_shows_each_message_with_its_state_and_the_last_reply(room):
    gateway, _, _, ids = gateway_with_queue(room)

    rows = gateway.queue("list")

    equal([row[ID] for row in rows], ids, "ids, in order of arrival")
    first = rows[0]
    equal(len(first), 10, "columns")
    equal((first[STATE], first[ATTEMPTS], first[SENDER], first[RECIPIENTS]),
          ("deferred", "1", "s0@away.example", "alice@home.example"), "columns")
    expect("we are asleep" in first[REASON], f"reason: {first[REASON]}")
    equal(int(first[SIZE]), len(simple(subject="number 0")), "size")
    expect(first[NEXT] > first[ARRIVAL], f"next attempt {first[NEXT]}, arrival {first[ARRIVAL]}")


@case
def filters_choose_by_sender_recipient_destination_state_reason_and_age(room):
    gateway, _, _, ids = gateway_with_queue(room)
    for arguments, wanted in ((["--sender", "S1@away.example"], ids[1:2]), (["--sender", "s*@away.example"], ids),
                              (["--recipient", "alice@home.example"], ids), (["--recipient", "bob@*"], []),
                              (["--destination", "home.example"], ids), (["--destination", "away.example"], []),
                              (["--state", "deferred"], ids), (["--state", "hold"], []),
                              (["--reason", "asleep"], ids), (["--reason", "awake"], []),
                              (["--age", "1h"], []), (["--client", "127.0.0.1"], ids)):
        equal([row[ID] for row in gateway.queue("list", *arguments)], wanted, " ".join(arguments))


@case
def json_lines_say_the_same(room):
    gateway, _, _, ids = gateway_with_queue(room, 2)

    status, out, _ = gateway.run("queue", "list", "--json", "--control", gateway.control)

    equal(status, 0, "status")
    messages = [json.loads(line) for line in out.splitlines()]
    equal([(m["id"], m["state"], m["recipients"]) for m in messages],
          [(i, "deferred", ["alice@home.example"]) for i in ids], "messages")


@case
def show_and_cat_tell_all_of_one_message(room):
    gateway, _, _, ids = gateway_with_queue(room, 1)

    shown = dict(row for row in gateway.queue("show", ids[0]) if len(row) == 2)
    status, cat, _ = gateway.run("queue", "cat", ids[0], "--control", gateway.control)

    equal((shown["sender"], shown["client"], shown["helo"]), ("s0@away.example", "127.0.0.1", "client.example"), "show")
    equal(status, 0, "status of cat")
    expect(cat.startswith("Received: ") and cat.endswith(simple(subject="number 0").decode()), f"cat: {cat[:400]!r}")


@case
def a_held_message_stays_until_it_is_released_also_over_a_restart(room):
    gateway, sink, closed, ids = gateway_with_queue(room)

    gateway.queue("hold", ids[1], "--why", "looks odd")
    held = gateway.queue("list", "--state", "hold")
    equal([(row[ID], row[REASON]) for row in held], [(ids[1], "looks odd")], "held")
    gateway.kill()
    gateway.start()
    closed.clear()
    gateway.queue("flush")

    until(lambda: sink.count() == 2, what="the other two")
    equal([(row[ID], row[STATE]) for row in gateway.queue("list")], [(ids[1], "hold")], "what is left")
    gateway.queue("release", ids[1])
    until(lambda: sink.count() == 3, what="the released one")
    gateway.wait_empty()


@case
def delete_removes_for_good_and_a_dry_run_nothing(room):
    gateway, sink, closed, ids = gateway_with_queue(room)

    gateway.queue("delete", "--sender", "s0@away.example", "--dry-run")
    equal(len(gateway.queue("list")), 3, "after the dry run")
    gateway.queue("delete", "--sender", "s0@away.example")
    gateway.queue("delete", ids[2])
    equal([row[ID] for row in gateway.queue("list")], [ids[1]], "after both")
    gateway.kill()
    gateway.start()

    equal([row[ID] for row in gateway.queue("list")], [ids[1]], "after a crash")
    closed.clear()
    gateway.queue("flush")
    gateway.wait_empty()
    equal([m.sender for m in sink.taken()], ["s1@away.example"], "delivered")


@case
def flush_tries_at_once_what_would_wait_for_an_hour(room):
    gateway, sink, closed, ids = gateway_with_queue(room)
    closed.clear()

    gateway.queue("flush", ids[0])
    until(lambda: sink.count() == 1, what="the one that was named")
    gateway.queue("flush")

    until(lambda: sink.count() == 3, what="the others")


@case
def shape_counts_by_destination_sender_and_client(room):
    gateway, _, _, ids = gateway_with_queue(room)

    by_destination = gateway.queue("shape")
    equal([row[:3] for row in by_destination], [["TOTAL", "3", "3"], ["home.example", "3", "3"]], "by destination")
    equal(len(by_destination[0]), 12, "columns")
    equal([row[0] for row in gateway.queue("shape", "--by", "sender", "--top", "2")],
          ["TOTAL", "s0@away.example", "s1@away.example"], "by sender")
    equal(gateway.queue("shape", "--by", "client", "--sender", "s1*")[1][:2], ["127.0.0.1", "1"], "by client, filtered")
    gateway.queue("hold", ids[0])
    equal(gateway.queue("shape")[0][1], "2", "without the held one")


@case
def mail_for_a_next_hop_that_is_down_shows_its_next_probe_and_why(room):
    gateway = Gateway(room, relayhost=f"[127.0.0.1]:{free_port()}", minimal_backoff_time="1h", maximal_backoff_time="2h",
                      initial_destination_concurrency=1)
    for number in range(3):
        gateway.deliver(simple(), sender=f"s{number}@away.example")
    until(lambda: [row[STATE] for row in gateway.queue("list")] == ["deferred"] * 3, what="all deferred")
    dead = until(lambda: [row for row in gateway.queue("destinations") if row[1] == "dead"], what="a dead destination")[0]

    gateway.deliver(simple(), sender="late@away.example")
    row = until(lambda: [r for r in gateway.queue("list", "--sender", "late@*") if r[STATE] == "deferred"], what="late")[0]

    equal((row[ATTEMPTS], row[NEXT]), ("0", dead[5]), "attempts, next probe")
    expect("127.0.0.1" in row[REASON] and "refused" in row[REASON].lower(), f"reason: {row[REASON]}")
    expect(row[LAST_REPLY] == "-", f"last reply: {row[LAST_REPLY]}")


@case
def a_suspension_keeps_mail_over_a_restart_until_it_is_ended(room):
    gateway, sink, closed, _ = gateway_with_queue(room, 0)
    closed.clear()
    gateway.queue("suspend", "--destination", "home.example", "--for", "2h", "--why", "under repair")

    gateway.deliver(simple(), sender="s@away.example")
    gateway.kill()
    gateway.start()
    row = until(lambda: [r for r in gateway.queue("list") if r[STATE] == "deferred"], what="the message waits")[0]
    order = gateway.queue("suspensions")[0]
    equal((order[:2], order[4]), (["destination", "home.example"], "under repair"), "order")
    equal((row[NEXT], row[ATTEMPTS]), (order[2], "0"), "next attempt")
    expect("under repair" in row[REASON], f"reason: {row[REASON]}")
    equal(sink.count(), 0, "delivered")

    gateway.queue("resume", "--destination", "home.example")
    gateway.wait_empty()
    equal(gateway.queue("suspensions"), [], "orders")
    equal(gateway.run("queue", "resume", "--destination", "home.example", "--control", gateway.control)[0], 1, "again")


@case
def reroute_sends_mail_to_another_next_hop_and_bounce_tells_the_sender(room):
    gateway, sink, _, ids = gateway_with_queue(room)
    other = Sink(room)

    gateway.queue("reroute", ids[0], "--to", other.hop)
    until(lambda: other.count() == 1, what="the rerouted one")
    gateway.queue("bounce", ids[1], "--why", "we take no such mail")
    letter = until(lambda: gateway.queue("list", "--sender", "<>"), what="the bounce")[0]

    equal(letter[RECIPIENTS], "s1@away.example", "who is told")
    status, cat, _ = gateway.run("queue", "cat", letter[ID], "--control", gateway.control)
    expect(status == 0 and "we take no such mail" in cat, f"bounce: {cat[-1500:]!r}")
    equal([row[ID] for row in gateway.queue("list", "--sender", "s*")], [ids[2]], "what is left")
    equal(sink.count(), 0, "the first hop")


@case
def a_change_over_many_messages_prints_each_and_counts_them(room):
    gateway, _, _, ids = gateway_with_queue(room, 30)

    status, out, error = gateway.run("queue", "hold", "--sender", "s*", "--why", "odd", "--control", gateway.control)

    equal((status, error), (0, "30 messages\n"), "status, count")
    equal([line.split("\t")[ID] for line in out.splitlines()[1:]], ids, "rows")
    equal([row[REASON] for row in gateway.queue("list", "--state", "hold")], ["odd"] * 30, "held")


@case
def a_backup_is_restored_to_a_new_gateway_with_all_that_waited(room):
    gateway, _, _, ids = gateway_with_queue(room)
    gateway.queue("hold", ids[2], "--why", "odd")
    copy = room.folder("copy")

    equal([row[0] for row in gateway.queue("backup", copy)], ["3"], "messages in it")
    again = gateway.run("queue", "backup", copy, "--control", gateway.control)
    expect(again[0] == 74 and "not empty" in again[2], f"a second backup to the same place: {again}")
    other = Gateway(room, name="other", start=False, relayhost="[127.0.0.1]:9", minimal_backoff_time="1h",
                    maximal_backoff_time="2h")
    equal(other.run("queue", "restore", copy, "--config", other.config)[0], 0, "status of restore")
    other.start()

    equal([row[ID] for row in other.queue("list")], ids, "ids")
    equal([row[REASON] for row in other.queue("list", "--state", "hold")], ["odd"], "hold")
    equal(other.run("queue", "cat", ids[0], "--control", other.control)[1],
          gateway.run("queue", "cat", ids[0], "--control", gateway.control)[1], "content")


@case
def restore_never_touches_a_queue_that_is_there(room):
    gateway, _, _, ids = gateway_with_queue(room)
    copy = room.folder("copy")
    gateway.queue("backup", copy)

    running = gateway.run("queue", "restore", copy, "--config", gateway.config)
    gateway.stop()
    stopped = gateway.run("queue", "restore", copy, "--config", gateway.config)
    gateway.start()

    expect(running[0] == 74 and "stop it first" in running[2], f"while it runs: {running}")
    expect(stopped[0] == 74 and "not empty" in stopped[2], f"with its queue: {stopped}")
    equal([row[ID] for row in gateway.queue("list")], ids, "the queue")


@case
def mistakes_in_the_command_end_with_status_64_and_unknown_ids_with_an_error(room):
    gateway, _, _, _ = gateway_with_queue(room, 0)
    control = ["--control", gateway.control]
    for arguments in (["queue", "burn", *control], ["queue", "delete", *control], ["queue", "show", *control],
                      ["queue", "list", "--colour", "red", *control], ["quewe"],
                      ["queue", "list", "--age", "soon", *control], ["queue", "list", "--state", "old", *control],
                      ["queue", "suspend", "--destination", "x", "--why", "no end", *control],
                      ["queue", "suspend", "--for", "1h", "--why", "of what", *control],
                      ["queue", "reroute", "--sender", "*", "--to", "pigeon:x", *control],
                      ["queue", "bounce", "--sender", "*", *control]):
        equal(gateway.run(*arguments)[0], 64, f"status of {arguments[:2]}")
    status, out, error = gateway.run("queue", "show", "0000000000000", *control)
    expect(status == 1 and out == "" and "0000000000000" in error, f"unknown id: {status} {out!r} {error!r}")


@case
def without_a_gateway_the_command_says_so(room):
    gateway = Gateway(room, start=False)
    status, out, error = gateway.run("queue", "list", "--control", room / "nobody-there")
    expect(status == 69 and str(room / "nobody-there") in error, f"{status} {out!r} {error!r}")


if __name__ == "__main__":
    main()
