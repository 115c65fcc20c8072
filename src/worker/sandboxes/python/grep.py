"""grep: lines that match a regular expression, searched window by window without splitting them into lines first.

Where every match must hold a text that the pattern spells out, only lines with that text are looked at. Else a pattern is
searched for over many lines at once when it can be rewritten so that no part of it matches a line end; then every match
lies in one line, and a line matches exactly when it would by itself. Other patterns are tried line by line.
"""

WINDOW = 1 << 20
SNIPPET_CHARS = 500


def grep_function(snapshot):
    def grep(pattern, path=None, max_matches=80, flags=""):
        import re

        options = _read_flags(re, flags)
        if isinstance(pattern, re.Pattern):
            options |= pattern.flags & ~re.UNICODE
            pattern = pattern.pattern
        line_regex = re.compile(pattern, options)
        search = _choose_search(re, pattern, options, line_regex)
        documents = snapshot.documents.values() if path is None else [snapshot.find(path)]
        hits = []
        for document in documents:
            if len(hits) >= max_matches:
                break
            for line, text, at in _matches(snapshot, document, search):
                hits.append(_hit(document, line, text, at))
                if len(hits) >= max_matches:
                    break
        return hits

    return grep


def _hit(document, line, text, at):
    number = document.first_line + line
    start = max(0, at - 100) if at >= SNIPPET_CHARS else 0
    snippet = text[start : start + SNIPPET_CHARS].strip()
    return {"path": document.name, "start_line": number, "end_line": number, "signal": "regex_match", "snippet": snippet}


def _read_flags(re, flags):
    if isinstance(flags, int):
        return int(flags) & (re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE | re.ASCII)
    known = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "a": re.ASCII, "u": 0, "n": 0}
    options = 0
    for letter in flags:
        if letter not in known:
            raise ValueError("grep has no flag %r; there are i, m, s, x, a" % letter)
        options |= known[letter]
    return options


def _choose_search(re, pattern, options, line_regex):
    """The fastest way to find this pattern's lines in a window of text."""
    literal = "" if options & (re.IGNORECASE | re.VERBOSE) else required_literal(pattern)
    if len(literal) >= 3:
        return lambda text: _search_literal(text, literal, line_regex)
    whole = None if options & (re.DOTALL | re.VERBOSE) else _never_at_line_ends(pattern)
    if whole is None:
        return lambda text: _search_lines(text, line_regex)
    window_regex = re.compile(whole, options | re.MULTILINE)
    return lambda text: _search_window(text, window_regex)


def _matches(snapshot, document, search):
    """(0-based line, its text, where in it the match begins) of every matching line, in order."""
    line = 0
    for text in _windows(snapshot, document):
        for within, found, at in search(text):
            yield line + within, found, at
        line += text.count("\n")


def _search_literal(text, literal, regex):
    line = counted = position = 0
    while True:
        at = text.find(literal, position)
        if at < 0:
            return
        start = text.rfind("\n", counted, at) + 1 or counted
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line += text.count("\n", counted, start)
        counted = start
        found = text[start:end]
        match = regex.search(found)
        if match is not None:
            yield line, found, match.start()
        position = end


def _search_window(text, regex):
    line = position = 0
    while position < len(text):
        match = regex.search(text, position)
        if match is None:
            return
        at = match.start()
        start = text.rfind("\n", position, at) + 1 or position
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if start >= len(text):
            return
        line += text.count("\n", position, start)
        yield line, text[start:end], at - start
        line += 1
        position = end + 1


def _search_lines(text, regex):
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines):
        match = regex.search(line)
        if match is not None:
            yield number, line, match.start()


def _windows(snapshot, document):
    """The document's text in pieces that end at line ends, carriage returns before them left out."""
    start, stop = document.offset, document.offset + document.length
    while start < stop:
        end = min(start + WINDOW, stop)
        if end < stop:
            newline = snapshot.map.rfind(b"\n", start, end)
            if newline < 0:
                newline = snapshot.map.find(b"\n", end, stop)
            end = stop if newline < 0 else newline + 1
        text = str(snapshot.view[start:end], "utf-8", "replace")
        if document.length > WINDOW:
            snapshot.release(start, end)
        yield text.replace("\r\n", "\n") if "\r" in text else text
        start = end


_SPECIAL = frozenset(".^$*+?{}[]()|\\\n\r")


def required_literal(pattern):
    """The longest text that the pattern spells out and every match holds; empty where that is not sure."""
    if type(pattern) is not str:
        return ""
    best = run = ""
    at, depth = 0, 0
    while at < len(pattern):
        char = pattern[at]
        literal = None
        if char == "\\":
            escaped = pattern[at + 1 : at + 2]
            if escaped and not escaped.isalnum():
                literal = escaped
            at += 2
        elif char == "[":
            at = _class_end(pattern, at)
        else:
            if char == "|" and depth == 0:
                return ""
            depth += (char == "(") - (char == ")")
            if pattern.startswith("(?", at) and pattern[at + 2 : at + 3] not in (":", "P", "=", "!", "<"):
                return ""  # inline flags, comments, conditions
            literal = None if char in _SPECIAL else char
            at += 1
        repeated = pattern[at : at + 1] in ("*", "?", "{")
        if literal is None or depth > 0 or repeated:
            best, run = max(best, run, key=len), ""
        else:
            run += literal
            if pattern[at : at + 1] == "+":
                best, run = max(best, run, key=len), ""
    return max(best, run, key=len)


def _class_end(pattern, at):
    at += 2 if pattern.startswith("[^", at) else 1
    start = at
    while at < len(pattern) and (pattern[at] != "]" or at == start):
        at += 2 if pattern[at] == "\\" else 1
    return at + 1


# What a line end must not match, and what it becomes.
_REWRITTEN = {"s": r"[^\S\n]", "W": r"[^\w\n]", "D": r"[^\d\n]"}
_KEPT = frozenset("123456789wdSbtfv.^$*+?{}[]()|\\/-'\"#&~,:;<>=!@%` _")
_KEPT_IN_CLASS = frozenset("wdbtfv.^$*+?{}[]()|\\/-'\"#&~,:;<>=!@%` _")


def _never_at_line_ends(pattern):
    """The pattern changed so that nothing in it matches "\\n", or None where that is not sure."""
    if type(pattern) is not str or "\n" in pattern or "\r" in pattern:
        return None
    parts = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            escaped = pattern[at + 1 : at + 2]
            if escaped in _REWRITTEN:
                parts.append(_REWRITTEN[escaped])
            elif escaped in _KEPT:
                parts.append(char + escaped)
            else:
                return None
            at += 2
        elif char == "[":
            end, part = _rewrite_class(pattern, at)
            if part is None:
                return None
            parts.append(part)
            at = end
        elif pattern.startswith("(?", at) and pattern[at + 2 : at + 3] not in (":", "P", "=", "!", "<"):
            return None  # inline flags, conditions, comments
        else:
            parts.append(char)
            at += 1
    return "".join(parts)


def _rewrite_class(pattern, at):
    """(index behind the class that begins at `at`, its text or None)."""
    negated = pattern.startswith("[^", at)
    start = index = at + (2 if negated else 1)
    while index < len(pattern):
        char = pattern[index]
        if char == "]" and index > start:
            body = pattern[start:index]
            if "-" in body and ("\\t-" in body or min(body) < " "):
                return index, None  # a range from a control character may hold the line end
            return index + 1, "[^\\n%s]" % body if negated else "[%s]" % body
        if char == "\\":
            escaped = pattern[index + 1 : index + 2]
            # a negated class that names \s, \W, \D excludes line ends already; a plain one would match them
            if escaped not in _KEPT_IN_CLASS and not (negated and escaped in "sWDS"):
                return index, None
            index += 1
        elif char == "[":
            return index, None  # set operations, some day
        index += 1
    return index, None
