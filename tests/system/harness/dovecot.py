"""dovecot.py: a real Dovecot that takes mail over LMTP, on TCP and on a Unix socket."""
import getpass
import grp
import os
import pwd
import subprocess

from .messages import maildir
from .room import OWNER, free_port, program, until, wait_for_port


class Dovecot:
    """Any user exists; mail is kept as Maildir with CRLF, as it came."""

    def __init__(self, room):
        binary = program("dovecot", "dovecot-lmtpd")
        root = os.geteuid() == 0
        mine = getpass.getuser()
        owner = pwd.getpwnam(OWNER) if root else pwd.getpwuid(os.geteuid())
        internal = ("dovecot", "dovenull") if root else (mine, mine)
        group = "dovecot" if root else grp.getgrgid(os.getegid()).gr_name
        self.room, self.port, self.socket = room, free_port(), room / "dovecot.lmtp"
        self.homes = room.folder("dovecot-homes")
        self.log = room / "dovecot.log"
        self.config = room.write("dovecot.conf", f"""
base_dir = {room / "dovecot-run"}
state_dir = {room / "dovecot-run"}
log_path = {self.log}
protocols = lmtp
ssl = no
default_internal_user = {internal[0]}
default_internal_group = {group}
default_login_user = {internal[1]}
mail_location = maildir:~/Maildir
mail_save_crlf = yes
mail_fsync = never
recipient_delimiter =
lmtp_save_to_detail_mailbox = no
first_valid_uid = 1
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={self.homes}/%u allow_all_users=yes
}}
service lmtp {{
  chroot =
  process_limit = 8
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.port}
  }}
  unix_listener {self.socket} {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
""")
        self.process = room.start([binary, "-F", "-c", self.config], log=room / "dovecot-start.log")
        wait_for_port(self.port, self.process)
        until(self.socket.exists, what="Dovecot's socket")

    @property
    def tcp(self):
        return f"lmtp:inet:127.0.0.1:{self.port}"

    @property
    def unix(self):
        return f"lmtp:unix:{self.socket}"

    def messages(self, user):
        """What is in that user's INBOX, octet for octet."""
        return maildir(self.homes / user / "Maildir")

    def users(self):
        return sorted(entry.name for entry in self.homes.iterdir())

    def fetch(self, user):
        """All of that user's messages as Dovecot itself reads them out."""
        done = subprocess.run([program("doveadm", "dovecot-core"), "-c", str(self.config), "fetch", "-u", user, "text", "all"],
                              capture_output=True, timeout=60, check=True)
        return done.stdout
