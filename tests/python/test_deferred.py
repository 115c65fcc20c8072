"""deferred: after it has read what may be needed, every allowed module is imported without opening a file."""

import os
import subprocess
import sys
import tempfile
import unittest

from harness import Steps  # noqa: F401  (puts the runner's folder on sys.path)

import deferred
import modules

FOLDER = os.path.dirname(os.path.abspath(deferred.__file__))
BEGINNING = """
import sys
sys.path.insert(0, sys.argv[1])
import deferred, modules, time  # the runner's own modules are read before as well
time.localtime()
deferred.install()
opened = []
sys.addaudithook(lambda event, args: opened.append((event, str(args[0]))) if event in ("open", "os.listdir", "os.scandir") else None)
"""


def run(code, *options):
    """What `code` prints in a fresh interpreter started as the runner is, behind the deferred imports."""
    started = subprocess.run([sys.executable, "-I", "-S", "-B", "-X", "utf8", *options, "-c", BEGINNING + code, FOLDER], capture_output=True, text=True, cwd="/", env={}, timeout=60)
    if started.returncode != 0:
        raise AssertionError(started.stderr)
    return started.stdout


class Imports(unittest.TestCase):
    def test_every_allowed_module_and_what_c_code_imports_comes_from_what_was_read(self):
        names = sorted({*modules.NAMES, *modules.C_IMPORTS})
        self.assertEqual(run("for name in %r: __import__(name)\nprint(opened)" % names), "[]\n")

    def test_each_of_them_can_be_the_first(self):
        code = "import posix as os\nfor name in %r:\n    if os.fork() == 0:\n        try: __import__(name)\n        except BaseException as error: print(name, repr(error), flush=True); os._exit(1)\n        print(opened, end='') if opened else None\n        os._exit(0)\n    os.wait()" % sorted(modules.NAMES)
        self.assertEqual(run(code), "")

    def test_every_listed_name_of_every_module_is_there_as_it_is_without(self):
        here = modules.Modules(None)
        members = {name: sorted(object.__getattribute__(here.load(name), "_members")) for name in modules.NAMES if name != "urllib"}
        code = "loader = modules.Modules(None)\nprint({name: sorted(object.__getattribute__(loader.load(name), '_members')) for name in %r} == %r, opened)"
        self.assertEqual(run(code % (list(members), members)), "True []\n")

    def test_what_they_do_at_their_first_use_needs_no_file_either(self):
        code = """
import datetime, re, json, decimal, statistics, csv, io, random, unicodedata, hashlib, calendar, textwrap, difflib, pprint, dataclasses, enum, html, locale
datetime.datetime.strptime("2024-01-02 Tue", "%Y-%m-%d %a"); datetime.datetime(2024, 1, 1).strftime("%c")
for name in ("idna", "utf-16", "utf-32", "latin-1", "cp1252", "ascii", "utf-8-sig", "unicode_escape", "raw_unicode_escape"): "ab".encode(name).decode(name)
re.sub("(a)", r"\\\\g<1>", "a"); json.loads("[1.5]"); decimal.Decimal("1.5").quantize(decimal.Decimal(1)); statistics.quantiles([1, 2, 3]); list(csv.DictReader(io.StringIO("a\\nb")))
html.unescape("&eacute;"); pprint.pformat({1: [2]}); hashlib.new("sha256", b"") if hasattr(hashlib, "new") else None; hashlib.blake2b(b"").hexdigest(); calendar.month(2024, 1)
try: b"\\xff".decode("utf-8")
except UnicodeDecodeError: pass
dataclasses.make_dataclass("A", ["b"]); enum.Enum("E", "A B"); re.compile("[a&&b]"); eval("1 is 1")
print(opened)
"""
        self.assertEqual(run(code, "-W", "ignore"), "[]\n")

    def test_no_other_module_can_be_imported(self):
        code = "found = []\nfor name in ('socket', 'subprocess', 'ctypes', 'shutil', 'tempfile', 'multiprocessing', 'http.client', 'urllib.request', 'asyncio', 'ssl', 'sqlite3', 'pathlib'):\n    try: __import__(name); found.append(name)\n    except ImportError: pass\nprint(found, sys.path)"
        self.assertEqual(run(code), "[] []\n")


class Compiled(unittest.TestCase):
    """Bytecode is taken only when this interpreter made it from this source."""

    def read(self, data, size=100, modified=1000):
        status = os.stat_result((0, 0, 0, 0, 0, 0, size, 0, modified, 0))
        path = os.path.join(self.folder, "x.pyc")
        with open(path, "wb") as file:
            file.write(data)
        return deferred._read_compiled(path, status)

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        self.magic = deferred.MAGIC_NUMBER

    def header(self, flags, modified, size):
        return self.magic + b"".join(number.to_bytes(4, "little") for number in (flags, modified, size))

    def test_bytecode_of_this_source_is_taken(self):
        self.assertEqual(bytes(self.read(self.header(0, 1000, 100) + b"code")), b"code")

    def test_bytecode_that_is_valid_by_its_hash_is_taken(self):
        self.assertEqual(bytes(self.read(self.header(1, 0, 0) + b"code")), b"code")

    def test_bytecode_of_another_source_or_interpreter_is_not(self):
        for header in (self.header(0, 999, 100), self.header(0, 1000, 101), b"\0\0\0\0" + self.header(0, 1000, 100)[4:]):
            self.assertIsNone(self.read(header + b"code"))

    def test_a_module_without_bytecode_is_compiled_from_its_source(self):
        for name, text in (("plain", "x = 1\n"), ("pack", None)):
            path = os.path.join(self.folder, name + ".py" if text else name)
            if text is None:
                os.mkdir(path)
                path = os.path.join(path, "__init__.py")
            with open(path, "w") as file:
                file.write("value = %r\n" % name)
        self.assertEqual(deferred._read_module(self.folder, "plain")[1:], (False, b"value = 'plain'\n"))
        self.assertEqual(deferred._read_module(self.folder, "pack")[1:], (True, b"value = 'pack'\n"))
        self.assertIsNone(deferred._read_module(self.folder, "nosuch"))


if __name__ == "__main__":
    unittest.main()
