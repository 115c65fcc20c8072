// docs/host-functions.md, from the table that the prompt and the sandbox are made from. With --write, writes it; without,
// prints it.
import { writeFileSync } from 'node:fs'
import { describeSignature, functionTable } from '../../dist/parts.cjs'

const rows = functionTable.map((row) => {
  const names = [describeSignature(row, 'python'), ...(row.aliases ?? []).map((alias) => `${alias}(…)`)]
  return `| ${names.map((name) => `\`${name}\``).join(', ')} | ${row.help.replaceAll('|', '\\|')} |`
})
const text = `# What model-written code may call

Made from src/worker/rlm/host-functions.ts by scripts/lib/host-functions-doc.mjs --write. Besides these: \`CONTEXT[path]\`, the text
of a document, and \`context\`, the text of the only one (or of the one called context).

| function | what it does |
|---|---|
${rows.join('\n')}
`

if (process.argv.includes('--write'))
  writeFileSync(new URL('../../docs/host-functions.md', import.meta.url), text)
else process.stdout.write(text)
