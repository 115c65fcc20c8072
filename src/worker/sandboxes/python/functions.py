"""The functions of the sandbox as the session has them."""

from classes import Sealed
from hints import TARGET
from violations import Violation


class Function(metaclass=Sealed):
    """A function as the session sees it: it can be called and has a name, nothing else."""

    __slots__ = ("_name", "_call")

    def __init__(self, name, call):
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_call", call)

    def __call__(self, *args, **kwargs):
        return object.__getattribute__(self, "_call")(*args, **kwargs)

    def __getattribute__(self, name):
        if name == "__name__":
            return object.__getattribute__(self, "_name")
        raise AttributeError("functions of the sandbox have no attributes")

    def __setattr__(self, name, value):
        raise Violation("functions of the sandbox can't be changed; %s" % TARGET)

    def __repr__(self):
        return "<function %s>" % object.__getattribute__(self, "_name")


def bind_arguments(name, parameters, args, kwargs):
    """The arguments in the order of the parameters, as a call of a Python function would bind them."""
    if len(args) > len(parameters):
        raise TypeError("%s() takes %d arguments but %d were given" % (name, len(parameters), len(args)))
    known = [parameter[0] for parameter in parameters]
    for key in kwargs:
        if key not in known:
            raise TypeError("%s() has no parameter %r; it has %s" % (name, key, ", ".join(known)))
        if known.index(key) < len(args):
            raise TypeError("%s() got several values for %r" % (name, key))
    bound = list(args)
    for parameter, has_default, default in parameters[len(args) :]:
        if parameter not in kwargs and not has_default:
            raise TypeError("%s() is missing the argument %r" % (name, parameter))
        bound.append(kwargs.get(parameter, default))
    return bound


def describe_value(value):
    kind = type(value)
    name = type.__getattribute__(kind, "__name__")
    if kind in (str, bytes):
        return "%s, %d characters" % (name, len(value))
    if kind in (list, tuple, dict, set, frozenset):
        return "%s, %d items" % (name, len(value))
    return name
