import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/{worker,browser}/**/*.test.ts'],
    globalSetup: 'tests/worker/helpers/pyodide-snapshot.ts',
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    // Tests start real processes; more workers than cores make them wait for each other.
    maxWorkers: 4,
  },
})
