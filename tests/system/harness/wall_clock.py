"""wall_clock.py: a wall clock of the gateway's own that the test moves while it runs."""
import mmap
import pathlib
import shutil
import struct
import subprocess

from .room import program

SOURCE = pathlib.Path(__file__).with_name("shifted_clock.c")


class WallClock:
    """Give `environment` to a Gateway; move() then shifts its idea of the date, but not its steady clock."""

    def __init__(self, room):
        compiler = shutil.which("clang-19") or program("cc", "clang-19")
        library = room / "shifted_clock.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, SOURCE], check=True)
        path = room.write("shift", struct.pack("=q", 0))
        with open(path, "r+b") as file:
            self._shift = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(library), "SHIFTED_CLOCK": str(path)}

    def move(self, seconds):
        """From here on the wall clock is so many seconds away from the true one."""
        self._shift[:] = struct.pack("=q", int(seconds))
