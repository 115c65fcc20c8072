"""What a refusal tells to write instead works: each rule's snippet is refused, and rewritten as its hint says it runs.

The rules are read from the sources of the sandbox, so that one without an example here is a failure.
"""

import ast
import glob
import os
import re
import sys
import unittest

from harness import Steps

import hints
import policy

# code that is refused, the same as the hint says, in the order of the files
EXAMPLES = [
    # hints.NAMES
    ("text = open('a.txt').read()", "text = read_file('a.txt')"), ("x = eval('[1, 2]')", "import ast\nx = ast.literal_eval('[1, 2]')"), ("exec('x = 1')", "x = 1"), ("compile('a+', '', 'exec')", "import re\nre.compile('a+')"),
    ("task = input()", "task = 'as the prompt says'"), ("__import__('json')", "import json"), ("globals()", "show_vars()"), ("locals()", "show_vars()"), ("vars()", "show_vars()"), ("dir()", "show_vars()"),
    ("exit()", "set_final(1)"), ("quit()", "set_final(1)"), ("help(len)", "print(len('a'))"), ("breakpoint()", "print(1)"), ("memoryview(b'ab')[1:]", "b'ab'[1:]"), ("class A: pass\na = A()\na.x = 1\ndelattr(a, 'x')", "class A: pass\na = A()\na.x = 1\ndel a.x"),
    # hints.MODULES
    ("import os\nos.listdir('.')", "list_files()"), ("import sys\nsys.stdout.write('a')", "print('a')"), ("from pathlib import Path\nPath('src/a.py').suffix", "'src/a.py'.rpartition('.')[2]"), ("import glob\nglob.glob('*.txt')", "[p for p in list_files() if p.endswith('.txt')]"),
    ("import subprocess", "print(grep('one'))"), ("import threading", "sub_rlm_batch(['a', 'b'])"), ("import asyncio", "sub_rlm_batch(['a', 'b'])"), ("import concurrent.futures", "sub_rlm_batch(['a', 'b'])"), ("import multiprocessing", "sub_rlm_batch(['a', 'b'])"),
    ("import logging\nlogging.info('a')", "print('a')"), ("import requests", "print(read_file('a.txt'))"), ("import urllib.request", "from urllib.parse import urlparse\nurlparse('http://a/b').path"), ("import socket", "print(read_file('a.txt'))"), ("import pickle\npickle.dumps([1])", "import json\njson.dumps([1])"),
    ("import numpy\nnumpy.mean([1, 2])", "import statistics\nstatistics.mean([1, 2])"), ("import pandas", "import csv, collections\nlist(csv.DictReader(['a,b', '1,2']))"), ("import inspect", "show_vars()"), ("import nosuch", "import json"),
    # hints.NODES, and the kind that no Python has yet
    ("async def f(): pass", "def f(): pass\nf()"), ("[x async for x in 'a']", "for x in 'a': print(x)"), ("async def f():\n    async with g(): pass", "from contextlib import nullcontext\nwith nullcontext(): pass"),
    # hints.ATTRIBUTES
    ("class A: pass\nA().__dict__['x'] = 1", "kept = {}\nkept['x'] = 1"), ("(1).__class__ is int", "type(1).__name__ == 'int' and isinstance(1, int)"), ("def f(): pass\nf.__globals__['x'] = 1", "x = 1"), ("try: 1 / 0\nexcept ZeroDivisionError as e: print(e.__traceback__)", "try: 1 / 0\nexcept ZeroDivisionError as e: print(e)"),
    ("x.__import__('json')", "import json"), ("(x for x in 'a').gi_frame", "next(x for x in 'a')"), ("class A: pass\nA.__name__ = 'B'", "name = 'B'"), ("class A: pass\na = A()\na.format += 1", "class A: pass\na = A()\na.shape = 1\na.shape += 1"),
    # what only run time can see
    ("getattr(1, '__class__')", "getattr(1, 'real')"), ("[].x = 1", "class Own: pass\no = Own()\no.x = 1"), ("class A: pass\nsetattr(A(), '__name__', 1)", "class A: pass\nsetattr(A(), 'name', 1)"), ("print(1, file=len)", "import io\nout = io.StringIO()\nprint(1, file=out)"),
    ("class M(type): pass", "def mark(cls): return cls\n@mark\nclass M: pass"), ("class A(type(type(1))): pass", "class A: pass"), ("from typing import Any\nsetattr(Any, 'x', 1)", "x = 1"), ("type('A', (), {})", "class A: pass"), ("from types import SimpleNamespace\nSimpleNamespace(**{'__x': 1})", "from types import SimpleNamespace\nSimpleNamespace(x=1)"),
    ("class K(type(print)): pass", "class K: pass"), ("input = 1\nlen = 2\nopen('x')\nopen = 1", "text = read_file('a.txt')"),
    # the check of the source
    ("def super(): pass", "def parent(): pass"), ("__x = 1", "x = 1"), ("class A(metaclass=B): pass", "def mark(cls): return cls\n@mark\nclass A: pass"), ("from . import json", "from json import loads"), ("from json import *", "from json import loads, dumps"),
    ("x = 1%s" % ("0" * 1300), "x = 10 ** 1300"), ("x = 'a" + "\x01'", "x = 'a\\x01'"), ("x = '%s'" % ("a" * 300_000), "x = 'a' * 100"),
    ("x = [%s]" % ("1," * 41_000), "x = [1] * 41_000"), ("x = %s1%s" % ("[" * 85, "]" * 85), "x = 1\nfor _ in range(85): x = [x]"),
    # stand-ins of the library
    ("from dataclasses import dataclass\ndataclass(int)", "from dataclasses import dataclass\n@dataclass\nclass A: x: int = 1"), ("from enum import Enum\nEnum('E', ['__a'])", "from enum import Enum\nEnum('E', ['a'])"),
    ("from operator import attrgetter\nattrgetter('a.__class__')", "from operator import attrgetter\nattrgetter('real')(1)"), ("from operator import methodcaller\nmethodcaller('__len__')", "from operator import methodcaller\nmethodcaller('upper')('a')"),
]  # fmt: skip
MATCHES = [
    ("match 1:\n    case int(__class__=c): pass", "match 1:\n    case int() as n: print(n.real)"), ("class A: pass\nmatch A():\n    case A(1): pass", "class A: x = 1\nmatch A():\n    case A(x=1): print('yes')"), ("class A: _x = 1\na = A()\nmatch 1:\n    case a._x: pass", "class A: _x = 1\na = A()\nif a._x == 1: print('yes')"),
]  # fmt: skip
LATER = {
    (3, 10): MATCHES,
    (3, 11): [("try: pass\nexcept* ValueError: pass", "try: pass\nexcept ValueError: pass")],
    (3, 12): [("type X = int", "X = int"), ("def f[T](x: T): pass", "def f(x): pass")],
    (3, 14): [("t'{1}'", "f'{1}'")],
}
SINCE = {
    "this attribute is not allowed in a pattern": (3, 10),
    "the pattern attribute %r is not allowed": (3, 10),
    "a class pattern with positions is only allowed for builtin types": (3, 10),
    "type parameters are not allowed": (3, 12),
}
# rules that no program of one step breaks: what they refuse is stopped before it
BEHIND_OTHERS = {
    "%s can't be changed; %s", "names of typing can't be changed; %s", "the memo can't be changed; %s", "functions of the sandbox can't be changed; %s", "modules can't be changed; %s",  # attributes.write refuses first
    "an object with a protocol of its own can't be copied; make a new one of its parts", "dataclass fields must have plain names; write name: type",
    "the code cannot be compiled (%s); write it in smaller parts", "the code cannot be parsed (%s); write it in smaller parts", "a constant is too large",
}  # fmt: skip


def refusals():
    """[(code, rewritten, what the refusal says)] of the examples that this interpreter can read."""
    examples = EXAMPLES + [example for since, more in LATER.items() if sys.version_info >= since for example in more]
    found = []
    for code, rewritten in examples:
        error = steps().run(code)["error"]
        found.append((code, rewritten, error))
    return found


def steps():
    functions = [["sub_rlm_batch", [["prompts", False, None]], []], ["set_final", [["value", False, None]], []]]
    return Steps({"a.txt": "one\ntwo\n"}, functions=functions)


def rules():
    """The texts with which the sandbox refuses, as they are written in its sources."""
    found = set()
    for path in glob.glob(os.path.join(os.path.dirname(policy.__file__), "*.py")):
        with open(path, encoding="utf-8") as source:
            tree = ast.parse(source.read())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", None))
                text = {"refuse": node.args[1:2], "Violation": node.args[:1], "violation_at": node.args[1:2]}.get(name) or [None]
                text = text[0].left if isinstance(text[0], ast.BinOp) else text[0]
                if isinstance(text, ast.Constant):
                    found.add(text.value)
    return found


def as_pattern(rule):
    return re.sub(r"%(04X|[srd])", ".+", re.escape(rule).replace("\\%", "%"))


class Hints(unittest.TestCase):
    def test_code_that_breaks_a_rule_is_refused_and_runs_when_it_is_written_as_the_hint_says(self):
        wrong = []
        for code, rewritten, error in refusals():
            if error is None or error["code"] != "sandbox_violation":
                wrong.append(("ran", code[:80], error))
            elif "; " not in error["message"] and " only " not in error["message"]:
                wrong.append(("says nothing", code[:80], error["message"]))
            again = steps().run(rewritten)["error"]
            if again is not None:
                wrong.append(("the rewritten code", rewritten, again["message"]))
        self.assertEqual(wrong, [])

    def test_every_rule_has_an_example(self):
        said = [error["message"] for _, _, error in refusals() if error]
        without = [rule for rule in sorted(rules()) if not any(re.search(as_pattern(rule), text) for text in said)]
        self.assertEqual([rule for rule in without if rule not in BEHIND_OTHERS and sys.version_info >= SINCE.get(rule, (3, 9))], [])
        self.assertEqual(BEHIND_OTHERS - set(without), set())
        self.assertGreater(len(rules()), 35)

    def test_every_hint_is_told_by_an_example(self):
        said = "\n".join(error["message"] for _, _, error in refusals() if error)
        tables = [*hints.NAMES.values(), *hints.MODULES.values(), *hints.ATTRIBUTES.values(), hints.ATTRIBUTE, hints.TARGET]
        self.assertEqual([hint for hint in tables if hint not in said], [])


if __name__ == "__main__":
    unittest.main()
