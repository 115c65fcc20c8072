"""What a step's names are bound to before it begins: the builtins of the session, and the guards that rewritten code calls."""

import builtins
import sys
from _io import StringIO

from attributes import formatter, get_attribute, guarded, has_attribute, parent, private, set_attribute, update, write
from classes import Type, base, class_name
from functions import Function
from hints import NAMES as FORBIDDEN_NAMES
from modules import c_import
from names import GUARD, POSITIONAL_PATTERNS
from violations import StepEnd, Violation

SAFE_BUILTINS = """abs all any ascii bin bool bytearray bytes callable chr complex dict divmod enumerate filter float format
frozenset hash hex id int isinstance issubclass iter len list map max min next object oct ord pow property range repr
reversed round set slice sorted staticmethod classmethod str sum tuple zip True False None NotImplemented Ellipsis
__build_class__ super""".split()


def session_builtins(modules, emit):
    """The builtins by name; those that are not available say what to write instead."""
    table = {name: getattr(builtins, name) for name in SAFE_BUILTINS}
    for name in dir(builtins):
        value = getattr(builtins, name)
        if isinstance(value, type) and issubclass(value, BaseException) and "Group" not in name:
            table[name] = value
    for name, hint in FORBIDDEN_NAMES.items():
        table[name] = _forbidden(name, hint)
    table.update(
        __import__=c_import,
        print=make_print(emit),
        type=Type(modules.classes),
        getattr=get_attribute,
        hasattr=has_attribute,
        setattr=set_attribute,
    )
    modules.classes.update(value for value in table.values() if isinstance(value, type))
    return table


def plain_builtins(emit):
    """The builtins where the language layer is off."""
    return {**vars(builtins), "print": make_print(emit)}


def _forbidden(name, hint):
    def refuse(*args, **kwargs):
        raise Violation("%s is not available; %s" % (name, hint))

    return Function(name, refuse)


def make_print(emit):
    def print(*values, sep=" ", end="\n", file=None, flush=False):
        sep = " " if sep is None else sep
        end = "\n" if end is None else end
        if type(sep) is not str or type(end) is not str:
            raise TypeError("sep and end must be str")
        text = sep.join([str(value) for value in values]) + end
        if file is None:
            emit(text)
        elif type(file) is StringIO:
            file.write(text)
        else:
            raise Violation("print(file=…) only takes an io.StringIO")

    return print


def guard_table(modules):
    """The names that rewritten code calls."""
    guards = {
        "write": write,
        "update": update,
        "private": private,
        "parent": parent,
        "guarded": guarded,
        "class_name": class_name,
        "base": base,
        "catch": catch,
        "formatter": formatter,
        "import": modules.load,
        "import_from": modules.load_name,
        "session": True,
        **{name: getattr(builtins, name) for name in POSITIONAL_PATTERNS},
    }
    return {GUARD % name: guard for name, guard in guards.items()}


def catch(kinds=Exception):
    """What an except clause catches: nothing while the end of a step goes by."""
    return () if isinstance(sys.exc_info()[1], StepEnd) else kinds
