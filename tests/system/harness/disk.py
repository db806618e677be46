"""disk.py: file systems of a test's own, to be cut off, filled up, or made short of inodes. Root only."""
import fcntl
import os
import struct
import subprocess

from .room import OWNER, program, until

FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2


def _mount(arguments, what):
    from .case import Skip
    if os.geteuid() != 0:
        raise Skip(f"mounting {what} needs root")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise Skip(f"{what} cannot be mounted here: {done.stderr.strip()}")


def small_disk(room, size, inodes=0):
    """A tmpfs of `size`, with room for so many `inodes`; returns its path."""
    path = room / "small"
    path.mkdir()
    options = f"size={size},mode=755,uid={OWNER}" + (f",nr_inodes={inodes}" if inodes else "")
    _mount(["-t", "tmpfs", "-o", options, "tmpfs", path], "a small tmpfs")
    room.at_end(lambda: subprocess.run(["umount", "-l", path], check=True))
    return path


class Disk:
    """An ext4 in a file, mounted by loop: cut() is a power cut."""

    def __init__(self, room, size=1 << 30):
        self.image, self.path = room / "disk.img", room / "disk"
        self.path.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(size)
        subprocess.run([program("mkfs.ext4", "e2fsprogs"), "-q", "-F", self.image], check=True, capture_output=True)
        self.mount()
        room.at_end(self.unmount)

    def folder(self, name):
        """A folder on it that the gateway's user may write to."""
        path = self.path / name
        path.mkdir()
        subprocess.run(["chown", OWNER, path], check=True)
        return path

    def mount(self):
        _mount(["-o", "loop", self.image, self.path], "a loop device")

    def unmount(self):
        """What was killed may still be letting go of its files."""
        until(lambda: not os.path.ismount(self.path) or subprocess.run(["umount", self.path], capture_output=True).returncode == 0,
              20, "the disk is unmounted", every=0.1)

    def cut(self):
        """From here on nothing reaches the disk, and what was not synced never did."""
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(folder, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(folder)
