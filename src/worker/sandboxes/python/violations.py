"""What stops a step and can't be caught by it. Nothing here derives from Exception, and no session code can name it."""


class Violation(BaseException):
    """The code used something that the sandbox does not allow. The text says what, and what to write instead."""


class LimitReached(BaseException):
    """A host function refused because a limit of the run is reached."""


class Interrupted(BaseException):
    """The step ran into its time limit."""


class CallFailed(RuntimeError):
    """A host function could not answer. Code may catch it, as any RuntimeError."""
