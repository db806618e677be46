"""names.py: real DNS servers on loopback: unbound for names, rbldnsd for a blocklist's zone."""
import os
import socket
import struct

from .room import free_port, program, until


def answers(port, name, kind=1):
    """Whether a DNS server answers there at all."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.settimeout(0.3)
        udp.connect(("127.0.0.1", port))
        try:
            udp.send(struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", kind, 1))
            return len(udp.recv(4096)) > 12
        except OSError:
            return False


class Rbldnsd:
    """zones: {name: text}; kinds: {name: "dnset"} where it is no ip4set."""

    def __init__(self, room, zones, kinds=None):
        binary = program("rbldnsd", "rbldnsd")
        self.port, self.zones = free_port(), zones
        arguments = [binary, "-n", "-b", f"127.0.0.1/{self.port}", "-w", room.path]
        if os.geteuid() == 0:
            arguments += ["-u", "nobody"]
        for number, (zone, text) in enumerate(zones.items()):
            room.write(f"zone{number}", text)
            arguments.append(f"{zone}:{(kinds or {}).get(zone, 'ip4set')}:zone{number}")
        self.process = room.start(arguments)
        until(lambda: answers(self.port, "2.0.0.127." + next(iter(zones))), what="rbldnsd answers")


class Unbound:
    """records: lines as in a zone file. stubs: {zone: port of the server on 127.0.0.1 that has it}."""

    def __init__(self, room, records, stubs=None, zones=()):
        binary = program("unbound", "unbound")
        self.port = free_port()
        lines = [f"  local-data: '{record}'" for record in records]
        stub = "".join(f"stub-zone:\n  name: {zone}\n  stub-addr: 127.0.0.1@{port}\n"
                       for zone, port in (stubs or {}).items())
        local = "".join(f"  local-zone: {zone}. static\n" for zone in zones)
        open_zones = "".join(f"  local-zone: {zone}. transparent\n  domain-insecure: {zone}.\n" for zone in stubs or {})
        config = room.write("unbound.conf", f"""
server:
  interface: 127.0.0.1
  port: {self.port}
  access-control: 127.0.0.0/8 allow
  do-ip6: no
  do-daemonize: no
  do-not-query-localhost: no
  chroot: ""
  directory: {room.path}
  username: "{'' if os.geteuid() != 0 else 'unbound'}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  module-config: "iterator"
  num-threads: 1
  cache-max-negative-ttl: 1
  root-hints: /dev/null
{local}{open_zones}{chr(10).join(lines)}
remote-control:
  control-enable: no
{stub}""")
        self.process = room.start([binary, "-d", "-c", config])
        until(lambda: answers(self.port, "example"), what="unbound answers")

    @property
    def server(self):
        return f"127.0.0.1:{self.port}"
