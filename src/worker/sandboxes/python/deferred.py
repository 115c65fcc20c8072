"""Imports after the lock-down: the compiled code of the standard library's modules is read before it and run on demand.

Running all of them up front costs 40 ms and more; most steps need two or three. Extension modules can't wait (they are
mapped as executable memory), so they are imported here.
"""

import marshal
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER, cache_from_source
from posix import O_RDONLY, close, fstat, open, read, stat

# Everything that the allowed modules import, directly or not, over all supported versions.
SOURCES = """_collections_abc _py_abc _strptime _weakrefset abc ast base64 bisect calendar codecs collections
collections.abc collections.__init__ contextlib copy copyreg csv dataclasses datetime _pydatetime decimal difflib dis
encodings.ascii encodings.base64_codec encodings.cp1252 encodings.hex_codec encodings.idna encodings.latin_1
encodings.punycode encodings.raw_unicode_escape encodings.unicode_escape encodings.utf_16 encodings.utf_16_be
encodings.utf_16_le encodings.utf_32 encodings.utf_8_sig enum fractions functools genericpath hashlib heapq html
html.entities importlib importlib._abc importlib.machinery importlib.util inspect io ipaddress json json.decoder
json.encoder json.scanner keyword linecache locale numbers opcode _opcode_metadata operator os posixpath pprint random re
re._casefix re._compiler re._constants re._parser reprlib sre_compile sre_constants sre_parse stat statistics string
stringprep struct textwrap threading token tokenize traceback types typing unicodedata urllib urllib.parse warnings
weakref""".split()

EXTENSIONS = """_bisect _blake2 _contextvars _csv _datetime _decimal _heapq _md5 _opcode _random _sha1 _sha2 _sha256
_sha3 _sha512 _statistics _struct _typing array binascii cmath math unicodedata zlib""".split()

_HEADER_BYTES = 16


class DeferredImports:
    """A finder and loader (importlib's protocol) over code that was read before the lock-down."""

    def __init__(self, library):
        self._found = {}
        for name in SOURCES:
            found = _read_module(library, name)
            if found:
                self._found[name] = found

    def find_spec(self, name, path=None, target=None):
        found = self._found.get(name)
        if found is None:
            return None
        return ModuleSpec(name, self, origin="<library>", is_package=found[1])

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        compiled, is_package, source = self._found[module.__name__]
        code = marshal.loads(compiled) if compiled is not None else compile(source, module.__name__, "exec", dont_inherit=True)
        exec(code, module.__dict__)
        if module.__name__ == "random":
            module.seed(0)  # a resumed run draws what it drew, and asks the same


def install():
    """Reads what may be needed and makes it the only place, beside the interpreter's own, that imports come from. Once."""
    if any(isinstance(finder, DeferredImports) for finder in sys.meta_path):
        return
    library = next(path for path in sys.path if _exists(path + "/functools.py"))
    for name in EXTENSIONS:
        try:
            __import__(name)
        except ImportError:
            pass  # another version's, or built in under another name
    builtin_finders = [finder for finder in sys.meta_path if getattr(finder, "__name__", "") != "PathFinder"]
    sys.meta_path[:] = [*builtin_finders, DeferredImports(library)]
    sys.path[:] = []


def _read_module(library, name):
    """(compiled code or None, is it a package, source or None), or None when this version has no such module."""
    path = library + "/" + name.replace(".", "/")
    for file, is_package in ((path + ".py", False), (path + "/__init__.py", True)):
        status = _exists(file)
        if not status:
            continue
        compiled = _read_compiled(cache_from_source(file), status)
        source = None if compiled is not None else _read_file(file)
        return (compiled, is_package, source)
    return None


def _read_compiled(path, source_status):
    """The marshalled code, when it was compiled from this source by this interpreter."""
    if not _exists(path):
        return None
    data = _read_file(path)
    if data[:4] != MAGIC_NUMBER:
        return None
    flags = int.from_bytes(data[4:8], "little")
    modified = int.from_bytes(data[8:12], "little")
    size = int.from_bytes(data[12:16], "little")
    if flags == 0 and (modified != int(source_status.st_mtime) & 0xFFFFFFFF or size != source_status.st_size & 0xFFFFFFFF):
        return None
    return memoryview(data)[_HEADER_BYTES:]


def _exists(path):
    try:
        return stat(path)
    except OSError:
        return None


def _read_file(path):
    descriptor = open(path, O_RDONLY)
    try:
        return read(descriptor, fstat(descriptor).st_size)
    finally:
        close(descriptor)
