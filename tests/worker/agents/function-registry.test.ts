import { expect, test } from 'vitest'
import { FunctionRegistry, type FunctionSpec, type ParameterSpec } from '../../../src/worker/agents/index.ts'

const echo = (parameters: Record<string, ParameterSpec> = {}, name = 'echo'): FunctionSpec => ({
  name,
  description: 'gives back what it is given',
  parameters,
  handler: async (params) => params,
})

function registryWith(...specs: FunctionSpec[]): FunctionRegistry {
  const registry = new FunctionRegistry()
  for (const spec of specs) registry.register(spec)
  return registry
}

test('functions are found by name, in the order of registration, until they are taken away', () => {
  const [a, b] = [echo({}, 'b'), echo({}, 'a')]
  const registry = registryWith(a, b)
  expect(registry.list()).toEqual([a, b])
  expect([registry.get('b'), registry.get('none')]).toEqual([a, undefined])
  expect([registry.has('a'), registry.has('toString')]).toEqual([true, false])
  expect([registry.unregister('b'), registry.unregister('b'), registry.has('b')]).toEqual([
    true,
    false,
    false,
  ])
  registry.clear()
  expect(registry.list()).toEqual([])
})

test('a name is taken once', () => {
  expect(() => registryWith(echo(), echo())).toThrow(new Error('Function already registered: echo'))
})

test('a function that is not there, and a parameter that must be there, are told', async () => {
  const registry = registryWith(echo({ p: { type: 'string', description: '', required: true } }))
  await expect(registry.execute('none', {})).rejects.toThrow(new Error('Function not found: none'))
  for (const params of [{}, { p: undefined }, undefined])
    await expect(registry.execute('echo', params)).rejects.toThrow(
      new Error('Missing required parameter: p for function echo'),
    )
})

test('what an object inherits is no parameter', async () => {
  const inherited: ParameterSpec = { type: 'string', description: '', required: true }
  const registry = registryWith(echo({ toString: inherited }))
  await expect(registry.execute('echo', {})).rejects.toThrow(
    new Error('Missing required parameter: toString for function echo'),
  )
})

test('defaults stand in for what is not given, also for what is required, and are not shared between calls', async () => {
  const registry = registryWith(
    echo({
      list: { type: 'array', description: '', default: [] },
      count: { type: 'number', description: '', required: true, default: 0 },
      absent: { type: 'object', description: '' },
    }),
  )
  const first = (await registry.execute('echo', { extra: 1 })) as { list: number[] }
  expect(first).toEqual({ list: [], count: 0, extra: 1 })
  first.list.push(1)
  expect(await registry.execute('echo', { count: 2 })).toEqual({ list: [], count: 2 })
})

const values = { string: '', number: 0, boolean: false, object: {}, array: [], null: null } as const

test.each(['string', 'number', 'boolean', 'object', 'array'] as const)(
  'a parameter of type %s takes nothing else',
  async (type) => {
    const registry = registryWith(echo({ p: { type, description: '' } }))
    for (const [given, p] of Object.entries(values)) {
      const called = registry.execute('echo', { p })
      if (given === type) expect(await called).toEqual({ p })
      else
        await expect(called).rejects.toThrow(
          new TypeError(`Invalid type of parameter: p for function echo: expected ${type}, got ${given}`),
        )
    }
  },
)

test('a default of the wrong type is refused when the function is registered', () => {
  const spec = echo({ p: { type: 'number', description: '', default: '1' } })
  expect(() => registryWith(spec)).toThrow(
    new TypeError('Invalid type of parameter: p for function echo: expected number, got string'),
  )
})

test('what the function rejects with, or throws, is what the call rejects with', async () => {
  const handler = () => {
    throw new Error('out of order')
  }
  await expect(registryWith({ ...echo(), handler }).execute('echo', {})).rejects.toThrow('out of order')
})
