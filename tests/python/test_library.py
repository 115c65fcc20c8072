"""The library's functions that code can call: what they do by name, or with a class where an object is meant, is known.

A library function that sets an attribute it is told, runs a text or calls what an object says its class is does for session
code what session code may not do. Each that could is listed here with the reason why it gives nothing away.
"""

import types
import unittest
import warnings

from harness import Steps
from test_reach import SAMPLES, neighbours, walk

from modules import NAMES

OURS = frozenset("attributes bindings classes copies functions grep modules output reading replacements session snapshot".split())
TELLING = frozenset(
    """setattr delattr exec eval compile __import__ import_module __dict__ globals vars locals modules __globals__ __code__ __class__
    __self__ __setattr__ __getattribute__ __setstate__ __reduce__ __reduce_ex__ _getframe _getframemodulename""".split()
)
REVIEWED = {
    "ast.parse": "compiles to a syntax tree and no further",
    "base64._bytes_from_decode_data": "names the class in an error",
    "collections.abc._check_methods": "tells whether a class has methods of fixed names",
    "csv.Dialect.__init__": "compares the class",
    "csv.Sniffer._guess_quote_and_delimiter": "compiles patterns of its own",
    "dataclasses.replace": "the object must be of a dataclass, and those are the session's",
    "dataclasses._replace": "the object must be of a dataclass, and those are the session's",
    "enum.Enum.__dir__": "lists names",
    "functools.update_wrapper": "fixed names, on a function that it has made",
    "heapq.merge": "iterates over what it has called",
    "json.loads": "names the class in an error",
    "random.Random.__init_subclass__": "looks for fixed names in the new class",
    "re._compile": "calls the compiler of patterns",
    "typing.ForwardRef.__init__": "compiles and keeps it; what would evaluate it is out of reach",
    "typing.NamedTuple": "reads the name of its caller's module",
    "typing.ParamSpec.__init__": "reads the name of its caller's module",
    "typing.TypeVar.__init__": "reads the name of its caller's module",
    "typing._caller": "reads the name of its caller's module",
}


def starting_points():
    steps = Steps({"a.txt": "one\n"})
    steps.output(SAMPLES)
    session = steps.session
    found = [(name, value) for name, value in session.builtins.items() if not name.startswith("__")]
    for module in NAMES:
        members = object.__getattribute__(session.modules.load(module), "_members")
        found += [("%s.%s" % (module, name), value) for name, value in members.items()]
    return found, [("samples[%d]" % at, value) for at, value in enumerate(session.globals["samples"])]


def python_functions(value):
    parts = (value, getattr(value, "__func__", None), getattr(value, "fget", None), getattr(value, "fset", None), getattr(value, "func", None))
    return [part for part in parts if isinstance(part, types.FunctionType) and part.__module__ not in OURS]


def names_in(code):
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= names_in(constant)
    return found


def called_by(function, depth):
    """The function, and the library's functions and classes that it names, and theirs."""
    yield function
    for name in names_in(function.__code__) if depth else ():
        value = function.__globals__.get(name)
        made_by = [vars(value).get(way) for way in ("__init__", "__new__", "__call__")] if isinstance(value, type) else [value]
        for part in made_by:
            for other in python_functions(part):
                yield from called_by(other, depth - 1)


class WhatItDoesByName(unittest.TestCase):
    def telling(self, functions, names):
        found = {}
        for function in functions:
            for part in called_by(function, 3):
                told = names_in(part.__code__) & names
                if told:
                    found["%s.%s" % (part.__module__, part.__qualname__)] = sorted(told)
        return {name: told for name, told in found.items() if name not in REVIEWED}

    def test_every_function_that_could_be_told_what_to_do_is_known(self):
        starts, samples = starting_points()
        functions = set()
        for _, value in starts + samples:
            for _, other in [("", value), *neighbours(value)]:
                functions.update(python_functions(other))
        self.assertGreater(len(functions), 150)
        self.assertEqual(self.telling(functions, TELLING), {})

    def test_and_every_method_that_operators_and_descriptors_call_is_known(self):
        starts, _ = starting_points()
        methods = set()
        for _, value in starts:
            for cls in value.__mro__ if isinstance(value, type) else ():
                for method in vars(cls).values():
                    methods.update(python_functions(method))
        self.assertGreater(len(methods), 250)
        self.assertEqual(self.telling(methods, TELLING - {"__class__"}), {})  # these are called on objects of the class


class ClassesForObjects(unittest.TestCase):
    def test_no_method_makes_a_class_when_it_is_given_one_for_its_object(self):
        code = """
import collections
class Name(str):
    def copy(self): return 'Made'
class Fake: maps = [Name('Made'), (object,), {'__reduce__': None}]
class Rest: maps = [(object,), {'__reduce__': None}]
made = []
for attempt in (lambda: collections.Counter.copy(object), lambda: collections.ChainMap.copy(Fake), lambda: collections.ChainMap.new_child(Rest, 'Made'), lambda: collections.ChainMap.parents.fget(Fake)):
    try: made.append(attempt())
    except TypeError: pass
print(made, collections.Counter('a').copy(), collections.ChainMap({'a': 1}).copy(), collections.ChainMap({'a': 1}).new_child({'b': 2}).parents)
"""
        self.assertEqual(Steps().output(code), "[] Counter({'a': 1}) ChainMap({'a': 1}) ChainMap({'a': 1})\n")

    def test_nothing_dangerous_comes_from_calling_what_is_in_reach_with_arguments_of_every_kind(self):
        arguments = [("a",), (0,), ({},), ([],), ([1, 2],), (lambda *rest: 1,), ("a", "b"), (b"a",), (object,), (ValueError("x"),), (None,), (lambda *rest: 1, [1, 2]), ("{0.__class__}",), (Exception, "a")]
        starts, samples = starting_points()
        results, kinds = [], {type(value) for _, value in starts + samples}
        given = starts + samples
        for _ in range(3):  # what comes of what comes of calls, as long as it is of a kind not met before
            made = []
            with warnings.catch_warnings(record=True):
                for path, function in callables_of(given):
                    for some in arguments:
                        try:
                            made.append(("%s%.30r" % (path, some), function(*some)))
                        except BaseException:
                            continue  # it takes others
            results += made
            given = list({type(value): (path, value) for path, value in made if type(value) not in kinds}.values())
            kinds.update(type(value) for _, value in given)
        found, _ = walk(results, alike=3)
        self.assertEqual(found, [])
        self.assertGreater(len(results), 2000)


def callables_of(values):
    """[(path, what can be called)] of the values and of what hangs on them."""
    found = {}
    for path, value in values:
        for way, other in [("", value), *neighbours(value)]:
            if callable(other) and (path + way).rpartition(".")[2] not in ("sleep", "close", "clear", "detach"):
                found[id(other)] = (path + way, other)
    return list(found.values())


if __name__ == "__main__":
    unittest.main()
