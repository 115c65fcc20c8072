"""Runs a command on a terminal of its own: terminal.py WIDTH RAW_FILE COMMAND...

What the command wrote is kept in RAW_FILE; printed is what a person sees at the end, a line each. The status is the
command's.
"""
import fcntl
import os
import pty
import re
import struct
import sys
import termios


class Screen:
    """As much of a terminal as the tests need: the end of lines, what moves to their beginning, what clears them."""

    def __init__(self, width):
        self.width, self.lines, self.row, self.column, self.wraps = width, [[]], 0, 0, True

    def write(self, text):
        for part in re.findall(r"\033\[[?0-9;]*[A-Za-z]|.", text, re.DOTALL):
            if part.startswith("\033["):
                self.control(part)
            elif part == "\r":
                self.column = 0
            elif part == "\n":
                self.new_line(self.column)
            else:
                self.put(part)

    def control(self, part):
        if part == "\033[K":
            del self.lines[self.row][self.column:]
        elif part in ("\033[?7l", "\033[?7h"):
            self.wraps = part == "\033[?7h"
        elif not part.endswith("m"):
            raise ValueError("the test's terminal does not know " + repr(part))

    def new_line(self, column):
        self.row, self.column = self.row + 1, column
        self.lines.append([])

    def put(self, character):
        if self.column >= self.width:
            if self.wraps:
                self.new_line(0)
            else:
                self.column = self.width - 1
        line = self.lines[self.row]
        line.extend(" " * (self.column - len(line)))
        line[self.column:self.column + 1] = character
        self.column += 1


def read_all(descriptor):
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # the last one to write is gone
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)


def main():
    width, raw_file, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    pid, descriptor = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        os.execvp(command[0], command)
    raw = read_all(descriptor)
    with open(raw_file, "wb") as file:
        file.write(raw)
    screen = Screen(width)
    screen.write(raw.decode())
    print("\n".join("".join(line).rstrip() for line in screen.lines).rstrip("\n"))
    status = os.waitpid(pid, 0)[1]
    sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


main()
