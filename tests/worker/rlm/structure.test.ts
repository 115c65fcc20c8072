import { describe, expect, it, test } from 'vitest'
import { cutLines, sliceDocuments } from '../../../src/worker/rlm/documents.ts'
import { surveyStructure } from '../../../src/worker/rlm/structure.ts'
import { document, openSnapshot } from '../helpers/snapshot.ts'

const none = { class: 0, function: 0, heading: 0, test: 0, todo: 0, error: 0 }
const signals = (text: string) => surveyStructure(openSnapshot({ a: text })).signals
const lines = (contents: Record<string, string>) =>
  surveyStructure(openSnapshot(contents)).references.map(({ path, startLine }) => `${path}:${startLine}`)

describe('the signals of a context', () => {
  test.each<[line: string, counted: Partial<typeof none>]>([
    ['class Table:', { class: 1 }],
    ['export default class Table {', { class: 1 }],
    ['export interface Row {', { class: 1 }],
    ['  struct row {', { class: 1 }],
    ['def run(x):', { function: 1 }],
    ['export async function run() {', { function: 1 }],
    ['pub fn run() {', { function: 1 }],
    ['func Run() {', { function: 1 }],
    ['## Heading', { heading: 1 }],
    ['#no heading', {}],
    ['def test_run():', { function: 1, test: 1 }],
    ["  it('works', () => {", { test: 1 }],
    ['# TODO: more', { heading: 1, todo: 1 }],
    ['FIXME', { todo: 1 }],
    ['the Error was fatal', { error: 1 }],
    ['a plain line about a classification', {}],
    ['', {}],
  ])('of %j are counted', (line, counted) => {
    expect(signals(line)).toEqual({ ...none, ...counted })
  })

  it('are counted by line over all documents', () => {
    const documents = openSnapshot({ a: 'error error\nerror\r\n', b: 'class A\nclass B' })
    expect(surveyStructure(documents).signals).toEqual({ ...none, error: 2, class: 2 })
  })

  it('are zero where there is nothing', () => {
    expect(surveyStructure(openSnapshot({})).signals).toEqual(none)
    expect(signals('')).toEqual(none)
  })

  it('describe the first 4 MiB of a larger context', () => {
    const large = 'x'.repeat((4 << 20) - 5)
    const documents = openSnapshot({ a: large, b: 'TODO\nTODO\n', c: 'TODO\n' })
    expect(surveyStructure(documents).signals.todo).toBe(1)
  })
})

describe('the places to point at', () => {
  it('are the first line of each document that defines something, else the first that is not blank', () => {
    const contents = {
      a: 'text\n\ndef run():\n# Heading\n',
      b: '\n \n text\n',
      c: '\n\n',
      d: '',
      e: 'TODO\n',
    }
    expect(lines(contents)).toEqual(['a:3', 'b:3', 'c:1', 'e:1'])
  })

  it('are at most eight', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`${at}.txt`, 'text\n']))
    expect(lines(many)).toHaveLength(8)
  })

  it('of a part have the line numbers of its source', () => {
    const documents = openSnapshot({ a: 'one\ntwo\n# Three\nfour\n' })
    const part = cutLines(documents, document(documents, 'a'), 2, 4)
    expect(surveyStructure(sliceDocuments(documents, [part])).references).toEqual([
      { path: 'a:2-4', startLine: 3, endLine: 3, signal: 'file_reference', snippet: '' },
    ])
  })
})
