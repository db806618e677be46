"""Who may send in whose name: a real DNS server has the records, the gateway asks it, rules see the results, and the
delivered mail says what was found."""
import re

from harness import Gateway, Sink, case, equal, expect, main, simple
from harness.names import Unbound

RECORDS = [
    'good.test. IN TXT "v=spf1 ip4:192.0.2.1 -all"',
    'mail.good.test. IN TXT "v=spf1 a -all"',
    "mail.good.test. IN A 192.0.2.1",
    '_dmarc.good.test. IN TXT "v=DMARC1; p=reject; sp=quarantine"',
    'other.test. IN TXT "v=spf1 include:missing.test -all"',
]
RULES = """
loadplugin Mail::SpamAssassin::Plugin::SPF
loadplugin Mail::SpamAssassin::Plugin::DMARC
header SPF_PASS          eval:check_for_spf_pass()
header SPF_FAIL          eval:check_for_spf_fail()
header SPF_BROKEN        eval:check_for_spf_permerror()
header SPF_HELO_PASS     eval:check_for_spf_helo_pass()
header DMARC_PASS        eval:check_dmarc_pass()
header DMARC_REJECT      eval:check_dmarc_reject()
header DMARC_QUAR        eval:check_dmarc_quarantine()
header DMARC_MISSING     eval:check_dmarc_missing()
"""


def gateway_with_records(room, sink, **dmarc):
    names = Unbound(room, RECORDS, zones=["test"])
    rules = room.write("authentication.cf", RULES)
    return Gateway(room, dns_servers=[names.server], transport_maps=[f"inline:{{home.example={sink.hop}}}"],
                   pipeline=["spf", "dmarc", "score"],
                   filter={"spf": {}, "dmarc": {"authserv_id": "mx.home.example", **dmarc},
                           "score": {"rules": [str(rules)]}})


def send(gateway, address, sender, author, extra=""):
    with gateway.client() as client:
        client.xclient(address=address, helo="mail.good.test")
        client.ehlo("mail.good.test")
        return client.send(sender, "alice@home.example", simple(sender=author, extra=extra))


def delivered(gateway, sink, *message, **more):
    """The header of what arrived, unfolded, and the rules that hit."""
    equal(send(gateway, *message, **more).code, 250, "the message")
    gateway.wait_empty()
    header = sink.taken()[-1].content.split(b"\r\n\r\n")[0].decode()
    header = re.sub(r"\r\n[ \t]+", " ", header)
    hits = re.search(r"^X-Spam-Status: .*?tests=([A-Z_, ]*)", header, re.M)
    expect(hits, f"no X-Spam-Status in {header}")
    return header, set(re.findall(r"[A-Z_]+", hits[1]))


@case
def rules_and_header_say_what_spf_and_dmarc_found(room):
    sink = Sink(room)
    gateway = gateway_with_records(room, sink)

    header, hits = delivered(gateway, sink, "192.0.2.1", "bob@good.test", "bob@good.test")
    equal(hits, {"SPF_PASS", "SPF_HELO_PASS", "DMARC_PASS"}, "an honest sender")
    expect("Authentication-Results: mx.home.example; spf=pass smtp.mailfrom=bob@good.test; "
           "spf=pass smtp.helo=mail.good.test; dmarc=pass (p=reject) header.from=good.test" in header, header)

    header, hits = delivered(gateway, sink, "192.0.2.9", "bob@good.test", "bob@good.test")
    equal(hits, {"SPF_FAIL", "DMARC_REJECT"}, "a client that may not")
    header, hits = delivered(gateway, sink, "192.0.2.9", "a@other.test", "bob@sub.good.test")
    equal(hits, {"SPF_BROKEN", "DMARC_QUAR"}, "a broken record, and a subdomain")
    header, hits = delivered(gateway, sink, "192.0.2.1", "bob@good.test", "bob@other.test")
    equal(hits, {"SPF_PASS", "SPF_HELO_PASS", "DMARC_MISSING"}, "a domain without a policy")


@case
def a_forged_field_is_gone_and_anothers_stays(room):
    sink = Sink(room)
    gateway = gateway_with_records(room, sink)

    header, _ = delivered(gateway, sink, "192.0.2.9", "bob@good.test", "bob@good.test",
                          extra="Authentication-Results: mx.home.example; dmarc=pass header.from=good.test\r\n"
                                "Authentication-Results: relay.example; spf=pass smtp.mailfrom=bob@good.test\r\n")

    expect("dmarc=pass" not in header, header)
    expect("Authentication-Results: relay.example; spf=pass" in header, header)
    expect("dmarc=fail (p=reject)" in header, header)


@case
def a_policy_is_enforced_where_the_configuration_says_so(room):
    sink = Sink(room)
    gateway = gateway_with_records(room, sink, enforce=True)

    answer = send(gateway, "192.0.2.9", "bob@good.test", "bob@good.test")
    equal(answer.code, 550, answer.text)
    expect("5.7.1" in answer.text and "good.test" in answer.text, answer.text)
    equal(send(gateway, "192.0.2.1", "bob@good.test", "bob@good.test").code, 250, "an honest sender")


main()
