"""Runs a command on a terminal of its own and types lines, each when its question is there.

on-terminal.py QUESTION LINES COMMAND...: LINES are typed one a question, separated by "|"; ^D and ^C are those keys.
Prints what the terminal showed; the status is the command's.
"""

import os
import pty
import select
import sys
import time

question, lines, command = sys.argv[1].encode(), sys.argv[2].split("|"), sys.argv[3:]
keys = {"^D": b"\x04", "^C": b"\x03"}
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
shown, asked, limit = b"", 0, time.time() + 20
while time.time() < limit:
    if not select.select([terminal], [], [], 0.1)[0]:
        continue
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    shown += data
    while lines and shown.count(question) > asked:
        asked += 1
        line = lines.pop(0)
        os.write(terminal, keys.get(line, line.encode() + b"\n"))
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
