"""Blocklists as they are in life: rbldnsd has the zone, unbound asks it, the gateway asks unbound."""
import time

from harness import Gateway, case, equal, expect, main, simple
from harness.names import Rbldnsd, Unbound

TEST_POINT = ":127.0.0.2:listed, see http://bl.example/$\n127.0.0.2\n"


def gateway_with_lists(room, zones, sites, **settings):
    lists = Rbldnsd(room, zones)
    names = Unbound(room, [], stubs={zone: lists.port for zone in zones})
    return Gateway(room, dns_servers=[names.server], transport_maps=["inline:{home.example=discard:}"], pipeline=["dnsbl"],
                   filter={"dnsbl": {"dnsbl_sites": sites, **settings}})


def from_address(gateway, address, sender="a@away.example", to="alice@home.example"):
    with gateway.client() as client:
        answer = client.xclient(address=address, helo="client.example")
        if answer.code != 220:
            return answer
        client.ehlo()
        return client.send(sender, to, simple())


@case
def a_listed_client_is_refused_with_the_name_of_the_list_and_others_pass(room):
    gateway = gateway_with_lists(room, {"bl.test": TEST_POINT + "192.0.2.99\n198.51.100.0/24\n"}, ["bl.test"])

    for listed in ("192.0.2.99", "198.51.100.7"):
        answer = from_address(gateway, listed)
        equal(answer.code // 100, 5, f"{listed}: {answer}")
        expect("bl.test" in answer.text, f"the reply does not name the list: {answer}")
    equal(from_address(gateway, "192.0.2.98").code, 250, "a client that is not listed")
    line = gateway.wait_log("refused", "192.0.2.99")
    expect("bl.test" in line, f"the log does not name the list: {line}")


@case
def postmaster_is_reached_from_a_listed_address(room):
    gateway = gateway_with_lists(room, {"bl.test": TEST_POINT + "192.0.2.99\n"}, ["bl.test"])

    equal(from_address(gateway, "192.0.2.99", to="postmaster@home.example").code, 250, "postmaster")


@case
def weights_add_up_to_the_threshold_and_an_allow_list_takes_off(room):
    zones = {"one.test": TEST_POINT + "192.0.2.1\n192.0.2.2\n192.0.2.3\n",
             "two.test": TEST_POINT + "192.0.2.2\n192.0.2.3\n",
             "good.test": TEST_POINT + "192.0.2.3\n"}
    gateway = gateway_with_lists(room, zones, ["one.test*2", "two.test=127.0.0.2*2", "good.test*-3"], dnsbl_threshold=3)

    equal(from_address(gateway, "192.0.2.1").code, 250, "weight 2 of 3")
    equal(from_address(gateway, "192.0.2.2").code // 100, 5, "weight 4 of 3")
    equal(from_address(gateway, "192.0.2.3").code, 250, "weight 1 of 3")


@case
def an_answer_that_is_not_among_the_codes_counts_nothing(room):
    zones = {"bl.test": ":127.0.0.2:listed\n127.0.0.2\n:127.0.0.9:other\n192.0.2.9\n:127.255.255.254:error\n192.0.2.8\n"}
    gateway = gateway_with_lists(room, zones, ["bl.test=127.0.0.[2..4]"])

    equal(from_address(gateway, "192.0.2.9").code, 250, "127.0.0.9")
    equal(from_address(gateway, "192.0.2.8").code, 250, "127.255.255.254")


@case
def a_list_that_lists_the_world_is_switched_off_by_its_test_points(room):
    gateway = gateway_with_lists(room, {"mad.test": ":127.0.0.2:all of you\n127.0.0.0/8\n192.0.2.0/24\n"}, ["mad.test"])

    for _ in range(3):
        equal(from_address(gateway, "192.0.2.50").code, 250, "a client, listed with everybody else")
    gateway.wait_log("dnsbl-zone-ignored", "mad.test")


@case
def a_list_that_does_not_answer_delays_nobody_beyond_its_deadline(room):
    names = Unbound(room, [], stubs={"dead.test": 9})
    gateway = Gateway(room, dns_servers=[names.server], transport_maps=["inline:{home.example=discard:}"], pipeline=["dnsbl"],
                      filter={"dnsbl": {"dnsbl_sites": ["dead.test"], "dnsbl_timeout": "1s", "deadline": "2s"}})

    start = time.monotonic()
    answer = from_address(gateway, "192.0.2.1")

    equal(answer.code, 250, str(answer))
    expect(time.monotonic() - start < 6, f"took {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
