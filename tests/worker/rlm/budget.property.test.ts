import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Budget, createBudget } from '../../../src/worker/rlm/budget.ts'
import { limits } from '../helpers/lab.ts'

interface Reserve {
  readonly chars: number
  readonly calls: number
}
interface End {
  /** Which of the calls in flight. */
  readonly at: number
  readonly tokens: number
  readonly usd: number | null
}
type Entry = ReturnType<Budget['reserve']>

const move: fc.Arbitrary<Reserve | End> = fc.oneof(
  fc.record({ chars: fc.nat(8000), calls: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ at: fc.nat(), tokens: fc.nat(3000), usd: fc.option(fc.constantFrom(0, 0.01, 0.02, 0.05)) }),
)
const caps = { max_tokens: 20_000, max_usd: 0.25 }

/** What is spent and in flight, kept the plain way. */
function createLedger() {
  const open: Array<{ entry: Entry; tokens: number; usd: number }> = []
  const spent = { tokens: 0, usd: 0, dearest: 0 }
  const committed = () => ({
    tokens: open.reduce((sum, call) => sum + call.tokens, spent.tokens),
    usd: open.reduce((sum, call) => sum + call.usd, spent.usd),
  })
  return {
    open,
    spent,
    committed,
    needs: ({ chars, calls }: Reserve) => ({
      tokens: calls * (Math.ceil(chars / 4) + 1000),
      usd: calls * spent.dearest,
    }),
    end(tokens: number, usd: number | null) {
      spent.tokens += tokens
      spent.usd += usd ?? 0
      spent.dearest = Math.max(spent.dearest, usd ?? 0)
    },
  }
}

function tryReserve(budget: Budget, { chars, calls }: Reserve): Entry | null {
  try {
    return budget.reserve(chars, calls)
  } catch {
    return null
  }
}

function replay(moves: ReadonlyArray<Reserve | End>): void {
  const budget = createBudget({ ...limits, ...caps })
  const ledger = createLedger()
  for (const each of moves) {
    if ('chars' in each) {
      const needed = ledger.needs(each)
      const { tokens, usd } = ledger.committed()
      const fits = tokens + needed.tokens <= caps.max_tokens && usd + needed.usd <= caps.max_usd + 1e-7
      const entry = tryReserve(budget, each)
      expect(entry !== null).toBe(fits)
      if (entry) ledger.open.push({ entry, ...needed })
    } else if (ledger.open.length > 0) {
      const [call] = ledger.open.splice(each.at % ledger.open.length, 1)
      call!.entry.settle({ inputTokens: each.tokens, outputTokens: 0, costUsd: each.usd })
      ledger.end(each.tokens, each.usd)
    }
    const { tokens, usd } = ledger.committed()
    expect(budget.left().tokens).toBe(Math.max(0, caps.max_tokens - tokens))
    expect(budget.left().usd).toBeCloseTo(Math.max(0, caps.max_usd - usd), 5)
    expect(budget.spent().inputTokens).toBe(ledger.spent.tokens)
  }
}

describe('any order of calls', () => {
  it('never has more spent and in flight than the caps, as far as is known, and refuses nothing that fits', () => {
    fc.assert(fc.property(fc.array(move, { maxLength: 40 }), replay), { numRuns: 300 })
  })
})
