"""The importable modules: a fixed list of names of each, read through proxies; the module objects stay out of reach.

A name is listed when it only computes. Left out on purpose: what evaluates texts or walks attributes by itself
(string.Formatter, typing.get_type_hints), what reaches the interpreter (codecs, inspect, pickle, warnings, logging),
what makes classes from texts (make_dataclass, the functional API of typing).
"""

import sys

from classes import Sealed
from hints import TARGET
from replacements import replacements
from violations import Violation

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
        raise Violation("modules can't be changed; %s" % TARGET)

    def __delattr__(self, name):
        raise Violation("modules can't be changed; %s" % TARGET)

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
        members.update(replacements(name, members, self, self._emit))
        self.classes.update(value for value in members.values() if isinstance(value, type))
        return members


def c_import(name, globals=None, locals=None, fromlist=(), level=0):
    if type(name) is str and name in C_IMPORTS and level == 0:
        return _import(name)
    raise ImportError("import of %r is not allowed" % (name,))


def _import(name):
    __import__(name)
    return sys.modules[name]
