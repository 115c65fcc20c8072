# Offline analysis, first part: what is there, and which lines speak to the task. TASK and TERMS are set before it.
import re
from collections import Counter

KINDS = {
    "py": "Python", "js": "JavaScript", "mjs": "JavaScript", "ts": "TypeScript", "tsx": "TypeScript", "sh": "Shell",
    "bash": "Shell", "bats": "Shell", "go": "Go", "rs": "Rust", "java": "Java", "c": "C", "h": "C", "cpp": "C++",
    "rb": "Ruby", "md": "Markdown", "txt": "text", "rst": "text", "log": "log", "json": "JSON", "yaml": "YAML",
    "yml": "YAML", "toml": "TOML", "html": "HTML", "css": "CSS", "sql": "SQL",
}
ERROR = r"\b(?:ERROR|FATAL|CRITICAL|PANIC|FAILED|FAILURE)\b|Traceback \(most recent|^\s*(?:[A-Za-z_.]*(?:Error|Exception)): |panic: |segmentation fault|not ok \d"
MARK = r"\b(?:TODO|FIXME|XXX|HACK)\b"
OPEN_BOX = r"^\s*(?:[-*+]|\d+\.) \[ \] "
DEFINITION = r"^\s*(?:export |default |pub |public |static |async |abstract )*(?:class|interface|struct|trait|enum|def|function|func|fn|type) +[A-Za-z_]"
SHELL_FUNCTION = r"^\s*(?:function +)?[A-Za-z_][\w:]*\(\) *\{"
HEADING = r"^#{1,4} \S"
PROSE = ("Markdown", "text")


def kind_of(path):
    name = path.rsplit("/", 1)[-1]
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return KINDS.get(ending, "other")


def is_report(path):
    """What the roles of a loop wrote repeats what stands elsewhere."""
    return path.startswith(".superloop/loops/")


def find(pattern, limit, wanted=None, flags=""):
    hits = grep(pattern, max_matches=limit * 4, flags=flags)
    return [hit for hit in hits if hit["path"] in surveyed and (wanted is None or kind_of(hit["path"]) in wanted)][:limit]


def shape(text):
    """A log line without what changes from line to line."""
    text = re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.,]+Z?|\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b|\d+", "#", text)
    return re.sub(r"\s+", " ", text).strip()[:160]


paths = [path for path in list_files() if not is_report(path)] or list_files()
surveyed = set(paths)
kinds = Counter(kind_of(path) for path in paths)
sizes = {}
for path in paths:
    count = 0
    for piece in chunks(path, 200000):
        count += piece.count("\n")
    sizes[path] = count
largest = sorted(paths, key=lambda path: (-sizes[path], path))[:3]

# A task without words of its own: those of the spec's headings and code spans are what it is about.
if not TERMS:
    for path in [path for path in paths if re.search(r"(^|/)(spec|plan|readme)", path, re.I) and kind_of(path) in PROSE][:3]:
        text = read_file(path, 1, 400)
        named = re.findall(r"`([\w./-]{4,40})`", text) + re.findall(r"[A-Za-z][\w-]{5,}", " ".join(re.findall(r"^#.*", text, re.M)))
        TERMS += [word for word, _ in Counter(named).most_common(8) if word not in TERMS]


def word_pattern(term):
    """The word and its endings; an identifier as it stands."""
    if not term.isalpha():
        return re.escape(term)
    stem = re.sub(r"(?:ings?|ed|es|s)$", "", term) if len(term) > 5 else term[:-1] if term.endswith("s") and len(term) > 3 else term
    return r"\b" + re.escape(stem)


# What the task names, by how telling it is: a term in every document tells nothing.
term_hits = {}
for term in TERMS:
    hits = find(word_pattern(term), 400, flags="i")
    if hits:
        term_hits[term] = hits
spread = {term: len({hit["path"] for hit in hits}) for term, hits in term_hits.items()}
weight = {term: 1.0 / (1 + spread[term]) + (0.5 if len(term) > 6 else 0) for term in term_hits}

definitions = find(DEFINITION, 3000) + find(SHELL_FUNCTION, 1000, ("Shell",))
errors = find(ERROR, 2000, ("log", "text", "other"))  # in code the same words are code
marks = find(MARK, 500)
boxes = find(OPEN_BOX, 500, PROSE)
headings = find(HEADING, 2000, PROSE)

score = Counter()
for term, hits in term_hits.items():
    for hit in hits:
        score[hit["path"]] += weight[term]
for hits, points in ((definitions, 0.05), (errors, 0.3), (marks, 0.5), (boxes, 0.5), (headings, 0.1)):
    for hit in hits:
        score[hit["path"]] += points
for path in paths:
    score[path] /= 1 + sizes[path] ** 0.5 / 10  # dense before long
focus = [path for path, points in score.most_common(8) if points > 0] or largest

print(len(paths), "documents,", sum(sizes.values()), "lines:", dict(kinds.most_common(6)))
print("terms of the task found:", {term: len(hits) for term, hits in term_hits.items()})
print(len(definitions), "definitions,", len(errors), "error lines,", len(marks), "TODO or FIXME,", len(boxes), "open boxes")
print("most telling:", focus)
