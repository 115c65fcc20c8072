"""copy and deepcopy of the session: by what an object's class and the object hold.

The library's follow the pickle protocol wherever it leads: they call what an object names and set attributes on what
comes back, and a memo that code can write to says what stands for what. Here only objects of classes that code can name
are copied, by the protocol of their class; everything else is shared; and the memo is ours.
"""

from classes import SESSION, Sealed, is_class, module_of
from hints import TARGET
from violations import Violation

SHARED = frozenset({int, float, bool, complex, str, bytes, range, slice, property})
PROTOCOL = ("__reduce_ex__", "__reduce__", "__getstate__", "__getnewargs_ex__", "__getnewargs__", "__setstate__")


class Memo(metaclass=Sealed):
    """What __deepcopy__ gets: to be passed on, asked for copies, and told of the copy of the object it is called on."""

    __slots__ = ("_done", "_own")

    def __init__(self, done, own):
        object.__setattr__(self, "_done", done)
        object.__setattr__(self, "_own", own)

    def __contains__(self, key):
        return key in self._done

    def __getitem__(self, key):
        return self._done[key][1]

    def get(self, key, default=None):
        return self[key] if key in self else default

    def __setitem__(self, key, copied):
        if key == id(self._own):
            self._done[key] = (self._own, copied)

    def __setattr__(self, name, value):
        raise Violation("the memo can't be changed; %s" % TARGET)


def copy_functions(nameable):
    """{"copy", "deepcopy"}; `nameable` are the library's classes that session code can name, a set that may grow."""

    def is_shared(value):
        kind = type(value)
        known = kind in nameable or module_of(kind) == SESSION or issubclass(kind, Exception)
        return not known or kind in SHARED or is_class(value)

    def copy(value):
        kind = type(value)
        if is_shared(value) or kind is tuple or kind is frozenset:
            return value
        copier = getattr(kind, "__copy__", None)
        return copier(value) if copier else _rebuilt(value, lambda part: part, {})

    def deepcopy(value, memo=None):
        done = object.__getattribute__(memo, "_done") if type(memo) is Memo else {}

        def deep(item):
            if id(item) in done:
                return done[id(item)][1]
            kind = type(item)
            if is_shared(item):
                return item
            if kind is tuple:
                copied = tuple([deep(part) for part in item])
                return item if all(new is old for new, old in zip(copied, item)) else done.setdefault(id(item), (item, copied))[1]
            copier = getattr(kind, "__deepcopy__", None)
            if copier is None:
                return _rebuilt(item, deep, done)
            return done.setdefault(id(item), (item, copier(item, Memo(done, item))))[1]

        return deep(value)

    return {"copy": copy, "deepcopy": deepcopy}


def _rebuilt(value, part, done):
    """A new object by the pickle protocol of the value's class, of parts that `part` gives."""
    if any(type(name) is not str or name in PROTOCOL for name in getattr(value, "__dict__", ())):
        raise Violation("an object with a protocol of its own can't be copied; make a new one of its parts")
    reduced = type(value).__reduce_ex__(value, 4)
    if type(reduced) is str:
        return value  # a constant
    make, args, state, items, pairs = (*reduced, None, None, None)[:5]
    copied = make(*[part(argument) for argument in args])
    done[id(value)] = (value, copied)
    if state is not None:
        _set_state(copied, part(state))
    for item in items or ():
        copied.append(part(item))
    for key, item in pairs or ():
        copied[part(key)] = part(item)
    return copied


def _set_state(copied, state):
    setter = getattr(type(copied), "__setstate__", None)
    if setter is not None:
        setter(copied, state)
        return
    own, slots = state if type(state) is tuple and len(state) == 2 else (state, None)
    if own:
        copied.__dict__.update(own)
    for name, item in (slots or {}).items():
        setattr(copied, name, item)
