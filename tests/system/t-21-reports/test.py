"""Reports to senders (RFC 3461) end to end: success, delay, words, the rate against backscatter, the postmaster."""
import email
import time

from harness import Gateway, Sink, case, equal, expect, free_port, main, simple, until
from harness.gateway import TOP

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
DSN = "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 DSN"


class Hop:
    """A sink that keeps the lines of the envelope; with DSN where told so, refusing or deferring where told so."""

    def __init__(self, room, dsn=False, rcpt=None):
        self.lines, self.dsn, self.rcpt = [], dsn, rcpt
        self.sink = Sink(room, answer=self.answer)

    def answer(self, verb, what):
        if verb in ("MAIL", "RCPT"):
            self.lines.append(what)
        if verb == "EHLO" and self.dsn:
            return DSN
        return self.rcpt if verb == "RCPT" else None


def setting(room, hop, **keys):
    """home.example (senders) at a sink, far.example at the hop. Returns the gateway and the senders' sink."""
    home = Sink(room)
    routes = room.write("routes", f"home.example {home.hop}\nstranger.example {home.hop}\n.victim.example {home.hop}\nfar.example {hop.sink.hop}\n")
    return Gateway(room, transport_maps=[f"texthash:{routes}"], **keys), home


def send(gateway, recipients, sender="alice@home.example", mail="", content=None):
    """recipients: {address: parameters of RCPT}."""
    with gateway.client() as client:
        equal(client.say(f"MAIL FROM:<{sender}>{mail}").code, 250, "MAIL")
        for address, parameters in recipients.items():
            equal(client.say(f"RCPT TO:<{address}>{parameters}").code, 250, "RCPT")
        equal(client.data(content or simple()).code, 250, "DATA")


def fields(report):
    """The recipients' fields of a report: [{name: value}]."""
    message = email.message_from_bytes(report.content)
    equal(message.get_content_type(), "multipart/report", "type")
    equal([part.get_content_type() for part in message.get_payload()][1], "message/delivery-status", "second part")
    return [dict(group.items()) for group in message.get_payload()[1].get_payload()[1:]]


@case
def a_hop_with_dsn_gets_what_the_sender_asked_for_and_reports_itself(room):
    hop = Hop(room, dsn=True)
    gateway, home = setting(room, hop)

    send(gateway, {"bob@far.example": " NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob+40x"}, mail=" RET=HDRS ENVID=e+2B1")

    gateway.wait_empty()
    expect(hop.lines[0].endswith(" RET=HDRS ENVID=e+2B1"), hop.lines)
    equal(hop.lines[1], "RCPT TO:<bob@far.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob+40x", "RCPT")
    equal(home.count(), 0, "reports of ours")


@case
def a_hop_without_dsn_makes_us_report_relayed_and_gets_no_parameters(room):
    hop = Hop(room)
    gateway, home = setting(room, hop)

    send(gateway, {"bob@far.example": " NOTIFY=SUCCESS ORCPT=rfc822;bob+40x", "eve@far.example": ""}, mail=" RET=FULL ENVID=e+2B1")

    until(lambda: home.count() == 1, what="the report")
    gateway.wait_empty()
    equal([line.split("> ")[1:] for line in hop.lines[1:]], [[], []], "parameters of RCPT")
    expect("ENVID" not in hop.lines[0] and "RET" not in hop.lines[0], hop.lines[0])
    report = home.taken()[0]
    equal((report.sender, report.recipients), ("", ("alice@home.example",)), "envelope")
    (one,) = fields(report)
    equal((one["Action"], one["Final-Recipient"], one["Original-Recipient"], one["Status"][0]),
          ("relayed", "rfc822; bob@far.example", "rfc822; bob@x", "2"), "fields")
    expect(b"Original-Envelope-Id: e+1" in report.content and b"Good morning" not in report.content, "RFC 3461 section 4.3")


@case
def a_maildir_makes_us_report_delivered_and_an_alias_of_several_expanded(room):
    hop = Hop(room)
    box = room.folder("mail")
    home = Sink(room)
    routes = room.write("routes", f"home.example {home.hop}\nbox.example maildir:{box}/%n\n")
    aliases = room.write("aliases", "team@box.example one@box.example, two@box.example\nnick@box.example three@box.example\n")
    gateway = Gateway(room, transport_maps=[f"texthash:{routes}"], virtual_alias_maps=[f"texthash:{aliases}"],
                      relay_domains=["home.example", "box.example"])

    send(gateway, {"team@box.example": " NOTIFY=SUCCESS", "nick@box.example": " NOTIFY=SUCCESS,FAILURE", "four@box.example": ""})

    until(lambda: home.count() == 1, what="the report")
    gateway.wait_empty()
    equal(home.count(), 1, "reports")
    told = {one["Final-Recipient"]: one["Action"] for one in fields(home.taken()[0])}
    equal(told, {"rfc822; team@box.example": "expanded", "rfc822; three@box.example": "delivered"}, "what was told")
    expect(str(box).encode() not in home.taken()[0].content, "a path in a report")


@case
def a_delay_is_told_once_and_its_end_where_the_administrator_wants(room):
    hop = Hop(room, rcpt="450 4.2.0 busy")
    gateway, home = setting(room, hop, delay_warning_time="2s", confirm_delay_cleared=True)

    send(gateway, {"bob@far.example": "", "eve@far.example": " NOTIFY=FAILURE", "kim@far.example": " NOTIFY=DELAY"})

    until(lambda: home.count() == 1, what="the letter about the delay")
    told = fields(home.taken()[0])
    equal([(one["Final-Recipient"], one["Action"]) for one in told],
          [("rfc822; bob@far.example", "delayed"), ("rfc822; kim@far.example", "delayed")], "who is told")
    expect("Will-Retry-Until" in told[0] and b"Subject: Your message is delayed" in home.taken()[0].content, told)
    deferred = gateway.log_text().count(" deferred ")
    until(lambda: gateway.log_text().count(" deferred ") >= deferred + 6, what="two more attempts")
    equal(home.count(), 1, "letters about one delay")
    hop.rcpt = None
    gateway.wait_empty()
    until(lambda: home.count() == 2, what="the letter about its end")
    equal([one["Action"] for one in fields(home.taken()[1])], ["relayed", "relayed"], "its end")


@case
def without_delay_warning_time_nobody_is_told_of_a_delay(room):
    hop = Hop(room, rcpt="450 4.2.0 busy")
    gateway, home = setting(room, hop)
    send(gateway, {"bob@far.example": "", "kim@far.example": " NOTIFY=DELAY"})

    until(lambda: gateway.log_text().count(" deferred ") >= 6, what="three attempts")

    equal(home.count(), 0, "letters")


@case
def an_administrators_words_are_used_and_checked_with_file_and_line(room):
    words = room.write("words.toml", '[failure]\nsubject = "Nicht zugestellt"\ntext = """\nHallo $sender,\n$recipients\n$reason\n"""\n')
    hop = Hop(room, rcpt="550 5.1.1 no such bird")
    gateway, home = setting(room, hop, bounce_template_file=words)

    send(gateway, {"bob@far.example": ""})

    until(lambda: home.count() == 1, what="the bounce")
    content = home.taken()[0].content
    expect(b"Subject: Nicht zugestellt\r\n" in content, content[:500])
    expect(b"Hallo alice@home.example,\r\n  <bob@far.example>\r\n" in content, content[:1500])
    words.write_text('[failure]\n\ntext = "$reeson"\n')
    status, _, error = gateway.run("check", "--config", gateway.config)
    expect(status == 78 and f"{words}:3:" in error and "$reason?" in error, f"{status} {error!r}")


@case
def f85_nobody_hears_of_spam_of_the_null_sender_or_of_never(room):
    hop = Hop(room, rcpt="552 5.2.2 over quota")
    gateway, home = setting(room, hop, pipeline=["score"], filter={"score": {"rules": [TOP / "rules" / "sets"]}})

    send(gateway, {"bob@far.example": ""}, content=simple(body=GTUBE + "\r\n"))
    send(gateway, {"bob@far.example": " NOTIFY=SUCCESS,FAILURE"}, content=simple(body=GTUBE + "\r\n"))
    send(gateway, {"bob@far.example": ""}, sender="")
    send(gateway, {"bob@far.example": " NOTIFY=NEVER"})
    send(gateway, {"bob@far.example": ""})

    gateway.wait_empty()
    until(lambda: gateway.log_text().count(" bounced ") == 5, what="five failures in the log")
    equal(home.count(), 1, "letters")
    equal(gateway.log_text().count("told=no"), 4, "failures that are in the log alone")


@case
def f85_of_a_flood_of_forged_senders_only_a_bounded_number_is_written_to(room):
    hop = Hop(room, rcpt="550 5.1.1 no such user")
    gateway, home = setting(room, hop, bounce_rate_limit=10, bounce_domain_rate_limit=4, bounce_rate_time_unit="5s", bounce_delay_limit="5s",
                            metrics_listen=f"127.0.0.1:{free_port()}")
    start = time.monotonic()

    with gateway.client() as client:
        for number in range(60):
            sender = f"x{number}@d{number}.victim.example" if number % 2 else f"y{number}@stranger.example"
            equal(client.send(sender, "bob@far.example", simple()).code, 250, "reply")
    until(lambda: gateway.log_text().count(" bounced ") >= 60, what="sixty failures")
    flood = time.monotonic() - start

    at_once = home.count()
    gateway.wait_empty()
    lost = gateway.log_text().count("told=no")
    total = home.count()
    # In the burst ten, and as many again within the delay limit, and for each second that the flood itself took two.
    expect(at_once <= 10 + 2 * flood + 1, f"{at_once} letters at once in {flood:.1f} s")
    expect(20 <= total <= 20 + 2 * flood + 1, f"{total} letters in all")
    to_one = sum(m.recipients[0].endswith("@stranger.example") for m in home.taken())
    expect(to_one <= 8 + flood + 1, f"{to_one} letters to one domain")
    equal(total - sum(m.recipients == ("postmaster@home.example",) for m in home.taken()) + lost, 60, "written or in the log as lost")
    equal(gateway.metric("postern_bounces_suppressed_total"), lost, "the metric")
    line = gateway.wait_log("bounces-suppressed")
    expect("client=127.0.0.1" in line and "destination=far.example" in line, line)
    room.note(f"{at_once} at once, {total} in all, {lost} lost")


@case
def the_postmaster_is_told_of_what_he_asked_for(room):
    hop = Hop(room, rcpt="550 5.1.1 no such user")
    gateway, home = setting(room, hop, notify_classes=["2bounce", "bounce"], **{"2bounce_notice_recipient": "twice@home.example"})

    send(gateway, {"bob@far.example": ""})
    send(gateway, {"bob@far.example": ""}, sender="")

    gateway.wait_empty()
    until(lambda: home.count() == 3, 10, what="three letters")
    equal(sorted(m.recipients[0] for m in home.taken()), ["alice@home.example", "postmaster@home.example", "twice@home.example"], "readers")


@case
def a_postmasters_letter_that_fails_makes_no_further_one(room):
    hop = Hop(room, rcpt="550 5.1.1 no such user")
    gateway, home = setting(room, hop, notify_classes=["2bounce"], **{"2bounce_notice_recipient": "twice@far.example"})

    send(gateway, {"bob@far.example": ""}, sender="")

    gateway.wait_empty()
    gateway.wait_log(" bounced ", "twice@far.example")
    lines = [line for line in gateway.log_text().splitlines() if " bounced " in line]
    equal(len(lines), 2, f"failures: {lines}")
    expect("told=no" in lines[1] and "twice@far.example" in lines[1], lines[1])


if __name__ == "__main__":
    main()
