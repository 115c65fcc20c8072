"""What the checked code is rewritten to call: attribute reads and writes that only run time can decide.

Objects are told apart by who made their class: the session's (module `__main__`, made from checked code) or anybody
else's. Only the session's own objects are written to, and only they have private attributes.
"""

import sys
from _io import StringIO
from _string import formatter_field_name_split, formatter_parser

from names import FORMATTERS, GUARDED, METHOD_DUNDERS, is_allowed_attribute, is_private
from policy import GUARD
from violations import StepEnd, Violation

SESSION = "__main__"
MARK = GUARD % "session"  # bound in the session's globals: its functions are told by it

_missing = object()
FunctionType = type(lambda: None)
SimpleNamespace = type(sys.implementation)
_dict_of = type.__dict__["__dict__"].__get__
_mro_of = type.__dict__["__mro__"].__get__


class Sealed(type):
    """A class that can't be changed, for what the session can name."""

    def __setattr__(cls, name, value):
        raise Violation("%s can't be changed" % cls.__name__)

    def __delattr__(cls, name):
        raise Violation("%s can't be changed" % cls.__name__)


class Opaque(metaclass=Sealed):
    """What type(x) gives for a class: something with a name and no power."""

    __slots__ = ()


def made_by_session(value):
    kind = type(value)
    if isinstance(value, type):
        return type.__getattribute__(value, "__module__") == SESSION
    if kind is FunctionType:
        return value.__globals__.get(MARK) is True
    return type.__getattribute__(kind, "__module__") == SESSION


def _writable(value):
    kind = type(value)
    if made_by_session(value) or kind is SimpleNamespace:
        return True
    return type.__getattribute__(kind, "__module__") == "decimal" and type.__getattribute__(kind, "__name__") == "Context"


def write(value):
    if not _writable(value):
        raise Violation("attributes of %s can't be set; keep your data in a dict or a class of your own" % type(value).__name__)
    return value


def update(value, name):
    write(value)
    if is_private(name):
        private(value, name)
    return value


def private(value, name):
    """value._name: in the instance's own dict, or in a class that session code wrote; never one of the library's."""
    kind = type(value)
    if name in ("_value_", "_name_") and made_by_session(value):
        return getattr(value, name)
    own = None
    if not isinstance(value, type):
        if type.__getattribute__(kind, "__module__") == SESSION or kind is SimpleNamespace:
            try:
                own = object.__getattribute__(value, "__dict__")
            except AttributeError:
                own = None
        if own is not None and name in own:
            return own[name]
    for cls in _mro_of(value if isinstance(value, type) else kind):
        if type.__getattribute__(cls, "__module__") == SESSION and name in _dict_of(cls):
            return getattr(value, name)
    raise AttributeError("%s object has no attribute %r" % (kind.__name__, name))


def guarded(value, name):
    if isinstance(value, BaseException):
        raise AttributeError("%r of exceptions is not available" % name)
    return getattr(value, name)


def class_name(value):
    name = type.__getattribute__(type(value), "__name__")
    return name if type(name) is str else "object"


def base(value):
    if isinstance(value, type) and issubclass(value, type):
        raise Violation("metaclasses are not allowed; use a plain class or a decorator function")
    return value


def catch(kinds=Exception):
    """What an except clause catches: nothing while the end of a step goes by."""
    return () if isinstance(sys.exc_info()[1], StepEnd) else kinds


# -- attributes by name ------------------------------------------------------------------------------------------------


def get_attribute(value, name, default=_missing):
    """getattr() of the session."""
    _checked(name)
    try:
        return _read(value, name)
    except AttributeError:
        if default is _missing:
            raise
        return default


def has_attribute(value, name):
    """hasattr() of the session: asking whether a protocol method exists is harmless, getting it is not."""
    if type(name) is str and name in METHOD_DUNDERS:
        return hasattr(value, name)
    _checked(name)
    try:
        _read(value, name)
    except AttributeError:
        return False
    return True


def set_attribute(value, name, new):
    _checked(name)
    if name.startswith("__"):
        raise Violation("the attribute %r can't be set" % name)
    setattr(write(value), name, new)


def _read(value, name):
    if name in FORMATTERS:
        return formatter(value, name)
    if name in GUARDED:
        return guarded(value, name)
    if is_private(name):
        return private(value, name)
    return getattr(value, name)


def _checked(name):
    if type(name) is not str:
        raise TypeError("an attribute's name must be a str")
    if not is_allowed_attribute(name):
        raise Violation("the attribute %r is not allowed" % name)


# -- str.format without its own attribute walks ------------------------------------------------------------------------


def formatter(value, name):
    """value.format or value.format_map; the formatter of ours where it would be str's."""
    if isinstance(value, str):
        template = str.__str__(value)
        if name == "format":
            return lambda *args, **kwargs: format_text(template, args, kwargs)
        return lambda mapping: format_text(template, (), mapping)
    if isinstance(value, type) and issubclass(value, str):
        if name == "format":
            return lambda text, *args, **kwargs: format_text(str.__str__(text), args, kwargs)
        return lambda text, mapping: format_text(str.__str__(text), (), mapping)
    return getattr(value, name)


def format_text(template, args, kwargs):
    """str.format by the rules of the language reference (Format String Syntax), attributes read through the guards."""
    return _format(template, args, kwargs, [0], 2)


def _format(template, args, kwargs, counter, depth):
    if depth < 0:
        raise ValueError("Max string recursion exceeded")
    parts = []
    for literal, field, spec, conversion in formatter_parser(template):
        parts.append(literal)
        if field is None:
            continue
        value = _field(field, args, kwargs, counter)
        if conversion:
            value = {"s": str, "r": repr, "a": ascii}[conversion](value)
        parts.append(format(value, _format(spec, args, kwargs, counter, depth - 1)))
    return "".join(parts)


def _field(field, args, kwargs, counter):
    first, rest = formatter_field_name_split(field)
    if first == "":
        if counter[0] is None:
            raise ValueError("cannot switch from manual field specification to automatic field numbering")
        first = counter[0]
        counter[0] += 1
    elif isinstance(first, int):
        if counter[0]:
            raise ValueError("cannot switch from automatic field numbering to manual field specification")
        counter[0] = None
    if isinstance(first, int) and first >= len(args):
        raise IndexError("Replacement index %d out of range for positional args tuple" % first)
    value = args[first] if isinstance(first, int) else kwargs[first]
    for is_attribute, key in rest:
        value = get_attribute(value, key) if is_attribute else value[key]
    return value


# -- builtins that are replaced ----------------------------------------------------------------------------------------


def safe_type(value, *rest):
    if rest:
        raise Violation("type() takes one argument here; write a class statement")
    kind = type(value)
    return Opaque if issubclass(kind, type) else kind


def make_print(emit):
    def print(*values, sep=" ", end="\n", file=None, flush=False):
        sep = " " if sep is None else sep
        end = "\n" if end is None else end
        if type(sep) is not str or type(end) is not str:
            raise TypeError("sep and end must be str")
        text = sep.join([str(value) for value in values]) + end
        if file is None:
            emit(text)
        elif type(file) is StringIO:
            file.write(text)
        else:
            raise Violation("print(file=…) only takes an io.StringIO")

    return print


def guard_table(modules):
    """The names that rewritten code calls."""
    guards = {
        "write": write,
        "update": update,
        "private": private,
        "guarded": guarded,
        "class_name": class_name,
        "base": base,
        "catch": catch,
        "formatter": formatter,
        "import": modules.load,
        "import_from": modules.load_name,
        "session": True,
    }
    return {GUARD % name: guard for name, guard in guards.items()}
