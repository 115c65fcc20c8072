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
from reserve import Reserve
from snapshot import Context
from syntax import lines_of
from violations import CallFailed, Interrupted, LimitReached, StepEnd, Violation

KEPT_SOURCES = 50


class Session:
    def __init__(self, language_layer=True):
        self.output = Output()
        self.modules = Modules(self.output.emit)
        self.language_layer = language_layer
        self.builtins = session_builtins(self.modules, self.output.emit) if language_layer else plain_builtins(self.output.emit)
        self.bindings = {**guard_table(self.modules), "__builtins__": self.builtins, "__name__": "__main__"}
        self.globals = {}
        self.sources = {}
        self.reserve = Reserve()
        self.running = False  # code of the session is, and may be interrupted
        self.calling = False  # a frame is under way: nothing may be raised
        self.calls = 0

    def begin(self, wire, snapshot, host_functions):
        """Gives the session its host, its documents and its functions; before its first step."""
        self.wire = wire
        self.snapshot = snapshot
        self.functions = self._make_functions(host_functions)
        self.bindings.update(self.functions)
        self._bind()
        self.predefined = frozenset(self.globals)
        return self

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
            self._interruptible(self._run, code, file)
        except BaseException as caught:
            error = caught
        error = StepEnd.first or error
        failure = None if error is None else self._describe(error, step)
        StepEnd.first = None
        return {"op": "done", "output": self.output.text(), "length": self.output.length, "error": failure}

    def _run(self, code, file):
        if not self.language_layer:
            exec(compile(code, file, "exec", dont_inherit=True), self.globals)
            return
        checked = check(code, file, self.modules.names, self.globals.keys())
        if "context" in checked.reads and "context" not in self.globals:
            self._bind_context()
        if "CONTEXT" in checked.reads:
            self.globals["CONTEXT"] = Context(self.snapshot)
        with self.reserve:
            exec(checked.code, self.globals)

    def _interruptible(self, work, *args):
        try:
            self.running = True
            return work(*args)
        finally:
            self.running = False

    def interrupt(self, signum, frame):
        """The host's SIGINT: the step has used up its time."""
        if self.running:
            self.running = False
            end = Interrupted("the step's time limit is reached; do less in one step, or read less at once")
            if not self.calling:
                raise end

    def _describe(self, error, step):
        self._explain_context(error)
        try:  # a session's __str__ may run for ever
            code, message, line = self._interruptible(describe, error, self.sources, step)
        except BaseException:
            code, message, line = "code_error", "an error that can't be shown", None
        error.__traceback__ = None
        return {"code": code, "message": message, "line": line}

    # -- what the code sees ------------------------------------------------------------------------------------------

    def _bind(self):
        """Before every step: what an earlier one may have bound anew is as it was."""
        self.globals.update(self.bindings)

    def _bind_context(self):
        """`context` is the text of the only document, or of the one that is called so; decoded when a step names it."""
        document = self._context_document()
        if document is not None:
            self.globals["context"] = self.snapshot.text(document)

    def _context_document(self):
        documents = self.snapshot.documents
        only = next(iter(documents.values())) if len(documents) == 1 else None
        return documents.get("context") or documents.get("context.txt") or only

    def _explain_context(self, error):
        if type(error) is NameError and error.args == ("name 'context' is not defined",) and self._context_document() is None:
            count = len(self.snapshot.documents)
            error.args = ("context is the text of the only document; here are %d, use CONTEXT[path]" % count,)

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
        plain = to_plain(args, span_of)  # keys of the session's may call the host themselves: it counts calls as they come
        answer = self._exchange({"op": "call", "id": self.calls + 1, "name": name, "args": plain})
        if StepEnd.first is not None:
            raise StepEnd.first
        if answer.get("ok"):
            return answer["value"]
        code, text = answer["code"], answer["error"]
        if code == "sandbox_violation":
            raise Violation(text)
        failure = LimitReached(text) if answer["final"] else CallFailed(text)
        failure.code = code
        raise failure

    def _exchange(self, message):
        """Sends a call and waits for its answer. Nothing is raised between the two: the host counts them."""
        try:
            self.calling = True
            self.wire.send(message)
            self.calls += 1
            return self.wire.receive()
        finally:
            self.calling = False


def install_interrupt(session):
    _signal.signal(_signal.SIGINT, session.interrupt)
