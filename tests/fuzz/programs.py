#!/usr/bin/env python3
"""Writes cases for the fuzzer, one a line, for ever: {case, mode, steps[]}. Case n of a seed is always the same.

  programs.py SEED FIRST STRIDE      cases FIRST, FIRST + STRIDE, …

A step is made of the grammar, of a way out (an object, a path of attributes, something to do with what is there), or of
the corpora, and then mutated (mutations.py). Its mode says which layers are on.
"""
import ast
import itertools
import json
import os
import random
import re
import sys

from mutations import mutate

HERE = os.path.dirname(os.path.abspath(__file__))
MODES = ["language and kernel", "language", "language", "kernel"]
MODULES = "collections contextlib copy csv dataclasses datetime decimal enum fractions functools io itertools json math operator random re statistics string textwrap time types typing".split()

RAISED = "try: 1 / 0\nexcept Exception as error: caught = error\n"

# what a way out begins with
OBJECTS = """caught | (x for x in 'a') | (lambda: 0) | print | read_file | sub_rlm | json | re | random | [].append | int | type(1) | {} | 'a' | ValueError('a') | AttributeError('a', name='b', obj=json) |
functools.partial(len) | functools.wraps(print) | dataclasses.field() | contextlib.nullcontext() | contextlib.contextmanager(lambda: iter([1]))() | CONTEXT | CONTEXT.items() | chunks('ab') | chunks('ab')[0] |
random.Random() | random.choice | enum.Enum | decimal.getcontext() | string.capwords | operator.attrgetter | collections.namedtuple('P', 'a') | collections.Counter | json.loads | re.compile | re.match('a', 'a') |
textwrap.TextWrapper() | types.SimpleNamespace(a=1) | typing.Any | list[int] | property(len) | classmethod(len) | super | type | object() | __builtins__ | __name__ | functools.lru_cache(None)(len) | csv.DictReader | str.format | max""".replace("\n", " ").split(" | ")
# where it leads: calls and subscripts stand as they are written
PATHS = """gi_frame.f_builtins gi_frame.f_back.f_globals gi_frame gi_code __globals__ __self__ __builtins__ __class__ __class__.__base__.__subclasses__() __class__.__mro__ __init__.__globals__ __func__.__globals__
__call__.__globals__ __code__ __closure__ __traceback__.tb_frame.f_globals tb_frame.f_builtins __dict__ __module__ mro() cr_frame ag_frame __reduce_ex__(2) __subclasses__() __getattribute__('__class__') __wrapped__
__loader__ __spec__.loader obj sys.modules os _os _sys codecs builtins gen.gi_frame.f_builtins func.__globals__ default_factory __init_subclass__ __get__ _member_map_ with_traceback(None) cell_contents
__format__ format.__self__ __context__.__traceback__ __cause__ args add_note __annotations__ __defaults__ __kwdefaults__ __qualname__ __weakref__ register throw(ValueError) send(None) close() fromkeys""".split()
DEEDS = [
    "print(X)", "print(X['open']('{CANARY}').read())", "print(X['__builtins__']['open']('{CANARY}').read())", "print(X.open('{CANARY}').read())", "print(X['__import__']('os').listdir('/'))",
    "for k in X: print(k)", "X.x = 1", "X['x'] = 1", "del X['x']", "class K(X): pass", "with X as k: print(k)", "print(X())", "print(X(1))", "@X\ndef k(): pass\nprint(k)", "print(f'{X!r:>{9}}')",
    "try: raise X\nexcept BaseException as k: print(k)", "print(isinstance(k, X))", "set_final(X)", "print(json.dumps(X, default=repr))", "print(copy.deepcopy(X))", "print(sub_rlm(X))",
]  # fmt: skip
# straight ahead
PLAIN = [
    "print(open('{CANARY}').read())", "open('{MARKER}', 'w').write('x')", "import os\nos.system('touch {MARKER}')", "import socket\nsocket.create_connection(('127.0.0.1', {PORT}))",
    "import subprocess\nsubprocess.run(['touch', '{MARKER}'])", "__import__('os').write(4, b'x' * 40)", "eval(\"open('{CANARY}').read()\")", "exec(\"open('{MARKER}', 'w')\")", "import posix\nprint(posix.read(posix.open('{CANARY}', 0), 99))",
    "import posix\nposix.write(4, b'\\0\\0\\0\\2' + b's' * 16 + b'{}')", "import io\nprint(io.open('{CANARY}').read())", "import posix\nposix.posix_spawn('/bin/touch', ['touch', '{MARKER}'], {})",
    "import posix\nposix.open('{MARKER}', posix.O_CREAT | posix.O_WRONLY)", "import posix\nif not posix.fork(): posix.open('{MARKER}', posix.O_CREAT)", "import _socket\n_socket.socket().connect(('127.0.0.1', {PORT}))",
    "import gc, json, posix\nw = [o for o in gc.get_objects() if type(o).__name__ == 'Wire'][0]\nb = json.dumps({'op': 'call', 'id': 1, 'name': 'budget', 'args': ['forged']}).encode()\nposix.write(4, len(b).to_bytes(4, 'big') + w.secret + b)",
]  # fmt: skip
# more than a step may have
GREEDY = [
    "while True: pass", "x = [0] * 10 ** 9", "x = 'a' * 10 ** 10", "print(9 ** 9 ** 9)", "def f(): f()\nf()", "x = []\nwhile True: x.append('a' * 10 ** 6)", "import re\nre.match('(a+)+$', 'a' * 40 + 'b')", "print('a' * 10 ** 7)",
]  # fmt: skip

# the grammar: E is an expression, BODY a statement
STATEMENTS = [
    "x = E", "x, *y = E, E", "for x in E:\n    BODY", "if E:\n    BODY\nelse: pass", "def f(a=E, *b, **c):\n    BODY\n    yield a", "try:\n    BODY\nexcept Exception as x: print(x)\nfinally: y = E", "x += E", "print(E, E)", "K.x: int = E", "del x", "assert E, E",
    "class K:\n    x = E\n    def __getitem__(self, a): return E\n    def __iter__(self): return iter([E])", "with contextlib.suppress(Exception):\n    BODY", "match E:\n    case [x, *y] | {'a': x, **y}: pass\n    case str(x): pass\n    case z: print(z)", "while E:\n    BODY\n    break", "raise E",
]  # fmt: skip
EXPRESSIONS = ["(E).NAME", "(E)[E]", "f'{(E)!r:>{9}}'", "[a for a in (E) if E]", "(lambda a, *b: E)(E)", "(E) + (E)", "{E: E}", "(z := E)", "getattr(E, 'NAME', None)", "(CALL)(E, *[E])", "(E if E else E)", "{*(E)}", "(E)[E:E]", "(a for a in (E))", "not (E)"]
ATTRIBUTES = ["real", "items", "split", "a", "keys", "format", "update", "pop", "x", "name", "copy", "count", *(path.split(".")[0].split("(")[0] for path in PATHS)]
CALLS = "str list sorted type map repr max print iter hash len json.dumps copy.copy sub_rlm operator.itemgetter(0) super set_final".split()
ATOMS = ["x", "y", "1", "'a{0}b'", "None", "[]", "1.5", "b'a'", "K()", "f()", "CONTEXT", "...", *OBJECTS[:12]]
OPERATORS = "+ - * % | & == < in and or is".split()


def load_steps(*files):
    steps = []
    for file in files:
        with open(os.path.join(HERE, "..", "corpus", file), encoding="utf-8") as corpus:
            for case in json.load(corpus):
                steps += [case["code"], *case.get("then", [])]
    return [step for step in steps if len(step) < 5000]


def leading():
    """For each attribute that a path begins with, the objects that have it (in this interpreter) with all such paths."""
    names = {name: __import__(name) for name in MODULES}
    names.update(read_file=leading, sub_rlm=leading, CONTEXT={}, chunks=str.split)
    exec(RAISED, names)
    pairs = {}
    for thing in OBJECTS:
        value = eval(thing, names)
        for path in PATHS:
            first = re.match(r"\w+", path).group()
            if getattr(value, first, None) is not None:
                pairs.setdefault(first, []).append((thing, path))
    return list(pairs.values())


LEADING = leading()
FORBIDDEN = load_steps("python-forbidden.json", "python-forbidden-own.json")
BENIGN = load_steps("python-benign.json", "python-benign-own.json")


def make_case(seed, number):
    rng = random.Random("%s:%d" % (seed, number))
    mode = rng.choice(MODES)
    steps = [make_step(rng, mode) for _ in range(rng.randrange(4, 13))]
    return {"case": number, "mode": mode, "steps": [with_imports(step) for step in steps]}


def with_imports(code):
    named = [module for module in MODULES if re.search(r"\b%s\." % module, code)]
    code = RAISED + code if re.search(r"\bcaught\b", code) else code
    return "import %s\n%s" % (", ".join(named), code) if named else code


def make_step(rng, mode):
    make = rng.choice((way_out, way_out, from_corpus, from_corpus, plain, grown) if mode != "kernel" else (system_calls, from_corpus, plain))
    code = make(rng)
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        try:
            other = ast.parse(rng.choice(rng.choice((BENIGN, FORBIDDEN))))
            code = mutate(rng, ast.parse(code), other)
        except (SyntaxError, ValueError, RecursionError):
            break  # as it is, then
    return code


def way_out(rng):
    thing, path = rng.choice(rng.choice(LEADING)) if rng.random() < 0.7 else (rng.choice(OBJECTS), rng.choice(PATHS))
    if rng.random() < 0.5:
        path = path.split(".")[0]
    deed = rng.choice((DEEDS[:1], DEEDS[:1], DEEDS[:4], DEEDS)[rng.randrange(4)])
    return deed.replace("X", "%s.%s" % (thing, path)) if rng.random() < 0.7 else "held = %s\nout = held.%s\n%s" % (thing, path, deed.replace("X", "out"))


def from_corpus(rng):
    return rng.choice(rng.choice((FORBIDDEN, FORBIDDEN, BENIGN)))


def plain(rng):
    return rng.choice(GREEDY if rng.random() < 0.05 else PLAIN)


def system_calls(rng):
    """Calls of the system by the interpreter's own module, with arguments of every kind. No signals: a hole would let them out."""
    lines = ["import posix"]
    for _ in range(8):
        arguments = [rng.choice(["'{CANARY}'", "'{MARKER}'", "'/'", "0", "1", "3", "4", "5", "65", "-1", "b'x'", "{}", "['touch', '{MARKER}']", "577"]) for _ in range(rng.randrange(4))]
        pick = "[n for n in sorted(dir(posix)) if n[0] != '_' and 'kill' not in n and callable(getattr(posix, n)) and not isinstance(getattr(posix, n), type)]"
        lines.append("try: print(getattr(posix, (lambda names: names[%d %% len(names)])(%s))(%s))\nexcept (OSError, TypeError, ValueError, OverflowError): pass" % (rng.randrange(1000), pick, ", ".join(arguments)))
    lines.append("try: print(posix.read(posix.open('{CANARY}', 0), 99))\nexcept OSError: pass")
    return "\n".join(lines)


def grown(rng):
    """Statements of the allowed grammar."""
    return "\n".join(statement(rng, 3) for _ in range(rng.randrange(1, 5)))


def statement(rng, depth):
    if depth == 0:
        return "print(%s)" % expression(rng, 1)
    body = statement(rng, depth - 1).replace("\n", "\n    ")
    return re.sub(r"\bE\b", lambda found: expression(rng, depth), rng.choice(STATEMENTS)).replace("BODY", body)


def expression(rng, depth):
    if depth == 0:
        return rng.choice(ATOMS)
    form = rng.choice(EXPRESSIONS).replace("NAME", rng.choice(ATTRIBUTES)).replace("CALL", rng.choice(CALLS)).replace("+", rng.choice(OPERATORS))
    return re.sub(r"\bE\b", lambda found: expression(rng, depth - 1), form)


if __name__ == "__main__":
    seed, first, stride = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    try:
        for number in itertools.count(first, stride):
            print(json.dumps(make_case(seed, number)), flush=True)
    except BrokenPipeError:
        os._exit(0)
