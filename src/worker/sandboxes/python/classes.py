"""Classes as the session has them: whose they are, what may be built on, and what stands for those that would give too much.

The session's own are of the module `__main__`, made from checked code; the rest are anybody else's.
"""

import sys

from hints import TARGET
from names import GUARD
from violations import StepEnd, Violation

SESSION = "__main__"
MARK = GUARD % "session"  # bound in the session's globals: its functions are told by it

FunctionType = type(lambda: None)
dict_of = type.__dict__["__dict__"].__get__
mro_of = type.__dict__["__mro__"].__get__


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


def class_name(value):
    name = type.__getattribute__(type(value), "__name__")
    return name if type(name) is str else "object"


def base(value):
    """A class to build on, or what stands for some (list[int], names of typing)."""
    if not is_class(value):
        if made_by_session(value) or not hasattr(value, "__mro_entries__"):
            raise TypeError("a base must be a class, not %s" % type(value).__name__)  # Python would call its type
    elif issubclass(value, type):
        raise Violation("metaclasses are not allowed; use a plain class or a decorator function")
    elif issubclass(type(value), Sealed) or issubclass(value, StepEnd):
        raise Violation("%s can't be a base class; write a class of your own" % value.__name__)
    return value


class Sealed(type):
    """A class that can't be changed, for what the session can name."""

    def __setattr__(cls, name, value):
        raise Violation("%s can't be changed; %s" % (cls.__name__, TARGET))

    def __delattr__(cls, name):
        raise Violation("%s can't be changed; %s" % (cls.__name__, TARGET))


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
        raise Violation("names of typing can't be changed; %s" % TARGET)


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


class namespace(type(sys.implementation)):
    """types.SimpleNamespace, whose keywords could name what the library looks up on an object (__reduce__)."""

    __module__ = "types"

    def __init__(self, **attributes):
        plain = {str.__str__(name): value for name, value in attributes.items()}  # a keyword may be of a kind of its own
        for name in plain:
            if name.startswith("__"):
                raise Violation("the attribute %r can't be set; %s" % (name, TARGET))
        super().__init__(**plain)
