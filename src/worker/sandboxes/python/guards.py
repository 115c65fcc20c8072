"""What the checked code is rewritten to call: attribute reads and writes that only run time can decide.

Objects are told apart by who made their class: the session's (module `__main__`, made from checked code) or anybody
else's. Only the session's own objects are written to, and only they have private attributes.
"""

import builtins
import sys
from _io import StringIO
from _string import formatter_field_name_split, formatter_parser

from names import FORMATTERS, GUARDED, METHOD_DUNDERS, PUBLIC_UNDERSCORES, is_allowed_attribute, is_private, is_read_only
from policy import GUARD, POSITIONAL_PATTERNS
from violations import StepEnd, Violation

SESSION = "__main__"
MARK = GUARD % "session"  # bound in the session's globals: its functions are told by it

_missing = object()
FunctionType = type(lambda: None)
BuiltinMethod = type("".format)
_dict_of = type.__dict__["__dict__"].__get__
_mro_of = type.__dict__["__mro__"].__get__
_self_of = super.__dict__["__self__"].__get__
_self_class_of = super.__dict__["__self_class__"].__get__
_this_class_of = super.__dict__["__thisclass__"].__get__


class Sealed(type):
    """A class that can't be changed, for what the session can name."""

    def __setattr__(cls, name, value):
        raise Violation("%s can't be changed" % cls.__name__)

    def __delattr__(cls, name):
        raise Violation("%s can't be changed" % cls.__name__)


class Opaque(metaclass=Sealed):
    """What type(x) gives for a class: something with a name and no power."""

    __slots__ = ()


class StandIn(Sealed):
    """Classes with another's name, for isinstance()."""

    def __instancecheck__(cls, value):
        return _stand_ins.get(type(value)) is cls


_stand_ins = {}


def stand_in(kind):
    """What type(x) gives for an object of a class that code could not name."""
    if kind not in _stand_ins:
        name = type.__getattribute__(kind, "__name__")
        _stand_ins[kind] = StandIn(name, (), {"__slots__": (), "__module__": module_of(kind)})
    return _stand_ins[kind]


class Inert(metaclass=Sealed):
    """Stands for a name that hints are made of (typing, `type`): can be subscripted and combined, does nothing.

    (Union["code"] would evaluate its text.) isinstance() asks `kind`, if there is one.
    """

    __slots__ = ("_kind",)

    def __init__(self, kind=None):
        object.__setattr__(self, "_kind", kind)

    def __getitem__(self, key):
        return self

    def __call__(self, *args, **kwargs):
        return args[1] if len(args) == 2 else self  # cast(kind, value)

    def __or__(self, other):
        return self

    __ror__ = __or__

    def __instancecheck__(self, value):
        kind = object.__getattribute__(self, "_kind")
        if kind is None:
            raise TypeError("isinstance() takes a class; this is a name for hints only")
        return isinstance(value, kind)

    def __mro_entries__(self, bases):
        return ()  # class Box(Generic[T])

    def __repr__(self):
        return "typing"

    def __getattribute__(self, name):
        if name == "__mro_entries__":
            return object.__getattribute__(self, name)
        raise AttributeError("names of typing have no attributes here")

    def __setattr__(self, name, value):
        raise Violation("names of typing can't be changed")


class namespace(type(sys.implementation)):
    """types.SimpleNamespace, whose keywords could name what the library looks up on an object (__reduce__)."""

    __module__ = "types"

    def __init__(self, **attributes):
        for name in attributes:
            if name.startswith("__"):
                raise Violation("the attribute %r can't be set" % name)
        super().__init__(**attributes)


def is_class(value):
    """Not isinstance(): some objects pass on another's __class__ (list[int])."""
    return issubclass(type(value), type)


def module_of(cls):
    return type.__getattribute__(cls, "__module__")


def made_by_session(value):
    kind = type(value)
    if kind is FunctionType:
        return value.__globals__.get(MARK) is True
    return module_of(value if is_class(value) else kind) == SESSION


def _writable(value):
    kind = type(value)
    if made_by_session(value) or kind is namespace:
        return True
    return module_of(kind) == "decimal" and type.__getattribute__(kind, "__name__") == "Context"


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
    """value._name: from the instance's own dict, or when the session wrote the class that has it; public ones of tuples."""
    kind = type(value)
    cls = value if is_class(value) else kind
    if name in PUBLIC_UNDERSCORES and issubclass(cls, tuple):
        return getattr(value, name)
    if cls is kind and (module_of(kind) == SESSION or kind is namespace):
        own = getattr(value, "__dict__", {})
        if name in own:
            return own[name]
    if _written_by_session(_mro_of(cls), name):
        return getattr(value, name)
    raise AttributeError("%s object has no attribute %r" % (kind.__name__, name))


def _written_by_session(classes, name):
    """Is the class that gives the attribute the session's own?"""
    return next((module_of(cls) == SESSION for cls in classes if name in _dict_of(cls)), False)


def parent(view, name):
    """super().name"""
    bound_to, cls = _self_of(view), _self_class_of(view)
    if name in METHOD_DUNDERS and bound_to is cls:
        raise AttributeError("super().%s is only available in methods of instances" % name)
    if name in GUARDED:
        guarded(bound_to, name)
    if is_private(name):
        classes = _mro_of(cls)
        after = classes[classes.index(_this_class_of(view)) + 1 :]
        if not _written_by_session(after, name):
            raise AttributeError("%s object has no attribute %r" % (cls.__name__, name))
    return getattr(view, name)


def guarded(value, name):
    """An attribute of that name on the session's own objects; on an exception it would be any object of the library's."""
    cls = value if is_class(value) else type(value)
    if issubclass(cls, BaseException) or not (made_by_session(value) or type(value) is namespace):
        raise AttributeError("%r of %s is not available" % (name, type(value).__name__))
    return getattr(value, name)


def class_name(value):
    name = type.__getattribute__(type(value), "__name__")
    return name if type(name) is str else "object"


def base(value):
    """A class to build on, or what stands for some (list[int], names of typing)."""
    if not is_class(value):
        if not hasattr(value, "__mro_entries__"):
            raise TypeError("a base must be a class, not %s" % type(value).__name__)  # Python would call its type
    elif issubclass(value, type):
        raise Violation("metaclasses are not allowed; use a plain class or a decorator function")
    elif issubclass(type(value), Sealed) or issubclass(value, StepEnd):
        raise Violation("%s can't be a base class" % value.__name__)
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
    if is_read_only(name):
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
    """value.format or value.format_map; where that turns out to be str's, whatever passed it on, the formatter of ours."""
    found = getattr(value, name)
    if found is str.format:
        return lambda text, *args, **kwargs: format_text(str.__str__(text), args, kwargs)
    if found is str.format_map:
        return lambda text, mapping: format_text(str.__str__(text), (), mapping)
    if type(found) is not BuiltinMethod or not isinstance(found.__self__, str) or found.__name__ not in FORMATTERS:
        return found
    template = str.__str__(found.__self__)
    if found.__name__ == "format":
        return lambda *args, **kwargs: format_text(template, args, kwargs)
    return lambda mapping: format_text(template, (), mapping)


CONVERSIONS = {"s": str, "r": repr, "a": ascii}


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
            if conversion not in CONVERSIONS:
                raise ValueError("Unknown conversion specifier %r" % conversion)
            value = CONVERSIONS[conversion](value)
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


class Type(Inert):
    """type() of the session: the class where code could name it, else a stand-in that has its name and no power.

    `nameable` are the classes that the builtins and the imported modules give; it may grow.
    """

    __slots__ = ("_nameable",)

    def __init__(self, nameable):
        object.__setattr__(self, "_nameable", nameable)

    def __call__(self, value, *rest):
        if rest:
            raise Violation("type() takes one argument here; write a class statement")
        kind = type(value)
        if issubclass(kind, type):
            return Opaque
        known = kind in object.__getattribute__(self, "_nameable") or module_of(kind) == SESSION or issubclass(kind, Exception)
        return kind if known else stand_in(kind)

    def __instancecheck__(self, value):
        return is_class(value)

    def __mro_entries__(self, bases):
        raise Violation("metaclasses are not allowed; use a plain class or a decorator function")

    def __repr__(self):
        return "<class 'type'>"



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
        "parent": parent,
        "guarded": guarded,
        "class_name": class_name,
        "base": base,
        "catch": catch,
        "formatter": formatter,
        "import": modules.load,
        "import_from": modules.load_name,
        "session": True,
        **{name: getattr(builtins, name) for name in POSITIONAL_PATTERNS},
    }
    return {GUARD % name: guard for name, guard in guards.items()}
