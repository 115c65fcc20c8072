"""Library functions that would give away more than they compute, as functions of ours; and library methods made to look at
what they are called on.
"""

import sys

from attributes import get_attribute, write
from classes import SESSION, FunctionType, Inert, base, dict_of, is_class, made_by_session, mro_of, namespace
from copies import copy_functions
from hints import ATTRIBUTE
from names import is_allowed_attribute, is_allowed_identifier
from snapshot import Context
from violations import Violation

CLASS_VAR = Inert()
ReadOnly = type(type.__dict__)


def replacements(name, members, modules, emit):
    """{name: what the session gets instead} for the members of a module; `emit` takes text for the step's output."""
    if name == "dataclasses":
        sys.modules[name].copy = modules.load("copy")  # asdict and astuple copy what is no dataclass
        return {"dataclass": safe_dataclass(members["dataclass"])}
    if name == "copy":
        return copy_functions(modules.classes)
    if name == "collections":
        for cls, names in ((members["Counter"], ["copy"]), (members["ChainMap"], ["copy", "new_child", "parents"])):
            for method in names:
                guard_method(cls, method)
        return {"namedtuple": safe_namedtuple(members["namedtuple"])}
    if name == "enum":
        guard_enums(type(members["Enum"]))
    if name == "json":
        return {"dumps": safe_dumps(members["dumps"])}
    if name == "textwrap":
        wrapper = members["TextWrapper"]
        wrapper.unicode_whitespace_trans = ReadOnly(dict(wrapper.unicode_whitespace_trans))  # all share it
    if name == "types":
        return {"SimpleNamespace": namespace}
    if name == "operator":
        return {"attrgetter": safe_attrgetter, "methodcaller": safe_methodcaller}
    if name == "functools":
        ordering, cached = members["total_ordering"], members["cached_property"]
        return {
            "wraps": safe_wraps,
            "total_ordering": lambda cls: ordering(write(cls)),
            "cached_property": lambda function: cached(function),  # no class to build on: its attrname could be written
        }
    if name == "typing":
        kept = {"NamedTuple": members["NamedTuple"], "TYPE_CHECKING": False, "ClassVar": CLASS_VAR}
        return {**{key: Inert(getattr(value, "__origin__", None)) for key, value in members.items()}, **kept}
    if name == "pprint":
        pformat = members["pformat"]
        return {"pprint": lambda value, stream=None, **options: emit(pformat(value, **options) + "\n")}
    return {}


def safe_dataclass(real):
    """The real one runs exec over field names: they must be names, and the class the session's."""

    def dataclass(cls=None, **options):
        if cls is None:
            return lambda later: dataclass(later, **options)
        if not is_class(cls) or not made_by_session(cls):
            raise Violation("dataclass takes a class of your own; write a class statement")
        hints = dict_of(cls).get("__annotations__") or {}
        for name, hint in hints.items():
            if type(name) is not str or not name.isidentifier() or name.startswith("__"):
                raise Violation("dataclass fields must have plain names; write name: type")
            if hint is CLASS_VAR or type(hint) is str and hint.partition("[")[0] in ("ClassVar", "typing.ClassVar"):
                hints[name] = real_class_var()
        return real(cls, **options)

    return dataclass


def real_class_var():
    """What dataclass knows a class variable by."""
    import typing  # only where a class has one: it costs 5 ms

    return typing.ClassVar


def safe_namedtuple(real):
    def namedtuple(typename, field_names, *, rename=False, defaults=None):
        if isinstance(field_names, str):
            field_names = str.__str__(field_names).replace(",", " ").split()
        names = [str.__str__(name) for name in field_names]
        return real(str.__str__(typename), names, rename=bool(rename), defaults=defaults, module=SESSION)

    return namedtuple


def guard_method(cls, name):
    """A method that makes another of self.__class__: called with a class in place of self it would give a metaclass."""
    real = cls.__dict__[name]
    function = real.fget if isinstance(real, property) else real
    if function.__globals__ is globals():
        return  # done

    def method(self, *args, **kwargs):
        if cls not in mro_of(type(self)):
            raise TypeError("%s.%s takes a %s, not %s" % (cls.__name__, name, cls.__name__, type(self).__name__))
        return function(self, *args, **kwargs)

    setattr(cls, name, property(method) if isinstance(real, property) else method)


def guard_enums(meta):
    """Enum("Name", members) makes a class out of names: they must be such as a class body could have."""
    real = meta._create_
    if real.__globals__ is globals():
        return  # done

    def create(cls, class_name, names, *, type=None, start=1, module=None, qualname=None, boundary=None):
        kind = None if type is None else base(type)
        more = {} if boundary is None else {"boundary": boundary}
        return real(cls, str.__str__(class_name), member_names(names), type=kind, start=start, module=SESSION, **more)

    meta._create_ = create


def member_names(names):
    """Names, or (name, value) pairs, in a list of our own: what the session gave could change between check and use."""
    if isinstance(names, str):
        names = str.__str__(names).replace(",", " ").split()
    elif isinstance(names, dict):
        names = names.items()
    members = [str.__str__(item) if isinstance(item, str) else tuple(item) for item in names or ()]
    for item in members:
        name = item if type(item) is str else item[0]
        if type(name) is not str or not is_allowed_identifier(name):
            raise Violation("the members of an enum must have plain names; use letters, digits and single underscores")
    return members


def safe_dumps(real):
    """The encoder takes no mapping for a dict that is none to C: CONTEXT."""

    def dumps(obj, *, default=None, **options):
        def encode(item):
            if type(item) is Context:
                return dict(item)
            if default is not None:
                return default(item)
            raise TypeError("Object of type %s is not JSON serializable" % type.__getattribute__(type(item), "__name__"))

        return real(obj, default=encode, **options)

    return dumps


def safe_attrgetter(*names):
    for name in names:
        if type(name) is not str or not all(is_allowed_attribute(part) for part in name.split(".")):
            raise Violation("attrgetter(%r) is not allowed; %s" % (name, ATTRIBUTE))

    def get(value):
        found = []
        for name in names:
            item = value
            for part in name.split("."):
                item = get_attribute(item, part)
            found.append(item)
        return found[0] if len(found) == 1 else tuple(found)

    return get


def safe_methodcaller(name, *args, **kwargs):
    if type(name) is not str or not is_allowed_attribute(name):
        raise Violation("methodcaller(%r) is not allowed; %s" % (name, ATTRIBUTE))
    return lambda value: get_attribute(value, name)(*args, **kwargs)


def safe_wraps(wrapped):
    """functools.wraps is a partial that could be called again, with other attributes to copy."""
    import functools

    def decorate(function):
        both = type(function) is FunctionType and made_by_session(function) and type(wrapped) is FunctionType
        return functools.wraps(wrapped)(function) if both else function

    return decorate
