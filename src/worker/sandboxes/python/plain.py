"""Values that leave the sandbox: copied by exact type, so that no method of session code runs, and bounded."""

from _collections import OrderedDict

from reading import Chunks
from snapshot import Context

MAX_NODES = 100_000
MAX_DEPTH = 40
MAX_CHARS = 16 << 20
MAX_SAFE_INTEGER = 2**53 - 1
MAX_INTEGER_BITS = 4096


def to_plain(value, span_of):
    """A copy made of None, bool, int, float, str, list and dict only.

    Integers that JSON readers would round become decimal strings, as do nan and the infinities. `span_of(x)` gives the
    reference that stands for a chunk of a document, or None. Raises TypeError or ValueError with a text for the model.
    """
    nodes = chars = 0

    def copy(item, depth):
        entered(depth)
        kind = type(item)
        if item is None or kind is bool:
            return item
        if kind is str:
            return counted(item)
        if kind is int:
            return whole(item)
        if kind is float:
            return item if item - item == 0 else repr(item)
        if kind is list or kind is tuple or kind is set or kind is frozenset or kind is Chunks:
            return [copy(part, depth + 1) for part in item]
        if kind is Context or isinstance(item, dict):
            return {key_of(key, depth): copy(part, depth + 1) for key, part in items_of(item)}
        span = span_of(item)
        if span is not None:
            return span
        # Subclasses (named tuples, str enums) by the base's own methods.
        for base, read in ((str, str.__str__), (list, list.copy), (tuple, list_of), (int, int.__int__), (float, float.__float__)):
            if isinstance(item, base):
                return copy(read(item), depth)
        raise TypeError("a value of type %s cannot leave the sandbox; convert it with str() or to a dict" % kind.__name__)

    def entered(depth):
        nonlocal nodes
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise ValueError("the value is too large or nested too deeply to leave the sandbox")

    def counted(text):
        nonlocal chars
        chars += len(text)
        if chars > MAX_CHARS:
            raise ValueError("the value has more than %d characters" % MAX_CHARS)
        return text

    def key_of(key, depth):
        if isinstance(key, str):
            return counted(str.__str__(key))
        if isinstance(key, tuple):
            entered(depth)
            return ", ".join([key_of(part, depth + 1) for part in tuple.__iter__(key)])
        if key is None or type(key) is bool:
            return str(key)
        if isinstance(key, int):
            return str(whole(int.__int__(key)))
        if isinstance(key, float):
            return repr(float.__float__(key))
        raise TypeError("a dict key of type %s cannot leave the sandbox; use str" % type(key).__name__)

    return copy(value, 0)


def whole(number):
    if number.bit_length() > MAX_INTEGER_BITS:
        raise ValueError("the integer is too large to leave the sandbox")
    return number if -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER else "%d" % number


def items_of(mapping):
    """A dict's items in its order, by no method of a kind of the session's."""
    if type(mapping) is Context:
        return mapping.items()
    return OrderedDict.items(mapping) if isinstance(mapping, OrderedDict) else dict.items(mapping)


def list_of(value):
    return [*tuple.__iter__(value)]
