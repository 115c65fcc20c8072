// Functions that agents may call by name, with their parameters checked.
import { FunctionRegistry } from 'superloop-rlms'

const registry = new FunctionRegistry()
registry.register({
  name: 'repeat',
  description: 'repeats a text',
  parameters: {
    text: { type: 'string', description: 'what to repeat', required: true },
    times: { type: 'number', description: 'how often', default: 2 },
  },
  handler: async ({ text, times }) => text.repeat(times),
})

console.log(await registry.execute('repeat', { text: 'ab' }))
for (const params of [{}, { text: 'ab', times: '3' }])
  await registry.execute('repeat', params).catch((error) => console.log(error.message))
