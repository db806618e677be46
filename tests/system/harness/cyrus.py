"""cyrus.py: a real Cyrus lmtpd with mailboxes that it makes at the first delivery."""
import getpass
import os
import shutil

from .room import free_port, program, until, wait_for_port


class Cyrus:
    """`users`: those who may have a mailbox; others do not exist."""

    def __init__(self, room, users="anyone"):
        from .case import Skip
        master = next((p for p in ("/usr/sbin/cyrmaster", "/usr/lib/cyrus/bin/master") if os.access(p, os.X_OK)), None)
        if not master:
            raise Skip("cyrmaster is not installed (Debian package cyrus-imapd)")
        bins = "/usr/lib/cyrus/bin"
        owner = "cyrus" if os.geteuid() == 0 else getpass.getuser()
        self.room, self.port, self.socket = room, free_port(), room / "cyrus" / "socket" / "lmtp"
        top = room / "cyrus"
        for folder in ("config/proc", "config/db", "config/socket", "spool", "socket", "proc"):
            (top / folder).mkdir(parents=True, exist_ok=True)
        self.spool = top / "spool"
        imapd = room.write("cyrus/imapd.conf", f"""
configdirectory: {top}/config
proc_path: {top}/proc
mboxname_lockpath: {top}/config/lock
defaultpartition: default
partition-default: {self.spool}
cyrus_user: {owner}
admins: {owner}
virtdomains: off
defaultdomain: home.example
unixhierarchysep: yes
altnamespace: no
autocreate_post: yes
autocreate_users: {users}
autocreate_quota: 0
lmtpsocket: {self.socket}
lmtp_downcase_rcpt: yes
munge8bit: no
reject8bit: no
sieveusehomedir: no
sievedir: {top}/sieve
duplicatesuppression: no
syslog_prefix: cyrus-{self.port}
""")
        services = room.write("cyrus/cyrus.conf", f"""
START {{
  recover cmd="{bins}/ctl_cyrusdb -C {imapd} -r"
}}
SERVICES {{
  lmtp cmd="{bins}/lmtpd -a -C {imapd}" listen="127.0.0.1:{self.port}" prefork=0 proto=tcp4
  lmtpunix cmd="{bins}/lmtpd -a -C {imapd}" listen="{self.socket}" prefork=0
}}
""")
        if os.geteuid() == 0:
            shutil.chown(top, owner)
            for base, folders, files in os.walk(top):
                for name in folders + files:
                    shutil.chown(os.path.join(base, name), owner)
        self.process = room.start([master, "-C", imapd, "-M", services, "-p", top / "master.pid"], log=room / "cyrus.log")
        wait_for_port(self.port, self.process)
        until(self.socket.exists, what="Cyrus' socket")
        self.socket.chmod(0o777)

    @property
    def tcp(self):
        return f"lmtp:inet:127.0.0.1:{self.port}"

    @property
    def unix(self):
        return f"lmtp:unix:{self.socket}"

    def messages(self):
        """All messages of all mailboxes, octet for octet as Cyrus stores them: {path: octets}."""
        return {str(path.relative_to(self.spool)): path.read_bytes() for path in self.spool.rglob("[0-9]*.")}
