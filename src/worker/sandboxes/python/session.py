"""One session: its variables, the functions and modules that its code sees, and the running of steps."""

import _signal

from bindings import guard_table, plain_builtins, session_builtins
from failures import STEP_FILE, describe
from functions import Function, bind_arguments, describe_value
from grep import grep_function
from modules import Modules
from output import Output
from plain import to_plain
from policy import check
from reading import reading_functions, span_of
from snapshot import Context
from syntax import lines_of
from violations import CallFailed, Interrupted, LimitReached, StepEnd, Violation

KEPT_SOURCES = 50


class Session:
    def __init__(self, wire, snapshot, host_functions, language_layer=True):
        self.wire = wire
        self.snapshot = snapshot
        self.output = Output()
        self.modules = Modules(self.output.emit)
        self.language_layer = language_layer
        self.functions = self._make_functions(host_functions)
        self.builtins = session_builtins(self.modules, self.output.emit) if language_layer else plain_builtins(self.output.emit)
        self.bindings = {**self.functions, **guard_table(self.modules), "__builtins__": self.builtins, "__name__": "__main__"}
        self.globals = {}
        self.sources = {}
        self.running = False
        self.calls = 0
        self._bind()
        self.predefined = frozenset(self.globals)

    # -- running -----------------------------------------------------------------------------------------------------

    def execute(self, code, step):
        """Runs a step; the message that tells the host how it went."""
        self.output.clear()
        StepEnd.first = None
        file = STEP_FILE % step
        self.sources[file] = lines_of(code)
        if len(self.sources) > KEPT_SOURCES:
            del self.sources[next(iter(self.sources))]
        self._bind()
        error = None
        try:
            try:
                self.running = True
                self._run(code, file)
            finally:
                self.running = False
        except BaseException as caught:
            error = caught
        error = StepEnd.first or error
        failure = None if error is None else self._describe(error, step)
        return {"op": "done", "output": self.output.text(), "length": self.output.length, "error": failure}

    def _run(self, code, file):
        if not self.language_layer:
            exec(compile(code, file, "exec", dont_inherit=True), self.globals)
            return
        checked = check(code, file, self.modules.names, self.globals.keys())
        if "context" in checked.reads:
            self._bind_context()
        if "CONTEXT" in checked.reads:
            self.globals["CONTEXT"] = Context(self.snapshot)
        exec(checked.code, self.globals)

    def interrupt(self, signum, frame):
        """The host's SIGINT: the step has used up its time."""
        if self.running:
            self.running = False
            raise Interrupted("the step's time limit is reached; do less in one step, or read less at once")

    def _describe(self, error, step):
        try:
            self.running = True  # a session's __str__ may run for ever
            code, message, line = describe(error, self.sources, step)
        except BaseException:
            code, message, line = "code_error", "an error that can't be shown", None
        finally:
            self.running = False
        error.__traceback__ = None
        return {"code": code, "message": message, "line": line}

    # -- what the code sees ------------------------------------------------------------------------------------------

    def _bind(self):
        """Before every step: what an earlier one may have bound anew is as it was."""
        self.globals.update(self.bindings)

    def _bind_context(self):
        """`context` is the text of the only document, or of the one that is called so; decoded when a step names it."""
        documents = self.snapshot.documents
        named = documents.get("context") or documents.get("context.txt")
        if named is None and len(documents) == 1:
            named = next(iter(documents.values()))
        if named is not None:
            self.globals["context"] = self.snapshot.text(named)
        elif "context" not in self.globals:
            raise NameError("context is the text of the only document; here are %d, use CONTEXT[path]" % len(documents))

    def _make_functions(self, host_functions):
        functions = dict(reading_functions(self.snapshot))
        functions["grep"] = grep_function(self.snapshot)
        functions["show_vars"] = self._show_variables
        functions["FINAL_VAR"] = self._final_variable
        functions["SUBMIT"] = self._submit
        for name, parameters, aliases in host_functions:
            call = self._host_function(name, parameters)
            for known in (name, *aliases):
                functions[known] = call
        return {name: Function(name, call) for name, call in functions.items()}

    def _show_variables(self):
        """Name and kind of every variable of the session."""
        return {
            name: describe_value(value)
            for name, value in self.globals.items()
            if name not in self.predefined and not name.startswith("__") and name not in ("context", "CONTEXT")
        }

    def _final_variable(self, name):
        if type(name) is not str or name not in self.globals or name in self.predefined:
            known = ", ".join(self._show_variables()) or "none yet"
            raise NameError("there is no variable %r; there are: %s" % (name, known))
        return self.call_host("set_final", [self.globals[name]])

    def _submit(self, *values, **fields):
        if values and fields or len(values) > 1:
            raise TypeError("SUBMIT takes one value, or fields by name")
        return self.call_host("set_final", [values[0] if values else fields])

    # -- the host ----------------------------------------------------------------------------------------------------

    def _host_function(self, name, parameters):
        """`parameters` are [name, has a default, default] as in the host's table."""

        def call(*args, **kwargs):
            return self.call_host(name, bind_arguments(name, parameters, args, kwargs))

        return call

    def call_host(self, name, args):
        if StepEnd.first is not None:
            raise StepEnd.first
        self.calls += 1
        self.wire.send({"op": "call", "id": self.calls, "name": name, "args": to_plain(args, span_of)})
        answer = self.wire.receive()
        if answer.get("ok"):
            return answer["value"]
        code, text = answer["code"], answer["error"]
        if code == "sandbox_violation":
            raise Violation(text)
        if answer["final"]:
            limit = LimitReached(text)
            limit.code = code
            raise limit
        failure = CallFailed(text)
        failure.code = code
        raise failure


def install_interrupt(session):
    _signal.signal(_signal.SIGINT, session.interrupt)
