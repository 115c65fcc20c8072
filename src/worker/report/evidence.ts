// What the last iteration rests on: files with their hashes.
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../lib/fields.ts'
import { chip } from './badge.ts'
import { countOf, formatTime } from './format.ts'
import { type Html, html } from './html.ts'
import type { Links } from './links.ts'

const rowLimit = 200

export function evidenceSection(evidence: Fields, links: Links): Html {
  const files = filesOf(evidence)
  if (files.length === 0) return html``
  return html`<section id="evidence">
<h2>Evidence</h2>
<div class="card scroll"><table class="text">
<thead><tr><th scope="col">File</th><th scope="col">SHA-256</th></tr></thead>
<tbody>${files.slice(0, rowLimit).map((file) => row(file, links))}</tbody>
</table></div>
<p class="soft small">Written ${formatTime(textOf(evidence.generated_at))}.${files.length > rowLimit && ` ${countOf(files.length - rowLimit, 'more file')} in evidence.json.`}</p>
</section>`
}

interface EvidenceFile {
  readonly path: string
  readonly sha256: string
}

function filesOf(evidence: Fields): EvidenceFile[] {
  const { latest, files } = fieldsOf(evidence.rlms)
  const { output_file, output_sha256 } = fieldsOf(evidence.tests)
  return [
    ...listOf(evidence.artifacts),
    { path: output_file, sha256: output_sha256 },
    ...listOf(files ?? latest),
  ]
    .filter(isFields)
    .map(({ path, sha256 }) => ({ path: textOf(path), sha256: textOf(sha256) }))
    .filter(({ path }) => path !== '')
}

function row({ path, sha256 }: EvidenceFile, links: Links): Html {
  return html`<tr><td class="wide mono">${sha256 === '' ? path : html`<a href="${links.toFile(path)}">${path}</a>`}</td><td class="mono">${sha256 === '' ? chip('missing', 'bad') : html`<span title="${sha256}">${sha256.slice(0, 12)}</span>`}</td></tr>`
}
