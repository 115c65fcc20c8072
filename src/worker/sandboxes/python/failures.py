"""An exception of a step as the model is told of it: kind, text, line and source line; no path of the host."""

from violations import CallFailed, Interrupted, LimitReached, Violation

MAX_TEXT = 4000
MAX_NAME = 200
STEP_FILE = "<step %d>"


def describe(error, sources, step):
    """(code, message, line in this step or None). `sources` are the lines of each step's code by its file name."""
    places = list(_places(error, sources))
    if isinstance(error, SyntaxError) and not places:  # the step's own; one that its code raises has a place
        return "code_error", _syntax(error), error.lineno
    if isinstance(error, Violation) and error.line is not None:
        places = [(STEP_FILE % step, error.line)]
    code, message = _told(error)
    line = next((number for file, number in reversed(places) if file == STEP_FILE % step), None)
    return code, _with_places(message, places, sources, step), line


def _told(error):
    """(code, text) of an error that came up while the step ran."""
    text = _text(error)
    if isinstance(error, Violation):
        return "sandbox_violation", text
    if type(error) in (LimitReached, CallFailed):
        return error.code, text
    name = "TimeoutError" if isinstance(error, Interrupted) else type.__getattribute__(type(error), "__name__")[:MAX_NAME]
    return "code_error", "%s: %s" % (name, text) if text else name


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
    return "SyntaxError: %s (line %s%s)" % (error.msg[:MAX_TEXT], error.lineno, ": " + source[:200] if source else "")


def _places(error, sources):
    traceback = error.__traceback__
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file in sources:
            yield file, traceback.tb_lineno
        traceback = traceback.tb_next


def _with_places(message, places, sources, step):
    """The message, and under it the last lines on the way to the error."""
    shown = [message]
    for file, number in places[-3:]:
        lines = sources[file]
        source = lines[number - 1].strip()[:200] if 0 < number <= len(lines) else ""
        where = "line %d" % number if file == STEP_FILE % step else "line %d of %s" % (number, file.strip("<>"))
        shown.append("  %s: %s" % (where, source))
    return "\n".join(shown)
