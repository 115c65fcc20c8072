"""One rule for every attribute and identifier, used by the check of the source and by the guards at run time."""

import unicodedata

# The names that rewritten code calls: no name of session code begins or ends with two underscores.
GUARD = "__g_%s__"

# The builtin types whose class patterns may have positions.
POSITIONAL_PATTERNS = frozenset("str int float bool list dict tuple set bytes frozenset".split())

# Read anywhere.
READABLE_DUNDERS = frozenset({"__name__", "__doc__", "__cause__", "__version__"})

# Defined in a class body, and asked for by hasattr().
METHOD_DUNDERS = frozenset(
    """__init__ __repr__ __str__ __len__ __iter__ __next__ __getitem__ __setitem__ __delitem__ __contains__ __call__
    __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__ __bool__ __add__ __radd__ __iadd__ __sub__ __rsub__ __isub__
    __mul__ __rmul__ __imul__ __truediv__ __rtruediv__ __floordiv__ __mod__ __pow__ __neg__ __pos__ __abs__ __and__
    __or__ __xor__ __invert__ __enter__ __exit__ __post_init__ __int__ __float__ __index__ __round__ __reversed__
    __missing__ __copy__ __deepcopy__""".split()
)

# Private by their spelling, public by their documentation (named tuples); read-only.
PUBLIC_UNDERSCORES = frozenset({"_asdict", "_replace", "_fields", "_make", "_field_defaults"})

# Generators, coroutines, tracebacks, code and frames: the ways out of the session's own objects. getbuffer() gives a
# memoryview.
FORBIDDEN_PREFIXES = ("gi_", "cr_", "ag_", "tb_", "co_")
FORBIDDEN = frozenset(
    """mro with_traceback f_back f_builtins f_code f_generator f_globals f_lasti f_lineno f_locals f_trace
    f_trace_lines f_trace_opcodes cell_contents getbuffer func_globals func_code func_closure func_defaults im_func im_self im_class""".split()
)

# Decided by a guard when the attribute is read: AttributeError.obj holds the object that lacks an attribute, and an abstract
# class of the library's that a class was registered with would be another for all steps to come.
GUARDED = frozenset({"obj", "register"})

# str.format walks attributes by itself; a formatter of ours takes its place.
FORMATTERS = frozenset({"format", "format_map"})


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def is_read_only(name):
    return name.startswith("__") or name in PUBLIC_UNDERSCORES


def is_allowed_attribute(name):
    """`name` must be an exact str that NFKC leaves alone; a private name still has to pass the guard for private reads."""
    if type(name) is not str or not name or unicodedata.normalize("NFKC", name) != name:
        return False
    if name.startswith("__"):
        return name in READABLE_DUNDERS
    return not name.startswith(FORBIDDEN_PREFIXES) and name not in FORBIDDEN


def is_allowed_identifier(name):
    return not name.startswith("__") and not name.endswith("__")
