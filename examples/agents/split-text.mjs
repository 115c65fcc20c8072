// A text in parts for agents that read one each; every part says where it stands.
import { splitText } from 'superloop-rlms'

const page = '# Install\nRun setup.\n\n# Use\nRun it.\n\n# Remove\nDelete the folder.\n'
for (const { text, span } of splitText(page, { by: 'headings', parts: 2 }))
  console.log(
    `lines ${span.startLine}-${span.endLine}, bytes ${span.start}-${span.end}: ${JSON.stringify(text)}`,
  )

const rows = 'id,name\n1,"one\nline"\n2,two\n3,three\n'
for (const { header, text } of splitText(rows, { by: 'records', size: 2 })) console.log([header, text])
