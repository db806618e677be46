"""Rules that ask DNS lists, from the cage: the scan worker asks the gateway, the gateway asks unbound, unbound rbldnsd."""
import socket
import time

from harness import Gateway, case, equal, expect, main, simple
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
meta     ALL_OF_IT  IN_RELAYS && IN_URIS && NEW_AUTHOR
score    ALL_OF_IT  0.25
body     LOCAL      /shop/
score    LOCAL      0.125
"""
RELAYS = ":127.0.0.2:listed\n192.0.2.99\n"
URIS = ":127.0.0.6:black\nshop.example\n"
FRESH = ":127.2.0.2:new\nauthor.example\n"


def gateway_with_rules(room, network_tests=True, **zones):
    texts = {"relays.test": RELAYS, "uris.test": URIS, "fresh.test": FRESH, **zones}
    kinds = {"relays.test": "ip4set", "uris.test": "dnset", "fresh.test": "dnset"}
    lists = Rbldnsd(room, texts, kinds=kinds)
    names = Unbound(room, [], stubs={zone: lists.port for zone in texts})
    rules = room.write("network.cf", RULES)
    return Gateway(room, dns_servers=[names.server], transport_maps=["inline:{home.example=discard:}"], pipeline=["score"],
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

    equal(scored(gateway, "192.0.2.99"), 2.5 + 3 + 1 + 0.25 + 0.125, "a listed relay")
    equal(scored(gateway, "192.0.2.98"), 3 + 1 + 0.125, "a relay that is not listed")


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


main()
