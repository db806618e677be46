"""A mistake in the configuration: refused with its place, its cause and its remedy, exit status 78."""
import re

from harness import Failure, Gateway, case, equal, expect, main

# What is appended to a good configuration's top level, the line it is on there, and words that must be
# in the message.
TOP_LEVEL = {
    "an unknown key": ('relay_domain = ["x.example"]', ["relay_domain", "relay_domains"]),
    "a wrong type": ('message_size_limit = true', ["message_size_limit"]),
    "a number out of bounds": ('smtpd_recipient_limit = 1', ["smtpd_recipient_limit", "100"]),
    "a duration without sense": ('smtpd_timeout = "soon"', ["smtpd_timeout", "soon"]),
    "a size without sense": ('receive_memory_limit = "much"', ["receive_memory_limit", "much"]),
    "a choice that is none": ('smtpd_forbid_bare_newline = "perhaps"', ["perhaps", "normalize"]),
    "a map that is not there": ('virtual_alias_maps = ["hash:/no/such/file"]', ["/no/such/file"]),
    "a map type that is not known": ('virtual_alias_maps = ["hsah:/etc/x"]', ["hsah", "hash"]),
    "a network that is none": ('smtpd_authorized_xclient_hosts = ["127.0.0.300"]', ["127.0.0.300"]),
    "a certificate that is not there": ('smtpd_tls_chain_file = "/no/such.pem"', ["/no/such.pem"]),
    "a filter that is not known": ('pipeline = ["acess"]', ["acess", "access"]),
    "a key twice": ('myhostname = "other.example"', ["myhostname"]),
    "no TOML": ('what is this', []),
    "a string that does not end": ('smtpd_banner = "x', []),
}
TABLES = {
    "an unknown key of a filter": ('[filter.access]\ncheck_sender_acces = []', 2, ["check_sender_acces", "check_sender_access"]),
    "an access table with a word that is no action":
        ('[filter.access]\ncheck_sender_access = ["inline:{x@away.example=REFUSE}"]', 2, ["REFUSE"]),
    "a DNS list without sense": ('[filter.dnsbl]\ndnsbl_sites = ["bl.example=127.0.0.[x]"]', 2, ["127.0.0.[x]"]),
    "rules that are not there": ('[filter.score]\nrules = ["/no/such/rules"]', 2, ["/no/such/rules"]),
    "a table that is not known": ('[fliter.access]\nobserve = true', 1, ["fliter", "filter"]),
    "a listener without sense": ('[[listener]]\nport = 70000', 2, ["port", "65535"]),
}


def check(room, text, line=None, words=()):
    """Runs `postern check` on the text; returns problems with what it said."""
    gateway = Gateway(room, name=f"c{abs(hash(text)) % 10**8}", start=False)
    gateway.config.write_text(text)
    status, out, error = gateway.run("check", "--config", gateway.config)
    said = out + error
    if status != 78:
        return [f"status {status}, said {said!r}"]
    problems = []
    places = [int(m[1]) for m in re.finditer(re.escape(str(gateway.config)) + r":(\d+):\d+: \S", error)]
    if not places:
        problems.append(f"no file:line:column in {error!r}")
    elif line and line not in places:
        problems.append(f"line {line} wanted, {places} named: {error!r}")
    return problems + [f"lacks {word!r}: {error!r}" for word in words if word not in error]


@case
def each_mistake_is_named_with_file_line_and_column_and_ends_with_status_78(room):
    gateway = Gateway(room, start=False)
    good = gateway.config.read_text()
    plain, tables = good.split("\n[[", 1)
    problems = []
    for name, (mistake, words) in TOP_LEVEL.items():
        key = mistake.split(" = ")[0]
        kept = plain if name == "a key twice" else re.sub(rf"(?m)^{re.escape(key)} = .*\n", "", plain)
        line = kept.count("\n") + 2
        for problem in check(room, f"{kept}\n{mistake}\n\n[[{tables}", line, words):
            problems.append(f"{name}: {problem}")
    for name, (mistake, offset, words) in TABLES.items():
        used = re.search(r"filter\.(\w+)", mistake)
        base = good.replace("pipeline = []", f'pipeline = ["{used[1]}"]') if used and "fliter" not in name else good
        for problem in check(room, f"{base}\n{mistake}\n", base.count("\n") + 1 + offset, words):
            problems.append(f"{name}: {problem}")
    if problems:
        raise Failure("\n".join(problems))
    room.note(f"{len(TOP_LEVEL) + len(TABLES)} mistakes")


@case
def several_mistakes_are_named_at_once(room):
    gateway = Gateway(room, start=False)
    gateway.config.write_text('relay_domain = []\nsmtpd_timeout = "soon"\n' + gateway.config.read_text())
    status, _, error = gateway.run("check", "--config", gateway.config)
    equal(status, 78, "status")
    expect(":1:" in error and ":2:" in error, f"both lines: {error!r}")


@case
def a_bad_line_in_a_map_is_named_with_the_maps_own_line(room):
    bad = room.write("routes", "home.example smtp:[127.0.0.1]:2525\n\nother.example carrier-pigeon:loft\n")
    gateway = Gateway(room, start=False, transport_maps=[f"texthash:{bad}"])
    status, _, error = gateway.run("check", "--config", gateway.config)
    equal(status, 78, f"status; said {error!r}")
    expect(f"{bad}:3" in error and "carrier-pigeon" in error, f"the map's line: {error!r}")


@case
def a_bad_rule_is_named_with_its_file_and_line(room):
    rules = room.folder("rules")
    (rules / "x.cf").write_text("body GOOD /good/\nbody BAD /ba(d/\n")
    gateway = Gateway(room, start=False, pipeline=["score"], filter={"score": {"rules": [rules]}})
    status, _, error = gateway.run("check", "--config", gateway.config)
    equal(status, 78, f"status; said {error!r}")
    expect("x.cf:2" in error and "x.cf:1" not in error, f"the rule's line: {error!r}")


@case
def a_good_configuration_passes_and_serve_refuses_what_check_refuses(room):
    gateway = Gateway(room, start=False)
    equal(gateway.run("check", "--config", gateway.config)[0], 0, "status of check")
    gateway.config.write_text("relay_domain = []\n" + gateway.config.read_text())
    status, _, error = gateway.run("serve", "--config", gateway.config)
    expect(status == 78 and ":1:" in error, f"serve: {status} {error!r}")


@case
def a_file_that_is_not_there_is_named(room):
    gateway = Gateway(room, start=False)
    status, _, error = gateway.run("check", "--config", room / "nothing.toml")
    expect(status == 78 and "nothing.toml" in error, f"{status} {error!r}")


@case
def the_commented_default_configuration_is_a_good_one_once_it_listens(room):
    gateway = Gateway(room, start=False)
    status, manual, error = gateway.run("manual")
    equal(status, 0, f"status of manual; said {error!r}")
    expect("minimal_backoff_time" in manual and "relay_domains" in manual, "the manual lacks keys")
    gateway.config.write_text(f'{manual}\n[[listener]]\naddress = "127.0.0.1"\nport = {gateway.port}\n')
    status, _, error = gateway.run("check", "--config", gateway.config)
    equal(status, 0, f"status of check; said {error!r}")


if __name__ == "__main__":
    main()
