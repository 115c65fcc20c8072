"""Nothing dangerous is in reach: every object that session code can name, and all that hangs on it, is looked at.

The walk reads as session code reads: names through the rule for attributes, private ones and formatters through the
guards, classes by type(), methods of samples by calling them. A module, frame, code object, traceback or metaclass, or
one of a list of functions and classes, may not be met.
"""

import builtins
import collections
import functools
import importlib
import io
import operator
import os
import sys
import types
import unittest

from harness import Steps

import attributes
import classes
from modules import NAMES
from names import is_allowed_attribute

MAX_DEPTH = 6
ALIKE = 25  # the rest look the same

DANGEROUS = {
    "open": open, "io.open_code": io.open_code, "FileIO": io.FileIO, "eval": eval, "exec": exec, "compile": compile,
    "__import__": builtins.__import__, "import_module": importlib.import_module, "globals": globals, "locals": locals,
    "vars": vars, "dir": dir, "input": input, "getattr": getattr, "hasattr": hasattr, "setattr": setattr, "delattr": delattr,
    "type": type, "breakpoint": breakpoint, "memoryview": memoryview, "print": print, "object.__subclasses__": object.__subclasses__,
    "update_wrapper": functools.update_wrapper, "wraps": functools.wraps, "attrgetter": operator.attrgetter,
    "methodcaller": operator.methodcaller, "str.format": str.format, "str.format_map": str.format_map, "os.system": os.system,
    "sys.exit": sys.exit, "sys._getframe": sys._getframe, "CodeType": types.CodeType, "ModuleType": types.ModuleType,
    "FrameType": types.FrameType, "TracebackType": types.TracebackType, "CellType": types.CellType,
    "namedtuple": collections.namedtuple, "dataclass": importlib.import_module("dataclasses").dataclass,
    "total_ordering": functools.total_ordering,
}  # fmt: skip

# the classes that code can name are where the walk starts
type_of = classes.Type(frozenset())

# one of each kind of object that code can make, in its own words
SAMPLES = """
import re, collections, datetime, decimal, fractions, io, functools, contextlib, csv, difflib, hashlib, textwrap, random, types
import statistics, itertools, json, enum, dataclasses, urllib.parse as parse, operator, string, time, abc, copy, calendar
def function(a, b=1): return a
def generator():
    yield 1
class Plain:
    'doc'
    def __init__(self): self._a = 1
    def method(self): return self
    @property
    def prop(self): return 1
    @classmethod
    def made(cls): return cls()
    @staticmethod
    def still(): return 1
class Child(Plain, abc.ABC): pass
class Colour(enum.Enum): RED = 1
class Bits(enum.Flag): A = 1
@dataclasses.dataclass
class Data: x: int = 1
Point = collections.namedtuple('Point', 'x y')
@contextlib.contextmanager
def managed(): yield 1
errors = []
for bad in (lambda: [].x, lambda: {}['k'], lambda: 1 / 0, lambda: int('x'), lambda: nosuch, lambda: json.loads('{'), lambda: next(iter([])), lambda: read_file('nosuch'), lambda: b'\\xff'.decode('utf-8'), lambda: re.compile('('), lambda: '{0.__x}'.format):
    try: bad()
    except Exception as error: errors.append(error)
chain = None
try:
    try: 1 / 0
    except ZeroDivisionError as cause: raise ValueError('a') from cause
except ValueError as error: chain = error
samples = [
    function, generator, generator(), (x for x in 'a'), lambda: 0, Plain, Plain(), Child, Child(), Plain().method, Plain.made, Colour, Colour.RED, Bits.A,
    Data, Data(), dataclasses.fields(Data), dataclasses.field(), Point, Point(1, 2), managed, managed(), errors, chain, re.compile('(?P<a>a)'),
    re.match('(?P<a>a)', 'a'), re.compile('a').scanner('a'), datetime.datetime(2024, 1, 1), datetime.timedelta(1), datetime.timezone.utc, decimal.Decimal(1),
    decimal.getcontext(), decimal.localcontext(), fractions.Fraction(1, 2), io.StringIO('a'), io.BytesIO(b'a'), functools.partial(len), functools.lru_cache(None)(function),
    functools.cached_property(function), contextlib.suppress(), contextlib.nullcontext(), contextlib.closing(io.StringIO()), csv.reader(['a']), csv.writer(io.StringIO()), csv.DictReader(['a']),
    csv.excel, difflib.SequenceMatcher(None, 'a', 'b'), difflib.Differ(), hashlib.sha256(), textwrap.TextWrapper(), random.Random(1), types.SimpleNamespace(a=1),
    statistics.NormalDist(), itertools.count(), itertools.chain('a'), itertools.groupby('a'), itertools.tee('a'), collections.Counter('a'), collections.ChainMap(), collections.deque('a'),
    collections.defaultdict(list), collections.OrderedDict(), parse.urlparse('http://a/b?c'), operator.itemgetter(0), operator.attrgetter('a'), operator.methodcaller('a'), time.gmtime(0),
    string.ascii_letters, 'text', b'bytes', bytearray(b'a'), 1, 1.5, 1j, True, None, ..., NotImplemented, [], {}, (), set(), frozenset(), range(3), slice(1), iter([]), iter({}), zip(), map(len, []), filter(None, []),
    enumerate([]), reversed([]), property(function), staticmethod(function), classmethod(function), type(1), type(int), type(function), type(Plain().method), type(len), type([].append), {}.keys(), {}.items(), object(),
    list[int], functools.cmp_to_key(function), CONTEXT, CONTEXT['a.txt'], CONTEXT.items(), context, chunks('a.txt'), chunks('a.txt')[0], grep('a'), list_files, sub_rlm, json, re.I, calendar.month_name, copy.copy(Plain()), '{}'.format, str.format,
]
"""
# methods that spoil the sample for those after them, or are no business of this walk
NOT_CALLED = frozenset({"close", "clear", "detach", "utcnow", "utcfromtimestamp"})


class Reach(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        steps = Steps({"a.txt": "line one\nline two\n"})
        steps.output(SAMPLES)
        session = steps.session
        cls.starts = [(name, value) for name, value in session.builtins.items() if not name.startswith("__")]
        cls.starts += list(session.functions.items())
        for module in NAMES:
            members = object.__getattribute__(session.modules.load(module), "_members")
            cls.starts += [("%s.%s" % (module, name), value) for name, value in members.items()]
        cls.samples = [("samples[%d]" % at, value) for at, value in enumerate(session.globals["samples"])]

    def test_nothing_dangerous_hangs_on_what_session_code_can_name(self):
        found, seen = walk(self.starts + self.samples)
        self.assertEqual(found, [])
        self.assertGreater(seen, 2500)

    def test_nothing_dangerous_comes_from_calling_a_method_of_what_session_code_can_make(self):
        results = []
        for path, value in self.samples:
            if not isinstance(value, (type, types.FunctionType)):
                results += call_methods(path, value)
        found, _ = walk(results)
        self.assertEqual(found, [])

    def test_nothing_that_all_steps_share_can_be_changed(self):
        """No list, dict or the like of the library's is met, and no object whose attributes code may set."""
        changeable = (list, dict, set, bytearray, collections.deque)
        found, seen = [], {}
        queue = collections.deque((path, value, 0) for path, value in self.starts)
        while queue:
            path, value, depth = queue.popleft()
            if id(value) in seen or depth >= MAX_DEPTH:
                continue
            seen[id(value)] = value
            again = dict(neighbours(value))
            for way, other in neighbours(value):
                if other is again.get(way):  # not made anew for whoever asks
                    if isinstance(other, changeable) or attributes._writable(other):
                        found.append(path + way)
                    queue.append((path + way, other, depth + 1))
        self.assertEqual(found, [])
        self.assertGreater(len(seen), 1500)

    def test_the_walk_finds_what_is_put_in_its_way(self):
        def function():
            return sys._getframe()

        holder = types.SimpleNamespace(a=types.SimpleNamespace(b=[{"k": (open,)}]))
        for value in (holder, sys, [function()], {"c": function.__code__}, (type,), type("Meta", (type,), {}), types.SimpleNamespace(f=os.system)):
            with self.subTest(value):
                self.assertEqual(len(walk([("planted", value)])[0]), 1)


def walk(starts, alike=ALIKE):
    """([path and name of what may not be met], objects looked at); so many instances of a class are looked into."""
    dangerous = {id(value): name for name, value in DANGEROUS.items()}
    queue = collections.deque((path, value, 0) for path, value in starts)
    seen, met, found = {}, collections.Counter(), []
    while queue:
        path, value, depth = queue.popleft()
        if id(value) in seen:
            continue
        seen[id(value)] = value  # kept: an id is used again when its object is gone
        if is_forbidden(value) or id(value) in dangerous:
            found.append("%s: %s" % (path, dangerous.get(id(value), type(value).__name__)))
            continue
        kind = type(value)
        met[kind] += 1
        if depth >= MAX_DEPTH or not isinstance(value, (type, types.FunctionType)) and met[kind] > alike:
            continue
        queue.extend((path + way, other, depth + 1) for way, other in neighbours(value))
    return found, len(seen)


def is_forbidden(value):
    if isinstance(value, (types.ModuleType, types.FrameType, types.CodeType, types.TracebackType, types.CellType)):
        return True
    return isinstance(value, type) and issubclass(value, type)


def neighbours(value):
    """[(how it is written, the object)] that session code gets from `value` without a call."""
    found = [(".__class__ by type()", type_of(value))]
    for name in {*dir(value), *dir(type(value))}:  # a class's own names are not those that its metaclass gives it
        if not is_allowed_attribute(name):
            continue
        try:
            found.append(("." + name, attributes.get_attribute(value, name)))
        except Exception:
            continue  # it has none
    if isinstance(value, (list, tuple, set, frozenset)):
        found += [("[%d]" % at, item) for at, item in enumerate(list(value)[:200])]
    if type(value) in (dict, types.MappingProxyType, collections.OrderedDict, collections.defaultdict):
        found += [("[%r]" % (key,), item) for key, item in list(value.items())[:300]]
    return found


def call_methods(path, value):
    """What the methods of `value` give when they are called without an argument."""
    results = []
    for way, method in neighbours(value):
        if not callable(method) or isinstance(method, type) or way[1:] in NOT_CALLED:
            continue
        try:
            result = method()
        except BaseException:
            continue  # it needs arguments
        results.append((path + way + "()", result))
    return results


if __name__ == "__main__":
    unittest.main()
