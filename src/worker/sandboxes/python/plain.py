"""Values that leave the sandbox: copied by exact type, so that no method of session code runs, and bounded."""

MAX_NODES = 100_000
MAX_DEPTH = 40
MAX_CHARS = 16 << 20
MAX_SAFE_INTEGER = 2**53 - 1


def to_plain(value, span_of):
    """A copy made of None, bool, int, float, str, list and dict only.

    Integers that JSON readers would round become decimal strings, as do nan and the infinities. `span_of(x)` gives the
    reference that stands for a chunk of a document, or None. Raises TypeError or ValueError with a text for the model.
    """
    nodes = chars = 0

    def copy(item, depth):
        nonlocal nodes, chars
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise ValueError("the value is too large or nested too deeply to leave the sandbox")
        kind = type(item)
        if item is None or kind is bool:
            return item
        if kind is str:
            chars += len(item)
            if chars > MAX_CHARS:
                raise ValueError("the value has more than %d characters" % MAX_CHARS)
            return item
        if kind is int:
            if item.bit_length() > 4096:
                raise ValueError("the integer is too large to leave the sandbox")
            return item if -MAX_SAFE_INTEGER <= item <= MAX_SAFE_INTEGER else "%d" % item
        if kind is float:
            return item if item - item == 0 else repr(item)
        if kind is list or kind is tuple or kind is set or kind is frozenset:
            return [copy(part, depth + 1) for part in item]
        if kind is dict:
            return {key_of(key): copy(part, depth + 1) for key, part in item.items()}
        span = span_of(item)
        if span is not None:
            return span
        # Subclasses (Counter, defaultdict, named tuples, str enums) by the base's own methods.
        for base, read in ((str, str.__str__), (dict, dict.copy), (list, list.copy), (tuple, tuple_of), (int, int.__int__), (float, float.__float__)):
            if isinstance(item, base):
                return copy(read(item), depth)
        raise TypeError("a value of type %s cannot leave the sandbox; convert it with str() or to a dict" % kind.__name__)

    def key_of(key):
        kind = type(key)
        if kind is str:
            return key
        if key is None or kind is bool or kind is int or kind is float:
            return str(key)
        if isinstance(key, str):
            return str.__str__(key)
        if kind is tuple:
            return ", ".join([str(key_of(part)) for part in key])
        raise TypeError("a dict key of type %s cannot leave the sandbox; use str" % kind.__name__)

    return copy(value, 0)


def tuple_of(value):
    return [tuple.__getitem__(value, at) for at in range(tuple.__len__(value))]
