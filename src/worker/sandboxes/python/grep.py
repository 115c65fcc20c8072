"""grep: lines that match a regular expression, searched window by window without splitting them into lines first.

Where every match must hold a text that the pattern spells out, only lines with that text are looked at. Else a pattern is
searched for over many lines at once when it can be rewritten so that no part of it matches a line end; then every match
lies in one line, and a line matches exactly when it would by itself. Other patterns are tried line by line.
"""

from patterns import compile_within_lines, parse, required_text

WINDOW = 1 << 20
SNIPPET_CHARS = 500


def grep_function(snapshot):
    def grep(pattern, path=None, max_matches=80, flags=""):
        import re

        options = _read_flags(re, flags)
        if isinstance(pattern, re.Pattern):
            options |= pattern.flags & ~re.UNICODE
            pattern = pattern.pattern
        search = _choose_search(re, pattern, options)
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


def _choose_search(re, pattern, options):
    """The fastest way to find this pattern's lines in a window of text."""
    line_regex = re.compile(pattern, options)
    if not isinstance(pattern, str):
        raise TypeError("grep takes a pattern of text, not of bytes")
    parts = parse(re, pattern, options)
    text = required_text(re, parts)
    if len(text) >= 3:
        return lambda window: _search_text(window, text, line_regex)
    window_regex = compile_within_lines(re, parts)
    if window_regex is None:
        return lambda window: _search_lines(window, line_regex)
    return lambda window: _search_window(window, window_regex)


def _matches(snapshot, document, search):
    """(0-based line, its text, where in it the match begins) of every matching line, in order."""
    line = 0
    for text in _windows(snapshot, document):
        for within, found, at in search(text):
            yield line + within, found, at
        line += text.count("\n")


def _search_text(text, required, regex):
    line = counted = position = 0
    while True:
        at = text.find(required, position)
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
