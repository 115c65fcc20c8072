"""What stops a step and can't be caught by it. Nothing here derives from Exception, and no session code can name it.

Session code meets these as arguments of __exit__ and could make its own: what the host is told of one beside its text
is an attribute, which only the code of the sandbox can set.
"""


class StepEnd(BaseException):
    """Ends a step. The first one made since the step began is what it ends with, even if its code got round the raise."""

    first = None

    def __init__(self, text):
        super().__init__(text)
        if StepEnd.first is None:
            StepEnd.first = self


class Violation(StepEnd):
    """The code used something that the sandbox does not allow. The text says what, and what to write instead."""

    line = None  # where the check of the source found it


class LimitReached(StepEnd):
    """A host function refused because a limit of the run is reached."""

    code = "limit_exceeded"


class Interrupted(StepEnd):
    """The step ran into its time limit."""


class CallFailed(RuntimeError):
    """A host function could not answer. Code may catch it, as any RuntimeError."""

    code = "code_error"


def violation_at(line, text):
    """The violation that a line of the source holds."""
    violation = Violation("line %d: %s" % (line, text))
    violation.line = line
    return violation
