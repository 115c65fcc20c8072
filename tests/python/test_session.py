"""session: what stays between steps, what the code sees, and how it calls the host."""

import unittest

from harness import HOST_FUNCTIONS, Steps, error_of, output_of

from session import KEPT_SOURCES, bind_arguments, describe_value


def echoing(value=None):
    return Steps({"a.txt": "one\n", "b.txt": "two\n"}, answer=lambda name, args: {"ok": True, "value": value})


class State(unittest.TestCase):
    def test_variables_functions_classes_and_imports_stay(self):
        steps = Steps()
        steps.output("import json as j\nfrom math import floor\nx = [1]\ndef f(n): return n + len(x)\nclass A:\n    v = 2")
        steps.output("x.append(3)\ndef g(): return f(1) + A.v")
        self.assertEqual(steps.output("print(x, f(1), g(), j.dumps(x), floor(2.5))"), "[1, 3] 3 5 [1, 3] 2\n")

    def test_they_stay_after_an_error_a_refusal_and_bad_syntax(self):
        steps = Steps()
        steps.error("x = 1\ny = 2\n1 / 0\ny = 3")
        steps.error("x = 5\nopen")
        steps.error("x = = 5")
        self.assertEqual(steps.output("print(x, y)"), "1 2\n")

    def test_the_functions_of_the_sandbox_are_there_again_in_the_next_step(self):
        steps = echoing(7)
        steps.output("read_file = sub_rlm = list_files = None")
        self.assertEqual(steps.output("print(read_file('a.txt'), sub_rlm('q'), list_files())"), "one 7 ['a.txt', 'b.txt']\n")

    def test_a_builtin_that_was_bound_anew_is_bound_anew_until_it_is_deleted(self):
        steps = Steps()
        steps.output("len = 5")
        self.assertEqual(steps.output("print(len)\ndel len\nprint(len('ab'))"), "5\n2\n")

    def test_a_global_statement_reaches_the_variables_of_the_session(self):
        steps = Steps()
        steps.output("count = 0\ndef add():\n    global count\n    count += 1")
        self.assertEqual(steps.output("add(); add(); print(count)"), "2\n")

    def test_many_steps_keep_no_more_than_the_last_sources(self):
        steps = Steps()
        for number in range(KEPT_SOURCES * 3):
            steps.output("x = %d" % number)
        self.assertLessEqual(len(steps.session.sources), KEPT_SOURCES)

    def test_an_empty_step_is_a_step(self):
        for code in ("", "\n\n", "# nothing", "pass"):
            self.assertEqual(Steps().run(code), {"op": "done", "output": "", "length": 0, "error": None})

    def test_the_last_expression_is_not_printed(self):
        self.assertEqual(output_of("1 + 1"), "")


class Calls(unittest.TestCase):
    def test_a_call_sends_its_name_its_arguments_in_order_and_a_number_of_its_own(self):
        steps = echoing("answer")
        self.assertEqual(steps.output("print(sub_rlm('a'), sub_rlm('b', context=['x'], depth=2), FINAL({'k': (1, 2)}))"), "answer answer answer\n")
        self.assertEqual(steps.wire.sent, [
            {"op": "call", "id": 1, "name": "sub_rlm", "args": ["a", 1, None]},
            {"op": "call", "id": 2, "name": "sub_rlm", "args": ["b", 2, ["x"]]},
            {"op": "call", "id": 3, "name": "set_final", "args": [{"k": [1, 2]}]},
        ])  # fmt: skip

    def test_arguments_are_bound_as_python_binds_them(self):
        parameters = [["a", False, None], ["b", True, 2], ["c", True, None]]

        def function(a, b=2, c=None):
            return [a, b, c]

        calls = [((1,), {}), ((1, 5), {}), ((1, 5, 6), {}), ((1,), {"c": 7}), ((), {"a": 1}), ((), {"c": 3, "a": 1}), ((), {}), ((1, 2, 3, 4), {}), ((1,), {"a": 2}), ((), {"b": 1}), ((1,), {"z": 2}), ((1, 2), {"b": 3})]
        for args, kwargs in calls:
            with self.subTest(args, **kwargs):
                try:
                    expected = function(*args, **kwargs)
                except TypeError:
                    with self.assertRaises(TypeError):
                        bind_arguments("f", parameters, args, kwargs)
                else:
                    self.assertEqual(bind_arguments("f", parameters, args, kwargs), expected)

    def test_a_wrong_call_says_what_is_wrong_and_does_not_reach_the_host(self):
        steps = echoing()
        for code, text in (
            ("sub_rlm()", "sub_rlm() is missing the argument 'prompt'"), ("sub_rlm(1, 2, 3, 4)", "sub_rlm() takes 3 arguments but 4 were given"),
            ("sub_rlm('q', model='x')", "sub_rlm() has no parameter 'model'; it has prompt, depth, context"), ("sub_rlm('q', prompt='r')", "sub_rlm() got several values for 'prompt'"),
            ("budget(1)", "budget() takes 0 arguments but 1 were given"), ("FINAL()", "set_final() is missing the argument 'value'"),
        ):  # fmt: skip
            self.assertEqual(steps.error(code)["message"].split("\n")[0], "TypeError: " + text)
        self.assertEqual(steps.wire.sent, [])

    def test_an_argument_that_cannot_leave_is_an_error_and_no_call(self):
        steps = echoing()
        self.assertEqual(steps.error("sub_rlm(object())")["message"].split("\n")[0], "TypeError: a value of type object cannot leave the sandbox; convert it with str() or to a dict")
        self.assertEqual(steps.wire.sent, [])

    def test_a_key_that_calls_the_host_while_it_is_looked_up_takes_a_number_of_its_own(self):
        steps = echoing()
        steps.output("from collections import OrderedDict\nclass K(str):\n    def __hash__(self):\n        if armed: sub_rlm('inner')\n        return 1\narmed = False\nd = OrderedDict([(K('a'), 1)])\narmed = True\nFINAL(d)")
        self.assertEqual([sent["id"] for sent in steps.wire.sent], list(range(1, len(steps.wire.sent) + 1)))
        self.assertEqual({sent["name"] for sent in steps.wire.sent}, {"sub_rlm", "set_final"})

    def test_the_call_after_it_has_the_next_number(self):
        steps = echoing()
        steps.output("sub_rlm('first')")
        steps.error("sub_rlm(object())")
        steps.output("try: FINAL(b'bytes')\nexcept TypeError: pass")
        steps.output("sub_rlm('second')")
        self.assertEqual([sent["id"] for sent in steps.wire.sent], [1, 2])

    def test_a_host_error_can_be_caught_and_the_code_goes_on(self):
        answer = {"ok": False, "code": "model_invocation_failed", "error": "overloaded", "final": False}
        steps = Steps(answer=lambda name, args: answer)
        for caught in ("Exception", "RuntimeError", ""):
            self.assertEqual(steps.output("try: sub_rlm('q')\nexcept %s%s print('caught')" % (caught, ":" if caught else ":")), "caught\n")

    def test_a_host_error_that_is_not_caught_has_the_host_s_code(self):
        for code in ("model_invocation_failed", "code_error"):
            answer = {"ok": False, "code": code, "error": "no", "final": False}
            self.assertEqual(Steps(answer=lambda name, args, answer=answer: answer).error("sub_rlm('q')")["code"], code)

    def test_a_caught_limit_of_a_batch_does_not_end_the_next_step(self):
        steps = Steps(answer=lambda name, args: {"ok": False, "code": "limit_exceeded", "error": "subcall limit exceeded", "final": True})
        self.assertEqual(steps.error("try: sub_rlm('q')\nexcept Exception: pass")["code"], "limit_exceeded")
        self.assertEqual(steps.output("print(1)"), "1\n")


class Finals(unittest.TestCase):
    def finals(self, code, before="pass"):
        steps = echoing()
        steps.output(before)
        steps.output(code)
        return [sent["args"][0] for sent in steps.wire.sent if sent["name"] == "set_final"]

    def test_a_variable_is_given_by_its_name(self):
        self.assertEqual(self.finals("FINAL_VAR('answer')", "answer = {'a': 1}"), [{"a": 1}])
        self.assertEqual(self.finals("answer = 'now'\nFINAL_VAR('answer')"), ["now"])

    def test_a_name_that_is_no_variable_is_refused_with_those_there_are(self):
        steps = echoing()
        self.assertEqual(steps.error("FINAL_VAR('nosuch')")["message"].split("\n")[0], "NameError: there is no variable 'nosuch'; there are: none yet")
        steps.output("a = 1\nb = 2")
        for name in ("'nosuch'", "'read_file'", "'__builtins__'", "'__g_write__'", "5", "['a']"):
            self.assertTrue(steps.error("FINAL_VAR(%s)" % name)["message"].split("\n")[0].endswith("there are: a, b"), name)
        self.assertEqual(steps.wire.sent, [])

    def test_submit_takes_one_value_or_fields(self):
        self.assertEqual(self.finals("SUBMIT('x')\nSUBMIT(answer=1, why='y')\nSUBMIT()"), ["x", {"answer": 1, "why": "y"}, {}])
        for code in ("SUBMIT(1, 2)", "SUBMIT(1, a=2)"):
            self.assertEqual(error_of(code)["message"].split("\n")[0], "TypeError: SUBMIT takes one value, or fields by name")


class Shown(unittest.TestCase):
    def test_variables_are_shown_with_their_kinds_and_sizes(self):
        steps = Steps({"a.txt": "one"})
        self.assertEqual(steps.output("print(show_vars())"), "{}\n")
        steps.output("import json\nx = 'abc'; y = [1, 2]; z = 1.5; d = {'a': 1}; s = {1}; t = (1,); b = b'a'; n = None\ndef f(): pass\nclass A: pass\na = A(); c = context; C = CONTEXT")
        self.assertEqual(
            steps.session._show_variables(),
            {"json": "Proxy", "x": "str, 3 characters", "y": "list, 2 items", "z": "float", "d": "dict, 1 items", "s": "set, 1 items", "t": "tuple, 1 items", "b": "bytes, 1 characters", "n": "NoneType", "f": "function", "A": "type", "a": "A", "c": "str, 3 characters", "C": "Context"},
        )  # fmt: skip

    def test_a_kind_that_lies_about_itself_is_shown_as_it_is(self):
        class Liar(list):
            def __len__(self):
                raise AssertionError("asked")

        self.assertEqual(describe_value(Liar()), "Liar")

    def test_functions_of_the_sandbox_show_their_name_and_nothing_else(self):
        self.assertEqual(output_of("print(read_file, sub_rlm.__name__, FINAL)"), "<function read_file> sub_rlm <function set_final>\n".replace("<function set_final>", "<function FINAL>"))
        for code in ("read_file.__call__", "read_file.x", "getattr(read_file, '__globals__', None)", "read_file.x = 1", "del read_file.x"):
            self.assertIsNotNone(Steps().run(code)["error"], code)

    def test_every_host_function_and_alias_is_there(self):
        for name, _, aliases in HOST_FUNCTIONS:
            for known in (name, *aliases):
                self.assertEqual(output_of("print(%s.__name__)" % known), known + "\n")


if __name__ == "__main__":
    unittest.main()
