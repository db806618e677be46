"""Rules that ask DNS lists: from the cage, where the scan worker asks the gateway, the gateway unbound, and unbound
rbldnsd; and from the command line, which asks unbound itself."""
import hashlib
import socket
import subprocess
import time

from harness import Gateway, case, equal, executable, expect, main, simple
from harness.names import Rbldnsd, Unbound

RULES = """
util_rb_tld test example
header   __LISTED   eval:check_rbl('list', 'relays.test.')
tflags   __LISTED   net
header   IN_RELAYS  eval:check_rbl_sub('list', '127.0.0.2')
tflags   IN_RELAYS  net
score    IN_RELAYS  2.5
urirhssub IN_URIS   uris.test. A 4
body     IN_URIS    eval:check_uridnsbl('IN_URIS')
tflags   IN_URIS    net
score    IN_URIS    3
askdns   NEW_AUTHOR _AUTHORDOMAIN_.fresh.test A /^127[.]2/
tflags   NEW_AUTHOR net
score    NEW_AUTHOR 1
header   BY_DIGEST  eval:check_hashbl_emails('digests.test', 'sha1', 'From')
tflags   BY_DIGEST  net
score    BY_DIGEST  0.5
meta     ALL_OF_IT  IN_RELAYS && IN_URIS && NEW_AUTHOR
score    ALL_OF_IT  0.25
body     LOCAL      /shop/
score    LOCAL      0.125
"""
RELAYS = ":127.0.0.2:listed\n192.0.2.99\n"
URIS = ":127.0.0.6:black\nshop.example\n"
FRESH = ":127.2.0.2:new\nauthor.example\n"
DIGESTS = f":127.0.0.2:known\n{hashlib.sha1(b'x@author.example').hexdigest()}\n"


def name_server(room, **zones):
    texts = {"relays.test": RELAYS, "uris.test": URIS, "fresh.test": FRESH, "digests.test": DIGESTS, **zones}
    kinds = {"relays.test": "ip4set", "uris.test": "dnset", "fresh.test": "dnset", "digests.test": "dnset"}
    lists = Rbldnsd(room, texts, kinds=kinds)
    return Unbound(room, [], stubs={zone: lists.port for zone in texts}).server


def gateway_with_rules(room, network_tests=True, **zones):
    server = name_server(room, **zones)
    rules = room.write("network.cf", RULES)
    return Gateway(room, dns_servers=[server], transport_maps=["inline:{home.example=discard:}"], pipeline=["score"],
                   filter={"score": {"rules": [str(rules)], "network_tests": network_tests}})


def scored(gateway, address):
    text = b"From: <x@author.example>\r\nSubject: s\r\n\r\nhttp://www.shop.example/\r\n"
    with gateway.client() as client:
        client.xclient(address=address, helo="client.example")
        client.ehlo()
        answer = client.send("a@away.example", "alice@home.example", text)
    equal(answer.code, 250, answer.text)
    line = gateway.wait_log(f"accepted queue={answer.text.split()[-1]}")
    return float(line.split("score=")[1].split()[0])


@case
def lists_of_relays_uris_and_authors_add_to_the_score(room):
    gateway = gateway_with_rules(room)

    equal(scored(gateway, "192.0.2.99"), 2.5 + 3 + 1 + 0.5 + 0.25 + 0.125, "a listed relay")
    equal(scored(gateway, "192.0.2.98"), 3 + 1 + 0.5 + 0.125, "a relay that is not listed")


@case
def without_network_tests_nothing_is_asked(room):
    gateway = gateway_with_rules(room, network_tests=False)

    equal(scored(gateway, "192.0.2.99"), 0.125, "local rules alone")


@case
def a_silent_dns_costs_its_timeout_and_not_the_message(room):
    rules = room.write("network.cf", RULES + "rbl_timeout 1\n")
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    gateway = Gateway(room, dns_servers=[f"127.0.0.1:{silent.getsockname()[1]}"], transport_maps=["inline:{home.example=discard:}"],
                      pipeline=["score"], filter={"score": {"rules": [str(rules)], "network_tests": True}})

    begin = time.monotonic()
    equal(scored(gateway, "192.0.2.99"), 0.125, "local rules alone")
    expect(time.monotonic() - begin < 8, "the message waited longer than rbl_timeout and a margin")


MESSAGE = """Received: from client.example (client.example [192.0.2.99])
\tby mx.home.example (Postern) with ESMTP id 1; Mon, 2 Nov 2026 10:00:00 +0000
From: <x@author.example>
Subject: s

http://www.shop.example/
"""


def postern(room, *arguments):
    run = subprocess.run([executable(), *map(str, arguments)], capture_output=True, text=True, timeout=60)
    equal(run.returncode, 0, run.stderr[:2000])
    return run.stdout


@case
def a_scan_on_the_command_line_asks_the_lists_unless_it_is_local(room):
    server, rules = name_server(room), room.write("network.cf", RULES)
    first, second = room.write("first.eml", MESSAGE), room.write("second.eml", MESSAGE.replace(".99]", ".98]"))

    lines = postern(room, "scan", "--rules", rules, "--resolver", server, first, second).splitlines()
    equal([line.split("\t")[1:] for line in lines],
          [["7.375", "ALL_OF_IT,BY_DIGEST,IN_RELAYS,IN_URIS,LOCAL,NEW_AUTHOR"], ["4.625", "BY_DIGEST,IN_URIS,LOCAL,NEW_AUTHOR"]],
          "score and rules of both messages, one after the other")
    several = postern(room, "scan", "--rules", rules, "--resolver", server, "--jobs", "2", first, second, first).splitlines()
    equal([line.split("\t")[1] for line in several], ["7.375", "4.625", "7.375"], "two threads")
    equal(postern(room, "scan", "--local", "--rules", rules, first).split("\t")[1:], ["0.125", "LOCAL\n"], "local rules alone")


@case
def an_explanation_knows_what_the_lists_said_where_it_is_asked_to(room):
    server, rules = name_server(room), room.write("network.cf", RULES)
    message = room.write("message.eml", MESSAGE)

    told = postern(room, "rules", "explain", "--rules", rules, "--network", "--resolver", server, message)
    expect("IN_RELAYS" in told and "BY_DIGEST" in told and "7.38" in told, told)
    expect("IN_RELAYS" not in postern(room, "rules", "explain", "--rules", rules, message), "nothing is asked by default")


@case
def a_scan_without_a_dns_waits_for_rbl_timeout_at_the_longest(room):
    rules = room.write("network.cf", RULES + "rbl_timeout 1\n")
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))

    begin = time.monotonic()
    line = postern(room, "scan", "--rules", rules, "--resolver", f"127.0.0.1:{silent.getsockname()[1]}",
                   room.write("message.eml", MESSAGE))
    equal(line.split("\t")[1], "0.125", "local rules alone")
    expect(time.monotonic() - begin < 5, "the scan waited longer than rbl_timeout and a margin")


main()
