#!/usr/bin/env python3
"""Holes in the sandbox, each of which the fuzzer must find.

  holes.py NAME FOLDER      makes that hole in the product's Python there
  holes.py                  names them
"""
import os
import sys

NO_LANDLOCK = ("lockdown.py", "landlock = restrict_files(libc)", "landlock = 0")
NO_TEST = ("lockdown.py", "    test_lock()\n    test_calls(libc, machine)\n    test_work()\n", "")

# name: [(file, what it says, what it says with the hole)]
HOLES = {
    "attributes of generators": [("names.py", '("gi_", "cr_", ', '("cr_", ')],
    "attributes of tracebacks": [("names.py", 'frozenset({"__name__", ', 'frozenset({"__traceback__", "__name__", '), ("names.py", '"ag_", "tb_", "co_")', '"ag_", "co_")')],
    "the globals of functions": [("names.py", 'frozenset({"__name__", ', 'frozenset({"__globals__", "__name__", ')],
    "the class of an object": [("names.py", 'frozenset({"__name__", ', 'frozenset({"__class__", "__base__", "__subclasses__", "__init__", "__globals__", "__name__", ')],
    "attributes by name": [("attributes.py", "    if not is_allowed_attribute(name):\n", "    if False:\n")],
    "format texts": [("names.py", 'FORMATTERS = frozenset({"format", "format_map"})', "FORMATTERS = frozenset()")],
    "open": [("policy.py", "if name in NAMES and name not in self.bound", "if False"), ("bindings.py", 'SAFE_BUILTINS = """abs', 'SAFE_BUILTINS = """open abs'), ("bindings.py", "        table[name] = _forbidden(name, hint)", "        table.setdefault(name, _forbidden(name, hint))")],
    "a module that reaches out": [("modules.py", '    "abc": "ABC', '    "os": "*",\n    "posix": "*",\n    "abc": "ABC')],
    "modules instead of proxies": [("modules.py", "self._loaded[name] = Proxy(name, self._members(name))", "self._loaded[name] = self._members(name) and sys.modules[name]")],
    "functools.wraps": [("replacements.py", '            "wraps": safe_wraps,\n', "")],
    "a kernel filter that lets files be opened": [("lockdown.py", 'ALLOWED = """brk', 'SYSCALLS["openat"] = (257, 56)\nALLOWED = """openat brk'), ("lockdown.py", 'rule("read", only_descriptor(read_fd))', 'rule("read", [_step(RETURN, RET_ALLOW)])'), NO_LANDLOCK, NO_TEST],
    "no kernel filter": [("lockdown.py", 'must(install_filter(libc, build_filter(machine, read_fd, write_fd)), "seccomp")', "pass"), NO_LANDLOCK, NO_TEST],
    "twice the memory": [("lockdown.py", '"AS": memory_bytes, "DATA": memory_bytes', '"AS": 1 << 30, "DATA": 1 << 30')],
}  # fmt: skip


def make(name, folder):
    for file, text, with_hole in HOLES[name]:
        path = os.path.join(folder, file)
        with open(path, encoding="utf-8") as opened:
            source = opened.read()
        if text not in source:
            raise SystemExit("holes: error: %s says nothing like %r any more; fix: write the hole %r anew" % (file, text, name))
        with open(path, "w", encoding="utf-8") as opened:
            opened.write(source.replace(text, with_hole, 1))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        make(*sys.argv[1:])
    else:
        print("\n".join(HOLES))
