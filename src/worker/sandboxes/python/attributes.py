"""Attributes at run time: what code reads, sets and names in texts, as far as only the object can decide.

Only the session's own objects are written to, and only they have private attributes.
"""

from abc import ABC, ABCMeta
from _string import formatter_field_name_split, formatter_parser

from classes import SESSION, dict_of, is_class, made_by_session, module_of, mro_of, namespace
from hints import ATTRIBUTE, ATTRIBUTES, TARGET
from names import FORMATTERS, GUARDED, METHOD_DUNDERS, PUBLIC_UNDERSCORES, is_allowed_attribute, is_private, is_read_only
from violations import Violation

CONVERSIONS = {"s": str, "r": repr, "a": ascii}

_missing = object()
_BuiltinMethod = type("".format)
_self_of = super.__dict__["__self__"].__get__
_self_class_of = super.__dict__["__self_class__"].__get__
_this_class_of = super.__dict__["__thisclass__"].__get__


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
    if _written_by_session(mro_of(cls), name):
        return getattr(value, name)
    raise AttributeError("%s object has no attribute %r" % (kind.__name__, name))


def _written_by_session(classes, name):
    """Is the class that gives the attribute the session's own?"""
    return next((module_of(cls) == SESSION for cls in classes if name in dict_of(cls)), False)


def parent(view, name):
    """super().name"""
    bound_to, cls = _self_of(view), _self_class_of(view)
    if name in METHOD_DUNDERS and bound_to is cls:
        raise AttributeError("super().%s is only available in methods of instances" % name)
    if name in GUARDED:
        guarded(bound_to, name)
    if is_private(name):
        classes = mro_of(cls)
        after = classes[classes.index(_this_class_of(view)) + 1 :]
        if not _written_by_session(after, name):
            raise AttributeError("%s object has no attribute %r" % (cls.__name__, name))
    return getattr(view, name)


def guarded(value, name):
    """An attribute of that name on the session's own objects; on an exception it would be any object of the library's."""
    cls = value if is_class(value) else type(value)
    if name == "register" and any(type(part) is ABCMeta and module_of(part) != SESSION and part is not ABC for part in mro_of(cls)):
        raise AttributeError("abstract classes of the library take no registrations; build on them: class Mine(Mapping)")
    if issubclass(cls, BaseException) or not (made_by_session(value) or type(value) is namespace):
        raise AttributeError("%r of %s is not available" % (name, type(value).__name__))
    return getattr(value, name)


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
        raise Violation("the attribute %r can't be set; %s" % (name, TARGET))
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
        raise Violation("the attribute %r is not allowed; %s" % (name, ATTRIBUTES.get(name, ATTRIBUTE)))


# -- str.format without its own attribute walks ------------------------------------------------------------------------


def formatter(value, name):
    """value.format or value.format_map; where that turns out to be str's, whatever passed it on, the formatter of ours."""
    found = getattr(value, name)
    if found is str.format:
        return lambda text, *args, **kwargs: format_text(str.__str__(text), args, kwargs)
    if found is str.format_map:
        return lambda text, mapping: format_text(str.__str__(text), (), mapping)
    if type(found) is not _BuiltinMethod or not isinstance(found.__self__, str) or found.__name__ not in FORMATTERS:
        return found
    template = str.__str__(found.__self__)
    if found.__name__ == "format":
        return lambda *args, **kwargs: format_text(template, args, kwargs)
    return lambda mapping: format_text(template, (), mapping)


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
