"""harness: what the system tests share. Python's standard library only; every process is started
by a Room and ended by it, by pid; nothing listens on or speaks to anything but 127.0.0.0/8."""
from .case import Failure, Skip, case, expect, equal, main
from .client import SmtpClient, Reply
from .gateway import Gateway, executable
from .messages import canonical, corpus, maildir, simple, split_block
from .room import Room, free_port, program, testdata, until
from .sink import Sink

__all__ = ["Failure", "Skip", "case", "expect", "equal", "main", "SmtpClient", "Reply", "Gateway",
           "executable", "canonical", "corpus", "maildir", "simple", "split_block", "Room", "free_port",
           "program", "testdata", "until", "Sink"]
