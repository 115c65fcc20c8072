// What to write instead: a model that is refused something is told how to go on.

const noModules = 'there are no modules; JSON, Math, RegExp, Map, Set and Date are there as they are'
const noFiles = 'there are no files and no processes; use list_files() and read_file(path)'
const noNetwork = 'there is no network; sub_rlm(prompt) asks a model'
const noPage = 'there is no page; print(value) shows a value'
const noWaiting = 'nothing has to be waited for: every function answers at once; call the code itself'
const ownVariables = 'show_vars() lists your variables'
const ownCode = 'write the code itself'
const noSharing = 'use sub_rlm_batch for work in parallel'

/** Names that other places have: refused where they are read, unless the session has bound them itself. */
export const names: Readonly<Record<string, string>> = {
  require: noModules,
  module: noModules,
  exports: noModules,
  process: noFiles,
  fs: noFiles,
  Deno: noFiles,
  Bun: noFiles,
  Buffer: 'use texts; encodeURIComponent and charCodeAt are there',
  __dirname: noFiles,
  __filename: noFiles,
  globalThis: ownVariables,
  global: ownVariables,
  window: noPage,
  document: noPage,
  navigator: noPage,
  alert: noPage,
  prompt: 'nobody can answer; the task is in the prompt',
  eval: `${ownCode}; JSON.parse reads JSON`,
  Function: `${ownCode}; typeof value === "function" tells whether a value is one`,
  setTimeout: noWaiting,
  setInterval: noWaiting,
  setImmediate: noWaiting,
  queueMicrotask: noWaiting,
  fetch: noNetwork,
  XMLHttpRequest: noNetwork,
  WebSocket: noNetwork,
  Worker: noSharing,
  WebAssembly: ownCode,
  Atomics: noSharing,
  SharedArrayBuffer: noSharing,
  Proxy: 'use plain objects and functions',
  Reflect: 'use Object.keys(value), "name" in value and value[name]',
  WeakRef: 'keep what you need in a variable',
  FinalizationRegistry: 'keep what you need in a variable',
  Intl: 'toFixed, padStart and localeCompare are there',
  structuredClone: 'use JSON.parse(JSON.stringify(value)), or {...value}',
  performance: 'use Date.now()',
  crypto: 'use Math.random()',
  TextEncoder: 'texts are read as they are; encodeURIComponent(text) gives UTF-8 as escapes',
  TextDecoder: 'texts are read as they are',
  URL: 'match the parts with a regular expression',
  imports: noModules,
}

/** Kinds of syntax, as they are called and what to write for them. */
export const syntax: Readonly<Record<string, readonly [spoken: string, hint: string]>> = {
  ImportDeclaration: ['import', noModules],
  ImportExpression: ['import()', noModules],
  ExportNamedDeclaration: ['export', 'leave it out; variables and functions stay from step to step'],
  ExportDefaultDeclaration: ['export', 'leave it out; variables and functions stay from step to step'],
  ExportAllDeclaration: ['export', noModules],
  MetaProperty: ['import.meta', noModules],
  WithStatement: ['with', 'write object.name'],
  DebuggerStatement: ['debugger', 'print(value) shows a value'],
}

const kinds =
  'use typeof, Array.isArray(value) or instanceof; value.constructor.name is the name of its class'
const noPrototypes = 'write a class, and Object.create(null) or a Map for records with any keys'

/** Properties that lead to what objects are made of. */
export const properties: Readonly<Record<string, string>> = {
  constructor: kinds,
  ['__proto__']: noPrototypes, // without brackets it would be the table's own prototype
  __defineGetter__: 'write get name() { … } in a class or a record',
  __defineSetter__: 'write set name(value) { … } in a class or a record',
  __lookupGetter__: 'read the property',
  __lookupSetter__: 'read the property',
  caller: 'pass what the function needs as an argument',
  callee: 'give the function a name and call it by that',
  prepareStackTrace: "the error's text and line are shown to you",
  captureStackTrace: "the error's text and line are shown to you",
  stackTraceLimit: "the error's text and line are shown to you",
  setPrototypeOf: noPrototypes,
  getPrototypeOf: kinds,
}
