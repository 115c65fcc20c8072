"""The importable modules: a fixed list of names of each, read through proxies; the module objects stay out of reach.

A name is listed when it only computes. Left out on purpose: what evaluates texts or walks attributes by itself
(string.Formatter, typing.get_type_hints), what reaches the interpreter (codecs, inspect, pickle, warnings, logging),
what makes classes from texts (make_dataclass, the functional API of typing).
"""

import sys

from copies import copy_functions
from guards import SESSION, FunctionType, Inert, Sealed, base, get_attribute, is_class, made_by_session, namespace, write
from names import is_allowed_attribute, is_allowed_identifier
from violations import Violation

_dict_of = type.__dict__["__dict__"].__get__
_mro_of = type.__dict__["__mro__"].__get__

NAMES = {
    "abc": "ABC abstractmethod",
    "ast": "literal_eval",
    "base64": "b64encode b64decode urlsafe_b64encode urlsafe_b64decode b32encode b32decode b16encode b16decode",
    "binascii": "hexlify unhexlify crc32",
    "bisect": "bisect bisect_left bisect_right insort insort_left insort_right",
    "calendar": "monthrange month_name month_abbr day_name day_abbr isleap leapdays weekday timegm monthcalendar",
    "cmath": "*",
    "collections": "Counter defaultdict OrderedDict deque namedtuple ChainMap abc",
    "collections.abc": """Mapping MutableMapping Sequence MutableSequence Set MutableSet Iterable Iterator Callable
        Hashable Sized Container Collection Generator""",
    "contextlib": "contextmanager suppress nullcontext closing",
    "copy": "copy deepcopy",
    "csv": """reader writer DictReader DictWriter QUOTE_ALL QUOTE_MINIMAL QUOTE_NONE QUOTE_NONNUMERIC Error excel
        Sniffer""",
    "dataclasses": "dataclass field asdict astuple replace fields is_dataclass",
    "datetime": "date datetime time timedelta timezone tzinfo MINYEAR MAXYEAR UTC",
    "decimal": """Decimal getcontext localcontext Context ROUND_HALF_UP ROUND_HALF_EVEN ROUND_DOWN ROUND_UP ROUND_FLOOR
        ROUND_CEILING InvalidOperation DivisionByZero""",
    "difflib": "SequenceMatcher get_close_matches unified_diff context_diff ndiff Differ",
    "enum": "Enum IntEnum Flag IntFlag auto unique",
    "fractions": "Fraction",
    "functools": "reduce partial lru_cache cache cmp_to_key total_ordering wraps cached_property",
    "hashlib": "md5 sha1 sha224 sha256 sha384 sha512 blake2b blake2s sha3_256",
    "heapq": "heappush heappop heapify heapreplace heappushpop nlargest nsmallest merge",
    "html": "escape unescape",
    "io": "StringIO BytesIO",
    "itertools": "*",
    "json": "loads dumps JSONDecodeError",
    "math": "*",
    "operator": """itemgetter attrgetter methodcaller add sub mul truediv floordiv mod neg lt le eq ne gt ge and_ or_ xor
        not_ contains concat getitem""",
    "pprint": "pprint pformat",
    "random": """Random random randint randrange choice choices sample shuffle uniform gauss seed getstate setstate
        betavariate expovariate normalvariate triangular""",
    "re": """compile search match fullmatch split findall finditer sub subn escape error A ASCII I IGNORECASE M MULTILINE
        S DOTALL X VERBOSE U UNICODE L LOCALE Pattern Match RegexFlag""",
    "statistics": """mean fmean median median_low median_high mode multimode stdev pstdev variance pvariance quantiles
        harmonic_mean geometric_mean StatisticsError NormalDist correlation linear_regression""",
    "string": """ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits punctuation whitespace printable
        capwords""",
    "textwrap": "wrap fill dedent indent shorten TextWrapper",
    "time": """time monotonic perf_counter process_time time_ns strftime gmtime localtime mktime strptime ctime asctime
        sleep struct_time""",
    "types": "SimpleNamespace",
    "typing": """Any List Dict Set FrozenSet Tuple Optional Union Iterable Iterator Sequence Mapping Callable Generator
        DefaultDict Deque Type Literal NamedTuple Counter Hashable Final ClassVar TypeVar Generic cast TYPE_CHECKING""",
    "unicodedata": """normalize category name lookup east_asian_width bidirectional combining numeric digit decimal
        is_normalized unidata_version""",
    "urllib": "parse",
    "urllib.parse": "urlparse urlsplit urlunparse urljoin quote quote_plus unquote unquote_plus urlencode parse_qs parse_qsl",
    "zlib": "crc32 adler32",
}

# C code imports these through the frame's builtins (datetime.strptime, pattern templates); no session code can name it.
C_IMPORTS = frozenset({"_strptime", "time", "re", "copyreg", "warnings", "datetime", "locale", "calendar"})


class Proxy(metaclass=Sealed):
    """A module as the session sees it."""

    __slots__ = ("_name", "_members")

    def __init__(self, name, members):
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_members", members)

    def __getattribute__(self, name):
        own = object.__getattribute__(self, "_name")
        if name == "__name__":
            return own
        members = object.__getattribute__(self, "_members")
        if type(name) is str and name in members:
            return members[name]
        raise AttributeError("module %r has no attribute %r, or it is not available here" % (own, name)) from None

    def __setattr__(self, name, value):
        raise Violation("modules can't be changed")

    def __delattr__(self, name):
        raise Violation("modules can't be changed")

    def __repr__(self):
        return "<module %r>" % object.__getattribute__(self, "_name")


class Modules:
    """Loads proxies on demand; a module's code runs when the first step imports it."""

    def __init__(self, emit):
        self.names = frozenset(NAMES)
        self.classes = set()  # those that session code can name
        self._emit = emit
        self._loaded = {}

    def load(self, name):
        if name not in self._loaded:
            self._loaded[name] = Proxy(name, self._members(name))
        return self._loaded[name]

    def load_name(self, module, name):
        try:
            return getattr(self.load(module), name)
        except AttributeError:
            raise ImportError("cannot import name %r from %r; it is not available here" % (name, module)) from None

    def _members(self, name):
        module = _import(name)
        names = [key for key in dir(module) if not key.startswith("_")] if NAMES[name] == "*" else NAMES[name].split()
        members = {}
        for key in names:
            if name + "." + key in NAMES:
                members[key] = self.load(name + "." + key)
            elif hasattr(module, key):
                members[key] = getattr(module, key)
        members.update(self._replacements(name, members))
        self.classes.update(value for value in members.values() if isinstance(value, type))
        return members

    def _replacements(self, name, members):
        """Library functions that would give away more than they compute, as functions of ours."""
        if name == "dataclasses":
            sys.modules[name].copy = self.load("copy")  # asdict and astuple copy what is no dataclass
            return {"dataclass": safe_dataclass(members["dataclass"])}
        if name == "copy":
            return copy_functions(self.classes)
        if name == "collections":
            for cls, names in ((members["Counter"], ["copy"]), (members["ChainMap"], ["copy", "new_child", "parents"])):
                for method in names:
                    guard_method(cls, method)
            return {"namedtuple": safe_namedtuple(members["namedtuple"])}
        if name == "enum":
            guard_enums(type(members["Enum"]))
        if name == "types":
            return {"SimpleNamespace": namespace}
        if name == "operator":
            return {"attrgetter": safe_attrgetter, "methodcaller": safe_methodcaller}
        if name == "functools":
            real = members["total_ordering"]
            return {"wraps": safe_wraps, "total_ordering": lambda cls: real(write(cls))}
        if name == "typing":
            kept = {"NamedTuple": members["NamedTuple"], "TYPE_CHECKING": False, "ClassVar": CLASS_VAR}
            return {**{key: Inert(getattr(value, "__origin__", None)) for key, value in members.items()}, **kept}
        if name == "pprint":
            pformat = members["pformat"]
            return {"pprint": lambda value, stream=None, **options: self._emit(pformat(value, **options) + "\n")}
        return {}


def c_import(name, globals=None, locals=None, fromlist=(), level=0):
    if type(name) is str and name in C_IMPORTS and level == 0:
        return _import(name)
    raise ImportError("import of %r is not allowed" % (name,))


def _import(name):
    __import__(name)
    return sys.modules[name]


CLASS_VAR = Inert()


def safe_dataclass(real):
    """The real one runs exec over field names: they must be names, and the class the session's."""

    def dataclass(cls=None, **options):
        if cls is None:
            return lambda later: dataclass(later, **options)
        if not is_class(cls) or not made_by_session(cls):
            raise Violation("dataclass takes a class of your own")
        hints = _dict_of(cls).get("__annotations__") or {}
        for name, hint in hints.items():
            if type(name) is not str or not name.isidentifier() or name.startswith("__"):
                raise Violation("dataclass fields must have plain names")
            if hint is CLASS_VAR or type(hint) is str and hint.partition("[")[0] in ("ClassVar", "typing.ClassVar"):
                hints[name] = _import("typing").ClassVar  # no field; the real one is known by what it is
        return real(cls, **options)

    return dataclass


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
        if cls not in _mro_of(type(self)):
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
            raise Violation("the members of an enum must have plain names")
    return members


def safe_attrgetter(*names):
    for name in names:
        if type(name) is not str or not all(is_allowed_attribute(part) for part in name.split(".")):
            raise Violation("attrgetter(%r) is not allowed" % (name,))

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
        raise Violation("methodcaller(%r) is not allowed" % (name,))
    return lambda value: get_attribute(value, name)(*args, **kwargs)


def safe_wraps(wrapped):
    """functools.wraps is a partial that could be called again, with other attributes to copy."""
    import functools

    def decorate(function):
        both = type(function) is FunctionType and made_by_session(function) and type(wrapped) is FunctionType
        return functools.wraps(wrapped)(function) if both else function

    return decorate


SAFE_BUILTINS = """abs all any ascii bin bool bytearray bytes callable chr complex dict divmod enumerate filter float format
frozenset hash hex id int isinstance issubclass iter len list map max min next object oct ord pow property range repr
reversed round set slice sorted staticmethod classmethod str sum tuple zip True False None NotImplemented Ellipsis
__build_class__ super""".split()

