// Offline analysis, second part: read the telling spans, have them digested, cite, answer. The twin of offline-answer.py.

function cite(hit, signal) {
  if (hit.snippet !== '') add_citation({ ...hit, signal });
}

const place = (hit) => `${hit.path}:${hit.start_line}`;
const number = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
const mostIn = (hits) => mostCommon(counted(hits.map((hit) => hit.path)), 1)[0][0];

function short(text, limit = 110) {
  const line = text.replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`;
}

/** The forty lines of a document that hold most of what was found in it; what is found everywhere says little. */
function tellingSpan(path) {
  const around = new Map();
  for (const hits of [...termHits.values(), errors, marks, boxes, definitions]) {
    for (const hit of hits) {
      if (hit.path !== path) continue;
      const from = Math.max(1, hit.start_line - (hit.start_line % 20));
      around.set(from, (around.get(from) ?? 0) + 1 / (1 + hits.length / 20));
    }
  }
  if (around.size === 0) return [1, 40];
  const [[start]] = mostCommon(around, 1);
  return [Math.max(1, start - 5), start + 35];
}

const findings = [];
function finding(text) {
  append_highlight(text);
  findings.push(text);
}

append_highlight(
  'Offline analysis: found by patterns and word counts, no model was asked. A model would judge what matters, ' +
    'explain causes and weigh risks; configure one to get that.',
);
const names = mostCommon(kinds, 5).map(([kind, count]) => `${kind} ${count}`).join(', ');
const longest = largest.map((path) => `${path} (${sizes[path]} lines)`).join(', ');
finding(`${number(paths.length, 'document')} with ${number(lineCount, 'line')} (${names}); largest: ${longest}`);

if (boxes.length > 0) {
  finding(`Not checked off: ${number(boxes.length, 'box', 'boxes')}, most in ${mostIn(boxes)}; first: ${short(boxes[0].snippet)} (${place(boxes[0])})`);
  for (const hit of boxes.slice(0, 6)) cite(hit, 'open_box');
}

if (errors.length > 0) {
  const first = new Map();
  for (const hit of errors) if (!first.has(shape(hit.snippet))) first.set(shape(hit.snippet), hit);
  for (const [text, count] of mostCommon(counted(errors.map((hit) => shape(hit.snippet))), 4)) {
    finding(`Error, ${number(count, 'time')}: ${short(first.get(text).snippet)} (first: ${place(first.get(text))})`);
    cite(first.get(text), 'error');
  }
}

if (marks.length > 0) {
  const where = number(new Set(marks.map((hit) => hit.path)).size, 'document');
  finding(`${marks.length} TODO or FIXME in ${where}; first: ${short(marks[0].snippet)} (${place(marks[0])})`);
  for (const hit of marks.slice(0, 6)) cite(hit, 'todo');
}

const heaviest = [...termHits.keys()].sort((a, b) => weight.get(b) - weight.get(a) || (a < b ? -1 : 1)).slice(0, 6);
for (const term of heaviest) {
  const hits = termHits.get(term);
  const top = mostIn(hits);
  const best = hits.find((hit) => hit.path === top);
  const many = hits.length >= 400 ? `${hits.length} lines or more` : number(hits.length, 'line');
  finding(`“${term}”: ${many} in ${number(spread.get(term), 'document')}, most in ${top}; first there: ${short(best.snippet)} (${place(best)})`);
  cite(best, 'task_term');
  for (const hit of hits.slice(0, 2)) if (hit !== best) cite(hit, 'task_term');
}

if (definitions.length > 0) {
  const dense = mostCommon(counted(definitions.map((hit) => hit.path)), 6);
  const where = dense.slice(0, 3).map(([path, count]) => `${path} (${count})`).join(', ');
  finding(`${number(definitions.length, 'definition')}; most in ${where}`);
  for (const [path] of dense)
    for (const hit of definitions.filter((hit) => hit.path === path).slice(0, 3)) cite(hit, 'definition');
}
for (const path of focus.filter((path) => PROSE.includes(kindOf(path))).slice(0, 3))
  for (const hit of headings.filter((hit) => hit.path === path).slice(0, 2)) cite(hit, 'heading');

// Sub-calls: a digest of the most telling span of each document in focus, as many as the budget holds.
const left = budget();
const allowed = left.depth >= 1 ? Math.min(focus.length, 6, left.subcalls) : 0;
const asked = focus
  .slice(0, allowed)
  .map((path) => ({ path, span: tellingSpan(path) }))
  .map(({ path, span }) => ({ path, start: span[0], text: read_file(path, ...span) }))
  .filter(({ text }) => text !== '');
const prompts = asked.map(
  ({ path, start, text }) =>
    `Digest for: ${[...TASK].slice(0, 300).join('')}\nDocument: ${path} from line ${start}\n---\n${chunks(text, 6000)[0]}`,
);
const answers = prompts.length > 0 ? sub_rlm_batch(prompts) : [];
const digests = [];
answers.forEach((answer, at) => {
  if (typeof answer === 'string' && answer.trim() !== '')
    digests.push(`${asked[at].path}:${asked[at].start}: ${short(answer, 400)}`);
});
for (const line of digests.slice(0, 3)) append_highlight(`Digest of ${line}`);

set_final(
  [
    `Offline analysis, by patterns and word counts, for: ${short(TASK, 300)}`,
    '',
    ...findings.map((text) => `- ${text}`),
    ...digests.map((line) => `- ${line}`),
    '',
    `Read first: ${focus.slice(0, 5).join(', ')}`,
  ].join('\n'),
);
