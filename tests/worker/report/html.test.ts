import { expect, test } from 'vitest'
import { html } from '../../../src/worker/report/html.ts'

test.each([
  ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  [`" onload="x' onclick='y`, '&quot; onload=&quot;x&#39; onclick=&#39;y'],
  ['a & b &lt; c', 'a &amp; b &amp;lt; c'],
  ['</style><img src=x>', '&lt;/style&gt;&lt;img src=x&gt;'],
  ['line\r\nnext\tcell', 'line\nnext\tcell'],
])('what a template puts in is text: %s', (hostile, escaped) => {
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`)
})

test.each([
  ['a control character', 'a\u001b[31mb\u0000', 'a\\u001b[31mb\\u0000'],
  ['a mark that turns the direction of text', 'if (admin\u202e\u2066) {', 'if (admin\\u202e\\u2066) {'],
  ['a character without width', 'pass\u200bword', 'pass\\u200bword'],
  ['half of a character', 'a\ud800b', 'a\ufffdb'],
])('%s is named, not acted on', (_, hostile, shown) => {
  expect(html`${hostile}`.text).toBe(shown)
})

test('other alphabets and pictures stay as they are', () => {
  expect(html`${'日本 é 👍 ‍ עברית'}`.text).toBe('日本 é 👍 ‍ עברית')
})

test('HTML stays HTML, lists are joined, nothing leaves nothing', () => {
  const items = ['<a>', 'b'].map((text) => html`<li>${text}</li>`)
  expect(html`<ul>${items}${null}${false}${7}</ul>`.text).toBe('<ul><li>&lt;a&gt;</li><li>b</li>7</ul>')
})
