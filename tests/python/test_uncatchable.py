"""What ends a step can't be caught by it: a violation, a limit, the end of its time, whatever the code wraps around it."""

import textwrap
import unittest

from harness import Steps

PREAMBLE = """
from contextlib import contextmanager, suppress
from operator import attrgetter
class Swallow:
    def __enter__(self): return self
    def __exit__(self, *error): return True
@contextmanager
def swallowing():
    try: yield
    except BaseException: pass
@contextmanager
def returning():
    try: yield
    finally: return
Any = BaseException
class Mine(BaseException): pass
class Kind(list): pass
"""
# rules that only run time can see broken
VIOLATIONS = [
    "getattr(1, '__class__')",
    "hasattr(1, 'gi_frame')",
    "setattr(len, 'x', 1)",
    "len.x = 1",
    "len.x += 1",
    "'{0.__class__}'.format(1)",
    "attrgetter('a.__class__')",
    "type('A', (), {})",
    "print(1, file=len)",
    "open('x')",
]
# ways to catch it; BODY is where it happens
HANDLERS = {
    "except Exception": "try:\n    BODY\nexcept Exception: pass",
    "a bare except": "try:\n    BODY\nexcept: pass",
    "except BaseException": "try:\n    BODY\nexcept BaseException: pass",
    "a tuple": "try:\n    BODY\nexcept (ValueError, RuntimeError, Exception): pass",
    "a rebound name": "try:\n    BODY\nexcept Any: pass",
    "an expression": "try:\n    BODY\nexcept [BaseException][0]: pass",
    "every base class there is": "try:\n    BODY\nexcept (Mine, Exception, GeneratorExit, KeyboardInterrupt, SystemExit): pass",
    "a generator as a context manager": "with swallowing():\n    BODY",
    "a generator that is closed": "def g():\n    try:\n        yield\n    finally:\n        BODY\nx = g(); next(x)\ntry: x.close()\nexcept BaseException: pass",
}  # fmt: skip
# ways to get round it all the same: by control flow, by another error, by context managers
DETOURS = {
    "a tuple with BaseException": "try:\n    BODY\nexcept (ValueError, BaseException): pass",
    "except object": "try:\n    try:\n        BODY\n    except object: pass\nexcept BaseException: pass",
    "an except that is itself wrong": "try:\n    try:\n        BODY\n    except 5: pass\nexcept BaseException: pass",
    "an except that raises": "try:\n    try:\n        BODY\n    except 1 / 0: pass\nexcept BaseException: pass",
    "finally with continue": "for i in range(1):\n    try:\n        BODY\n    finally:\n        continue",
    "finally with break": "while True:\n    try:\n        BODY\n    finally:\n        break",
    "finally with return": "def f():\n    try:\n        BODY\n    finally:\n        return 1\nf()",
    "finally that raises": "try:\n    try:\n        BODY\n    finally:\n        raise ValueError\nexcept ValueError: pass",
    "suppress(BaseException)": "with suppress(BaseException):\n    BODY",
    "a context manager of its own": "with Swallow():\n    BODY",
    "a context manager that returns": "with returning():\n    BODY",
    "a generator that is dropped": "def g():\n    try:\n        yield\n    finally:\n        BODY\nx = g(); next(x); x = None",
    "a generator that gets another error": "def g():\n    try:\n        BODY\n    finally:\n        yield\nx = g(); next(x)\ntry: x.throw(ValueError)\nexcept ValueError: pass",
}  # fmt: skip
CATCHERS = {**HANDLERS, **DETOURS}


def program(body, catcher):
    line = next(line for line in catcher.split("\n") if "BODY" in line)
    return catcher.replace("BODY", textwrap.indent(body, " " * line.index("BODY")).strip()) + "\nprint('escaped')\nopen = 1"


def swallowed(make_steps, bodies, is_right, catchers=CATCHERS):
    """[catcher and body where the step did not end as it must]."""
    found = []
    for name, catcher in catchers.items():
        for body in bodies:
            done = make_steps().run(program(body, catcher))
            goes_on = name in HANDLERS and "escaped" in done["output"]
            if done["error"] is None or not is_right(done["error"]) or goes_on:
                found.append("%s: %s -> %s" % (name, body, done["error"] and done["error"]["message"].split("\n")[0]))
    return found


def is_violation(error):
    return error["code"] == "sandbox_violation"


def prepared(answer=None):
    steps = Steps(answer=answer)
    steps.output(PREAMBLE)
    return steps


class Violations(unittest.TestCase):
    def test_a_violation_ends_the_step_behind_every_handler(self):
        self.assertEqual(swallowed(prepared, VIOLATIONS, is_violation, HANDLERS), [])

    def test_a_violation_ends_the_step_behind_every_detour(self):
        self.assertEqual(swallowed(prepared, VIOLATIONS, is_violation, DETOURS), [])

    def test_a_call_of_a_forbidden_builtin_ends_the_step_behind_every_detour(self):
        self.assertEqual(swallowed(prepared, ["open('x')"], is_violation, DETOURS), [])

    def test_a_violation_in_a_class_statement_ends_the_step(self):
        steps = prepared()
        steps.output("from enum import Enum\nfrom abc import ABC")
        for bases in ("type(ABC)", "type(Kind)", "type(type(1))"):
            done = steps.run("try:\n    class M(%s): pass\nexcept BaseException: pass" % bases)
            self.assertTrue(done["error"] is None or done["error"]["code"] == "sandbox_violation", bases)

    def test_variables_are_kept_after_a_violation(self):
        steps = prepared()
        steps.error("kept = 1\ngetattr(1, '__class__')\nkept = 2")
        self.assertEqual(steps.output("print(kept)"), "1\n")

    def test_a_violation_in_one_step_does_not_end_the_next(self):
        steps = prepared()
        steps.error("getattr(1, '__class__')")
        self.assertEqual(steps.output("try: 1 / 0\nexcept ZeroDivisionError: print('caught')"), "caught\n")


class Limits(unittest.TestCase):
    """A host function that refuses for good: its error ends the step, and so does every further call in it."""

    def steps(self, code="limit_exceeded"):
        return prepared(lambda name, args: {"ok": False, "code": code, "error": "subcall limit exceeded", "final": True})

    def test_a_limit_ends_the_step_behind_every_catcher(self):
        def is_right(error):
            return error["code"] == "limit_exceeded" and error["message"].startswith("subcall limit exceeded\n")

        self.assertEqual(swallowed(self.steps, ["sub_rlm('q')"], is_right), [])

    def test_after_it_no_further_call_reaches_the_host_in_this_step(self):
        steps = self.steps()
        steps.error("for i in range(5):\n    with suppress(BaseException):\n        sub_rlm('q')")
        self.assertEqual(len(steps.wire.sent), 1)

    def test_the_next_step_may_call_again(self):
        steps = self.steps()
        steps.error("sub_rlm('q')")
        steps.error("sub_rlm('q')")
        self.assertEqual(len(steps.wire.sent), 2)

    def test_a_violation_that_the_host_tells_ends_the_step(self):
        error = self.steps("sandbox_violation").error("with suppress(BaseException):\n    sub_rlm('q')")
        self.assertEqual(error["code"], "sandbox_violation")


class Interrupts(unittest.TestCase):
    """The host's signal comes while the code runs; here it comes in the middle of a host call."""

    def steps(self):
        def answer(name, args):
            steps.session.interrupt(2, None)

        steps = prepared(answer)
        return steps

    def test_the_end_of_the_time_ends_the_step_behind_every_catcher(self):
        text = "TimeoutError: the step's time limit is reached; do less in one step, or read less at once\n"
        self.assertEqual(swallowed(self.steps, ["sub_rlm('q')"], lambda error: error["message"].startswith(text)), [])

    def test_variables_are_kept(self):
        steps = self.steps()
        steps.error("kept = 5\nsub_rlm('q')\nkept = 6")
        self.assertEqual(steps.output("print(kept)"), "5\n")

    def test_a_signal_between_steps_is_nothing(self):
        steps = Steps()
        steps.session.interrupt(2, None)
        self.assertEqual(steps.output("print(1)"), "1\n")


class HonestHandlers(unittest.TestCase):
    def test_no_session_code_can_name_what_ends_a_step(self):
        for name in ("Violation", "LimitReached", "Interrupted", "CallFailed"):
            self.assertTrue(Steps().error("print(%s)" % name)["message"].startswith("NameError: "))

    def caught(self, handlers):
        steps = prepared()
        code = "try: raise Mine('a')\nexcept %s as e: print('caught', e)"
        return {handler: steps.run(code % handler)["output"] for handler in handlers}

    def test_everything_else_is_caught_as_ever(self):
        handlers = ("Mine", "(ValueError, Mine)", "(Mine, Exception)")
        self.assertEqual(self.caught(handlers), dict.fromkeys(handlers, "caught a\n"))

    def test_a_handler_of_base_exceptions_catches_those_of_the_session(self):
        self.assertEqual(self.caught(["BaseException", "Any"]), {"BaseException": "caught a\n", "Any": "caught a\n"})

    def test_a_tuple_with_base_exception_is_a_handler(self):
        output = Steps().output("try: 1 / 0\nexcept (ValueError, BaseException) as e: print('caught', e)")
        self.assertEqual(output, "caught division by zero\n")

    def test_a_bare_except_catches_what_goes_wrong_in_the_code(self):
        self.assertEqual(Steps().output("try: 1 / 0\nexcept: print('caught')"), "caught\n")

    def test_a_handler_of_what_is_no_exception_is_a_type_error(self):
        error = Steps().error("try: 1 / 0\nexcept 5: pass")
        self.assertEqual(error["message"].split("\n")[0], "TypeError: catching classes that do not inherit from BaseException is not allowed")

    def test_code_that_ends_itself_is_told_as_it_is(self):
        for code, text in (("raise SystemExit(3)", "SystemExit: 3"), ("raise KeyboardInterrupt", "KeyboardInterrupt"), ("raise GeneratorExit", "GeneratorExit"), ("raise BaseException('a')", "BaseException: a")):
            error = Steps().error(code)
            self.assertEqual((error["code"], error["message"]), ("code_error", text + "\n  line 1: " + code))


if __name__ == "__main__":
    unittest.main()
