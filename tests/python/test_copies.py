"""copies: what copy and deepcopy make, and what they do not do."""

import json
import unittest

from harness import Steps, output_of

# one of each kind of object that is copied
COPIES = """
import collections, copy, dataclasses, datetime, enum, functools, io, json, re, types
class A:
    def __init__(self): self.x, self.me = [1, [2]], self
a = A()
class L(list): pass
class S(str):
    def __init__(self, text): self.k = [1]
class E(enum.Enum): A = 1
Color = enum.Enum('Color', 'RED')
P = collections.namedtuple('P', 'a b')
@dataclasses.dataclass
class T:
    a: list
    b: object
class Error(Exception): pass
class Shallow:
    def __copy__(self): return 'own'
class Deep:
    def __init__(self, v): self.v, self.up = v, self
    def __deepcopy__(self, memo):
        new = Deep(None)
        memo[id(self)] = new
        new.v, new.up = copy.deepcopy(self.v, memo), copy.deepcopy(self.up, memo)
        assert id(self) in memo and memo[id(self)] is new and memo.get(0) is None
        return new
def f(): pass
circle = []; circle.append(circle)
"""


class Copies(unittest.TestCase):
    def test_copies_are_as_deep_as_they_say(self):
        code = COPIES + "print(copy.copy(a).x is a.x, copy.deepcopy(a).x, copy.deepcopy(a).x is a.x, copy.deepcopy(a).me is a)"
        self.assertEqual(output_of(code), "True [1, [2]] False False\n")
        cases = {
            "copy.deepcopy(L([1, [2]]))": "[1, [2]]", "copy.deepcopy({'a': ([],)})": "{'a': ([],)}", "copy.deepcopy(P([1], 2))": "P(a=[1], b=2)", "copy.deepcopy(T([1], 2)) == T([1], 2)": "True",
            "copy.deepcopy(E.A) is E.A": "True", "copy.deepcopy([re.I])[0] is re.I": "True", "copy.deepcopy(Deep([1])).up.v": "[1]", "copy.copy(Shallow())": "own",
            "copy.deepcopy(Error('m')).args": "('m',)", "copy.deepcopy(types.SimpleNamespace(a=[1]))": "namespace(a=[1])", "copy.deepcopy(collections.ChainMap({'a': [1]}))": "ChainMap({'a': [1]})",
            "copy.deepcopy(collections.Counter('aab'))": "Counter({'a': 2, 'b': 1})", "copy.deepcopy(collections.defaultdict(list, a=[1]))['b']": "[]", "copy.deepcopy(collections.deque([[1]], 3))": "deque([[1]], maxlen=3)",
            "copy.deepcopy(collections.OrderedDict(a=1))['a']": "1", "copy.deepcopy(functools.partial(max, 3))(2)": "3", "copy.deepcopy([len, f, A, json, read_file, (i for i in 'a')])[:5] == [len, f, A, json, read_file]": "True",
            "copy.deepcopy(io.StringIO('a')).read()": "a", "copy.deepcopy({1, 2})": "{1, 2}", "copy.copy([1])": "[1]", "copy.deepcopy(bytearray(b'a'))": "bytearray(b'a')", "copy.deepcopy(Color(1)) is Color.RED": "True",
            "dataclasses.asdict(T([1], a))['b'] is a": "False", "copy.deepcopy(circle)[0] is circle": "False", "copy.copy(datetime.date(2024, 1, 2))": "2024-01-02", "copy.deepcopy(S('q')).k": "[1]",
        }  # fmt: skip
        steps = Steps()
        steps.output(COPIES)
        for code, printed in cases.items():
            with self.subTest(code):
                self.assertEqual(steps.output("print(%s)" % code), printed + "\n")

    def test_copying_writes_no_attribute_of_library_objects(self):
        code = "import copy, json\nfrom enum import Enum\ndef reduce(self, protocol): return (lambda: json.loads, (), (None, {'tampered': 5}))\nB = Enum('B', [('__reduce_ex__', reduce), ('__copy__', None)])\nclass C(B): A = 1\ncopy.copy(C.A)"
        steps = Steps()
        steps.run(code)
        self.addCleanup(json.loads.__dict__.pop, "tampered", None)
        self.assertEqual(steps.output("import json\nprint(hasattr(json.loads, 'tampered'))"), "False\n")

    def test_the_attributes_of_a_copy_have_the_names_that_were_checked(self):
        code = "import copy\nfrom types import SimpleNamespace\nclass S(str):\n    def __deepcopy__(self, memo): return '__mro_entries__'\nclass N(SimpleNamespace): pass\n"
        for kind in ("SimpleNamespace", "N"):
            steps = Steps()
            with self.subTest(kind):
                self.assertEqual(steps.output(code + "n = copy.deepcopy(%s(**{S('x'): lambda bases: (int,)}))\nprint(hasattr(n, 'x'))" % kind), "True\n")
                self.assertEqual(steps.error("class A(n): pass")["message"].split("\n")[0], "TypeError: a base must be a class, not %s" % kind.replace("Simple", "").lower().replace("n", "N", kind == "N"))


if __name__ == "__main__":
    unittest.main()
