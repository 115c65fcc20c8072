// Offline analysis, first part: what is there, and which lines speak to the task. TASK and TERMS are set before it.
// The twin of offline-survey.py.
const KINDS = {
  py: 'Python', js: 'JavaScript', mjs: 'JavaScript', ts: 'TypeScript', tsx: 'TypeScript', sh: 'Shell',
  bash: 'Shell', bats: 'Shell', go: 'Go', rs: 'Rust', java: 'Java', c: 'C', h: 'C', cpp: 'C++',
  rb: 'Ruby', md: 'Markdown', txt: 'text', rst: 'text', log: 'log', json: 'JSON', yaml: 'YAML',
  yml: 'YAML', toml: 'TOML', html: 'HTML', css: 'CSS', sql: 'SQL',
};
const ERROR = String.raw`\b(?:ERROR|FATAL|CRITICAL|PANIC|FAILED|FAILURE)\b|Traceback \(most recent|^\s*(?:[A-Za-z_.]*(?:Error|Exception)): |panic: |segmentation fault|not ok \d`;
const MARK = String.raw`\b(?:TODO|FIXME|XXX|HACK)\b`;
const OPEN_BOX = String.raw`^\s*(?:[-*+]|\d+\.) \[ \] `;
const DEFINITION = String.raw`^\s*(?:export |default |pub |public |static |async |abstract )*(?:class|interface|struct|trait|enum|def|function|func|fn|type) +[A-Za-z_]`;
const SHELL_FUNCTION = String.raw`^\s*(?:function +)?[A-Za-z_][\w:]*\(\) *\{`;
const HEADING = String.raw`^#{1,4} \S`;
const PROSE = ['Markdown', 'text'];

function kindOf(path) {
  const name = path.split('/').pop();
  return (name.includes('.') && KINDS[name.split('.').pop().toLowerCase()]) || 'other';
}

function find(pattern, limit, wanted = null) {
  const hits = grep(pattern, { max_matches: wanted ? limit * 4 : limit });
  return hits.filter((hit) => wanted === null || wanted.includes(kindOf(hit.path))).slice(0, limit);
}

/** A log line without what changes from line to line. */
function shape(text) {
  return text
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.,]+Z?|\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b|\d+/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 160);
}

function counted(items) {
  const counts = new Map();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** The most frequent first; what came first of those that are as frequent. */
function mostCommon(counts, limit) {
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, limit);
}

const paths = list_files();
const kinds = counted(paths.map(kindOf));
const sizes = {};
for (const path of paths) {
  sizes[path] = 0;
  for (const piece of chunks(path, 200000)) sizes[path] += piece.split('\n').length - 1;
}
const largest = [...paths].sort((a, b) => sizes[b] - sizes[a] || (a < b ? -1 : 1)).slice(0, 3);

// A task without words of its own: those of the spec's headings and code spans are what it is about.
if (TERMS.length === 0) {
  const specs = paths.filter((path) => /(^|\/)(spec|plan|readme)/i.test(path) && PROSE.includes(kindOf(path)));
  for (const path of specs.slice(0, 3)) {
    const text = read_file(path, 1, 400);
    const spans = [...text.matchAll(/`([\w./-]{4,40})`/g)].map((match) => match[1]);
    const headings = (text.match(/^#.*/gm) ?? []).join(' ').match(/[A-Za-z][\w-]{5,}/g) ?? [];
    for (const [word] of mostCommon(counted([...spans, ...headings]), 8)) if (!TERMS.includes(word)) TERMS.push(word);
  }
}

/** The word and its endings; an identifier as it stands. */
function wordPattern(term) {
  const escaped = (text) => text.replace(/[^\w]/g, '\\$&');
  if (!/^\p{L}+$/u.test(term)) return escaped(term);
  const short = term.endsWith('s') && term.length > 3 ? term.slice(0, -1) : term;
  return String.raw`\b` + escaped(term.length > 5 ? term.replace(/(?:ings?|ed|es|s)$/, '') : short);
}

// What the task names, by how telling it is: a term in every document tells nothing.
const termHits = new Map();
for (const term of TERMS) {
  const hits = grep(wordPattern(term), { max_matches: 400, flags: 'i' });
  if (hits.length > 0) termHits.set(term, hits);
}
const spread = new Map([...termHits].map(([term, hits]) => [term, new Set(hits.map((hit) => hit.path)).size]));
const weight = new Map([...termHits.keys()].map((term) => [term, 1 / (1 + spread.get(term)) + (term.length > 6 ? 0.5 : 0)]));

const definitions = [...find(DEFINITION, 3000), ...find(SHELL_FUNCTION, 1000, ['Shell'])];
const errors = find(ERROR, 2000, ['log', 'text', 'other']); // in code the same words are code
const marks = find(MARK, 500);
const boxes = find(OPEN_BOX, 500, PROSE);
const headings = find(HEADING, 2000, PROSE);

const score = new Map(paths.map((path) => [path, 0]));
const credit = (hits, points) => hits.forEach((hit) => score.set(hit.path, score.get(hit.path) + points));
for (const [term, hits] of termHits) credit(hits, weight.get(term));
credit(definitions, 0.05);
credit(errors, 0.3);
credit(marks, 0.5);
credit(boxes, 0.5);
credit(headings, 0.1);
for (const path of paths) score.set(path, score.get(path) / (1 + Math.sqrt(sizes[path]) / 10)); // dense before long
const telling = mostCommon(score, 8).filter(([, points]) => points > 0).map(([path]) => path);
const focus = telling.length > 0 ? telling : largest;

const lineCount = Object.values(sizes).reduce((sum, size) => sum + size, 0);
print(paths.length, 'documents,', lineCount, 'lines:', new Map(mostCommon(kinds, 6)));
print('terms of the task found:', new Map([...termHits].map(([term, hits]) => [term, hits.length])));
print(definitions.length, 'definitions,', errors.length, 'error lines,', marks.length, 'TODO or FIXME,', boxes.length, 'open boxes');
print('most telling:', focus);
