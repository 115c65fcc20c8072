"""What to write instead: a model that is refused something is told how to go on."""

NAMES = {
    "open": "there are no files; read documents with read_file(path)",
    "eval": "write the expression itself; ast.literal_eval reads literals, json.loads reads JSON",
    "exec": "write the code itself",
    "compile": "write the code itself; re.compile compiles patterns",
    "input": "nobody can answer; the task is in the prompt",
    "__import__": "use an import statement",
    "globals": "show_vars() lists your variables",
    "locals": "show_vars() lists your variables",
    "vars": "show_vars() lists your variables; keep data in a dict",
    "dir": "show_vars() lists your variables",
    "exit": "let the code end by itself; set_final(value) gives the answer",
    "quit": "let the code end by itself; set_final(value) gives the answer",
    "help": "the functions are described in the prompt",
    "breakpoint": "print what you want to see",
    "memoryview": "use bytes and slices",
    "delattr": "write: del name.attribute",
}

MODULES = {
    "os": "there are no files and no processes; use list_files() and read_file(path)",
    "sys": "there is no interpreter to reach; print() shows values",
    "pathlib": "document paths are plain strings; use str methods",
    "glob": "use list_files() and filter its result",
    "subprocess": "no process can be started",
    "threading": "use sub_rlm_batch for work in parallel",
    "asyncio": "use sub_rlm_batch for work in parallel",
    "concurrent": "use sub_rlm_batch for work in parallel",
    "multiprocessing": "use sub_rlm_batch for work in parallel",
    "logging": "use print()",
    "requests": "there is no network",
    "urllib": "there is no network; only urllib.parse is there",
    "socket": "there is no network",
    "pickle": "use json",
    "numpy": "use math, statistics and plain lists",
    "pandas": "use csv, collections and plain dicts",
    "inspect": "show_vars() lists your variables",
}

NODES = {
    "AsyncFunctionDef": "write plain functions; sub_rlm_batch works in parallel",
    "AsyncFor": "write a plain for loop",
    "AsyncWith": "write a plain with statement",
    "Await": "call the function; every function answers at once",
    "TryStar": "write except instead of except*",
    "TypeAlias": "write name = type",
    "TemplateStr": "use an f-string",
}

ATTRIBUTES = {
    "__dict__": "keep data in a dict, or name the attributes",
    "__class__": "use type(x).__name__ or isinstance",
    "__globals__": "keep data in variables",
    "__traceback__": "the error's text and line are shown to you",
    "__import__": "use an import statement",
}

# for what has no hint of its own
NODE = "write it with statements that every Python has"
ATTRIBUTE = "use the object's public methods and attributes"
TARGET = "keep the value under a name of your own"
