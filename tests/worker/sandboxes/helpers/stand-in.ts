// Runners that are none: small Python programs, started by startRunner, that speak the protocol as badly as they like.
import { closeSync, openSync } from 'node:fs'
import { expect, onTestFinished } from 'vitest'
import type { HostCall } from '../../../../src/worker/rlm/ports.ts'
import { findPython } from '../../../../src/worker/sandboxes/find-python.ts'
import type { Done } from '../../../../src/worker/sandboxes/runner-messages.ts'
import { type RunnerProcess, startRunner } from '../../../../src/worker/sandboxes/runner-process.ts'
import type { Death } from '../../../../src/worker/sandboxes/step.ts'

/** What every stand-in begins with: the setup is read, the secret known, nothing has been sent. */
const beginning = `
import json, os, signal, struct, sys, time
def read(length):
    parts = b""
    while len(parts) < length:
        part = os.read(3, length - len(parts))
        if not part: os._exit(0)
        parts += part
    return parts
def receive():
    header = read(20)
    assert header[4:] == secret
    line, _, texts = read(struct.unpack(">I", header[:4])[0]).partition(b"\\n")
    message = json.loads(line)
    for (key,), length in message.pop("texts", []):
        message[key], texts = texts[:length].decode(), texts[length:]
    return message
def write(data):
    while data: data = data[os.write(4, data):]
def frame(body, own=None):
    body = body if isinstance(body, bytes) else body.encode()
    return struct.pack(">I", len(body)) + (own or secret) + body
def send(*messages):
    write(b"".join(frame(json.dumps(message)) for message in messages))
def with_texts(message, *texts, places=None):
    places = [[["output"], len(text)] for text in texts] if places is None else places
    return json.dumps({**message, "texts": places}).encode() + b"\\n" + b"".join(texts)
def ready(**more):
    send({"op": "ready", "kernel": {"seccomp": True, "landlock": 0}, "python": str(os.getpid()), **more})
def call(number, name="sub_rlm", args=["q"]):
    return {"op": "call", "id": number, "name": name, "args": args}
def done(output="", **more):
    return {"op": "done", "output": output, "length": len(output or ""), "error": None, **more}
def hang():
    while True: time.sleep(60)
header = read(20)
secret = header[4:]
setup = json.loads(read(struct.unpack(">I", header[:4])[0]))
`

interface StandInOptions {
  readonly call?: HostCall
  readonly signal?: AbortSignal
  readonly setup?: object
}

const never = new AbortController().signal

/** The command of a stand-in that runs `program` behind the beginning. */
export function standInCommand(program: string): [string, ...string[]] {
  return [findPython().path, '-I', '-S', '-c', `${beginning}${program}`]
}

/** Starts a stand-in; ended with the test. */
export async function standIn(program: string, options: StandInOptions = {}): Promise<RunnerProcess> {
  const pack = openSync('/dev/null', 'r')
  try {
    const runner = await startRunner(
      {
        argv: standInCommand(program),
        env: { GIVEN: 'this' },
        pack,
        setup: options.setup ?? {},
        call: options.call ?? (async () => 'answer'),
      },
      options.signal ?? never,
    )
    onTestFinished(() => runner.end())
    return runner
  } finally {
    closeSync(pack)
  }
}

/** How one step of a stand-in ends that does `program` once it is ready and has the step's code. */
export async function stepOf(
  program: string,
  options: StandInOptions & { limitMs?: number } = {},
): Promise<Done | Death> {
  const runner = await standIn(`ready()\ncode = receive()["code"]\n${program}`, options)
  return runner.run('some code', options.limitMs ?? 10_000, never)
}

/** The stand-in's process id, which ready() gives for a version. */
export function pidOf(runner: RunnerProcess): number {
  return Number(runner.ready.python)
}

export async function expectGone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 5000, interval: 5 }).toBe(false)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
