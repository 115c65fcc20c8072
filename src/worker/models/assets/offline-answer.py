# Offline analysis, second part: read the telling spans, have them digested, cite, answer.


def cite(hit, signal):
    if hit["snippet"]:
        add_citation(hit["path"], hit["start_line"], hit["end_line"], signal, hit["snippet"])


def place(hit):
    return "%s:%d" % (hit["path"], hit["start_line"])


def short(text, limit=110):
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def number(count, one, many=None):
    return "%d %s" % (count, one if count == 1 else many or one + "s")


def telling_span(path):
    """The forty lines of a document that hold most of what was found in it; what is found everywhere says little."""
    around = Counter()
    for hits in (*term_hits.values(), errors, marks, boxes, definitions):
        for hit in hits:
            if hit["path"] == path:
                around[max(1, hit["start_line"] - hit["start_line"] % 20)] += 1 / (1 + len(hits) / 20)
    if not around:
        return 1, 40
    start = around.most_common(1)[0][0]
    return max(1, start - 5), start + 35


findings = []


def finding(text):
    append_highlight(text)
    findings.append(text)


append_highlight(
    "Offline analysis: found by patterns and word counts, no model was asked. A model would judge what matters, "
    "explain causes and weigh risks; configure one to get that."
)
if paths:
    names = ", ".join("%s %d" % pair for pair in kinds.most_common(5))
    finding("%s with %s (%s); largest: %s" % (
        number(len(paths), "document"), number(sum(sizes.values()), "line"), names,
        ", ".join("%s (%s)" % (path, number(sizes[path], "line")) for path in largest)))
else:
    finding("There are no documents to read.")

if boxes:
    per_path = Counter(hit["path"] for hit in boxes)
    finding("Not checked off: %s, most in %s; first: %s (%s)" % (
        number(len(boxes), "box", "boxes"), per_path.most_common(1)[0][0], short(boxes[0]["snippet"]), place(boxes[0])))
    for hit in boxes[:6]:
        cite(hit, "open_box")

if errors:
    shapes = Counter(shape(hit["snippet"]) for hit in errors)
    first = {}
    for hit in errors:
        first.setdefault(shape(hit["snippet"]), hit)
    for text, count in shapes.most_common(4):
        finding("Error, %s: %s (first: %s)" % (number(count, "time"), short(first[text]["snippet"]), place(first[text])))
        cite(first[text], "error")

if marks:
    finding("%d TODO or FIXME in %s; first: %s (%s)" % (
        len(marks), number(len({hit["path"] for hit in marks}), "document"), short(marks[0]["snippet"]), place(marks[0])))
    for hit in marks[:6]:
        cite(hit, "todo")

telling = sorted(term_hits, key=lambda term: (-weight[term], term))[:6]
for term in telling:
    hits = term_hits[term]
    top = Counter(hit["path"] for hit in hits).most_common(1)[0][0]
    best = next((hit for hit in hits if hit["path"] == top), hits[0])
    many = "%d lines or more" % len(hits) if len(hits) >= 400 else number(len(hits), "line")
    finding("“%s”: %s in %s, most in %s; first there: %s (%s)" % (
        term, many, number(spread[term], "document"), top, short(best["snippet"]), place(best)))
    cite(best, "task_term")
    for hit in hits[:2]:
        if hit is not best:
            cite(hit, "task_term")

if definitions:
    dense = Counter(hit["path"] for hit in definitions)
    finding("%s; most in %s" % (
        number(len(definitions), "definition"), ", ".join("%s (%d)" % pair for pair in dense.most_common(3))))
    for path, count in dense.most_common(6):
        for hit in [hit for hit in definitions if hit["path"] == path][:3]:
            cite(hit, "definition")
for path in [path for path in focus if kind_of(path) in PROSE][:3]:
    for hit in [hit for hit in headings if hit["path"] == path][:2]:
        cite(hit, "heading")

# Sub-calls: a digest of the most telling span of each document in focus, as many as the budget holds.
left = budget()
allowed = min(len(focus), 6, left["subcalls"]) if left["depth"] >= 1 else 0
spans = {path: telling_span(path) for path in focus[:allowed]}
prompts = []
for path, (start, end) in spans.items():
    text = read_file(path, start, end)
    for piece in chunks(text, 6000)[:1]:
        prompts.append("Digest for: %s\nDocument: %s from line %d\n---\n%s" % (TASK[:300], path, start, piece))
answers = sub_rlm_batch(prompts) if prompts else []
digests = []
for (path, (start, end)), answer in zip(spans.items(), answers):
    if not isinstance(answer, dict) and answer.strip():
        digests.append("%s:%d: %s" % (path, start, short(answer, 400)))
for line in digests[:3]:
    append_highlight("Digest of " + line)

report = ["Offline analysis, by patterns and word counts, for: " + short(TASK, 300), ""]
report += ["- " + text for text in findings]
report += ["- " + line for line in digests]
if focus:
    report += ["", "Read first: " + ", ".join(focus[:5])]
set_final("\n".join(report))
