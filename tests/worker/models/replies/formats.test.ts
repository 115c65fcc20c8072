import { expect, test } from 'vitest'
import { parseReply } from '../../../../src/worker/models/replies/formats.ts'

const asText = (output: string) => ({ format: 'text', text: output, usage: null, error: null })

test.each([
  ['nothing', ''],
  ['words', 'Forty-two.\n'],
  ['words behind a byte order mark, with CRLF, NUL and line separators', '\ufeffForty\r\n-two\0\u2028.\r\n'],
  ['a number', '42'],
  ['a JSON object', '{"answer": 42, "result": "x", "response": "y"}\n'],
  ['a JSON object over several lines', '{\n  "type": "object",\n  "error": {"message": "none"}\n}\n'],
  ['a JSON list', '[{"path": "a.ts", "type": "file"}, {"type": "message"}]\n'],
  ['JSON lines', '{"type":"text","text":"a"}\n{"type":"error","message":"b"}\n'],
  ['a JSON object that is cut', '{"type":"result","subtype":"succ'],
  ['a JSON object in a fence', 'Here:\n```json\n{"type": "result", "value": 1}\n```\n'],
  ['a program', '```python\nfor path in list_files():\n    print({"path": path})\n```\n'],
  ['a result with statistics of its own', '{"type":"result","value":3,"message":"ok"}'],
  ['an error of its own', '{"error":{"message":"file not found"},"path":"a"}'],
])('%s is plain text, to the last character', (_, output) => {
  expect(parseReply(output)).toEqual(asText(output))
})

test.each([
  [
    'Claude Code',
    'The log ends with\n{"type":"result","subtype":"success","is_error":true,"result":"API Error: 529"}\nso the call failed.\n',
  ],
  ['Codex', 'Its first line is\n```json\n{"type":"turn.started"}\n```\nand no turn.completed follows.\n'],
  [
    'OpenCode',
    'See line 12:\n{"type":"error","sessionID":"ses_1","error":{"name":"APIError"}}\nIt was retried.\n',
  ],
  ['Gemini CLI', 'It said\n{"type":"result","status":"success","stats":{}}\nand nothing else.\n'],
])('an answer about %s that quotes a line of its output is plain text', (_, output) => {
  expect(parseReply(output)).toEqual(asText(output))
})

test.each([
  ['words', 'words of an answer\n', 10_000_000],
  ['JSON lines', '{"value": [1, 2, 3]}\n', 10_000_000],
  ['JSON objects over several lines', '  {\n    "a": 1\n  },\n', 1_000_000],
])('megabytes of %s are plain text', (_, line, length) => {
  const output = line.repeat(length / line.length)
  expect(parseReply(output)).toEqual(asText(output))
})

test('tens of thousands of blank lines, as a model that derails prints them, do not hold the worker up', () => {
  const started = Date.now()
  const output = `Well.${'\n'.repeat(60_000)}`
  expect(parseReply(output)).toEqual(asText(output))
  expect(Date.now() - started).toBeLessThan(1500)
})
