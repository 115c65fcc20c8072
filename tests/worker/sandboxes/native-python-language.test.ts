// The language layer alone: what it refuses when nothing else would stop it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSession, temporaryFolder } from './helpers/python-session.ts'

describe('the language layer alone', () => {
  const settings = { require: 'process', without: ['kernel'] } as const

  test('refuses what reaches out, and says that the kernel layer does not hold', async () => {
    const { sandbox, run } = await openSession({ settings })
    expect(sandbox.report).toEqual({ backend: 'python', language: true, process: true, kernel: false })
    for (const code of [
      'open("/etc/passwd")',
      'import os',
      '().__class__.__base__',
      'getattr(print, "__globals__")',
      '"{0.__class__}".format(1)',
    ])
      expect((await run(code)).error?.code).toBe('sandbox_violation')
  })

  // Programs that once read a file: a name that stands for another class, a library that runs texts or does as it is told.
  const escapes: Record<string, string> = {
    'a class of a builtin type’s name that reads frames through a pattern': `
from abc import ABC
from dataclasses import dataclass
@dataclass
class str(ABC):
    gi_frame: object
@dataclass
class int(ABC):
    f_back: object
    f_globals: object
holder = [None]
def reading():
    match holder[0]:
        case str(frame):
            int.register(type(frame))
            while frame is not None:
                match frame:
                    case int(back, names):
                        if "builtins" in names:
                            yield names["builtins"].open(CANARY).read()
                            return
                        frame = back
holder[0] = reading()
str.register(type(holder[0]))
print(next(holder[0]))
`,
    'a field of a dataclass whose name is a program when it is asked for again': `
from dataclasses import dataclass, field
class Changing(type(field())):
    asked = 0
    @property
    def name(self):
        Changing.asked += 1
        return "a=[open(" + repr(CANARY) + ").read()][0],b" if Changing.asked == AT else "a"
    @name.setter
    def name(self, name): pass
for AT in range(1, 20):
    Changing.asked = 0
    try:
        @dataclass
        class D: a: int = Changing(1, 1, True, True, None, True, {}, False)
        print(D().a)
    except SyntaxError: pass
    except TypeError: pass
`,
    'a copied enum that renames a field of a dataclass': renamesAField(
      'Base = Enum("Base", [("__reduce_ex__", lambda self, protocol: RECIPE), ("__copy__", None)])\nclass Copied(Base): X = 1\ncopy.copy(Copied.X)',
    ),
    'a copied namespace that does': renamesAField(
      'copy.copy(SimpleNamespace(**{"__reduce__": lambda: RECIPE}))',
    ),
    'a copy whose memo does': renamesAField(
      'class Memo(dict):\n    asked = 0\n    def get(self, key, default=None):\n        Memo.asked += 1\n        return {"__reduce__": lambda: RECIPE} if Memo.asked > 1 else default\ncopy.copy(copy.deepcopy(SimpleNamespace(a=1), Memo()))',
    ),
    'a class made by a method that was given a class, and copied': renamesAField(
      'copy.copy(Counter.copy(object)("Made", (), {"__reduce_ex__": lambda self, protocol: RECIPE})())',
    ),
  }
  test.each(Object.entries(escapes))('reads no file by %s', async (_what, code) => {
    const canary = join(temporaryFolder(), 'canary')
    writeFileSync(canary, 'the canary’s secret')
    const { run } = await openSession({ settings })
    const outcome = await run(`CANARY = ${JSON.stringify(canary)}\n${code}`)
    expect(JSON.stringify(outcome)).not.toContain('secret')
  })

  test('keeps the limits of time, memory and output', async () => {
    const { run } = await openSession({ settings })
    expect((await run('b = bytearray(3 << 30)')).error?.message).toMatch(/^MemoryError: /)
    expect((await run('while True: pass', 200)).error?.message).toMatch(/^TimeoutError: /)
    expect((await run('print("x" * 9_000_000)')).output).toHaveLength(4 << 20)
  })
})

/** The library runs the names of a dataclass's fields as a program; `how` sets one of them by what RECIPE tells a copy. */
function renamesAField(how: string): string {
  return `
import copy, dataclasses
from collections import Counter
from enum import Enum
from types import SimpleNamespace
@dataclasses.dataclass
class T:
    a: int
field = dataclasses.fields(T)[0]
RECIPE = (lambda: field, (), (None, {"name": "__class__ and {}[open(" + repr(CANARY) + ").read()] and self.__class__"}))
${how}
@dataclasses.dataclass(init=False, repr=False)
class D(T):
    def __init__(self): pass
D() == D()
`
}
