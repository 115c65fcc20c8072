"""An exception of a step as the model is told of it: kind, text, line and source line; no path of the host."""

from violations import CallFailed, Interrupted, LimitReached, Violation

MAX_TEXT = 4000
STEP_FILE = "<step %d>"


def describe(error, sources, step):
    """(code, message, line in this step or None). `sources` are the lines of each step's code by its file name."""
    places = list(_places(error, sources))
    line = next((number for file, number in reversed(places) if file == STEP_FILE % step), None)
    if isinstance(error, Violation):
        return "sandbox_violation", _with_place(_text(error), places, sources, step), line
    if isinstance(error, LimitReached):
        return error.code, _with_place(_text(error), places, sources, step), line
    if isinstance(error, Interrupted):
        return "code_error", _with_place("TimeoutError: " + _text(error), places, sources, step), line
    if isinstance(error, CallFailed):
        return error.code, _with_place(_text(error), places, sources, step), line
    if isinstance(error, SyntaxError):
        return "code_error", _syntax(error), error.lineno
    name = type.__getattribute__(type(error), "__name__")
    text = _text(error)
    return "code_error", _with_place("%s: %s" % (name, text) if text else name, places, sources, step), line


def _text(error):
    """str(error), which may be a method of the session's."""
    if isinstance(error, MemoryError):
        return "the memory limit is reached; keep less at once, read in chunks()"
    if isinstance(error, RecursionError):
        return "the recursion is too deep; use a loop"
    text = str(error)
    return str.__str__(text)[:MAX_TEXT]


def _syntax(error):
    source = (error.text or "").strip()
    return "SyntaxError: %s (line %s%s)" % (error.msg, error.lineno, ": " + source[:200] if source else "")


def _places(error, sources):
    traceback = error.__traceback__
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file in sources:
            yield file, traceback.tb_lineno
        traceback = traceback.tb_next


def _with_place(message, places, sources, step):
    if not places:
        return message
    shown = []
    for file, number in places[-3:]:
        lines = sources[file]
        source = lines[number - 1].strip()[:200] if 0 < number <= len(lines) else ""
        where = "line %d" % number if file == STEP_FILE % step else "line %d of %s" % (number, file.strip("<>"))
        shown.append("  %s: %s" % (where, source))
    return message + "\n" + "\n".join(shown)
