// The layers one by one: what each stops when the others are switched off, and that a run is refused without them.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { findPython } from '../../../src/worker/sandboxes/find-python.ts'
import { openSession, runnerProcesses, temporaryFolder } from './helpers/python-session.ts'

/** The kernel and process layers alone: code may name anything. */
const withoutLanguage = { settings: { require: 'kernel', without: ['language'] } } as const

describe('the kernel layer alone', () => {
  const refused: Record<string, string> = {
    'reading a file': 'posix.open("/etc/passwd", 0)',
    'writing a file': 'posix.open("/tmp/rlms-test-never", posix.O_CREAT | posix.O_WRONLY)',
    'opening a file the usual way': 'import io\nio.open("/etc/passwd")',
    'listing a folder': 'posix.listdir("/")',
    'asking whether a file is there': 'posix.stat("/")',
    'making a folder': 'posix.mkdir("/tmp/rlms-test-never")',
    'removing a file': 'posix.unlink("/tmp/rlms-test-never")',
    'a pipe': 'posix.pipe()',
    'copying a descriptor': 'posix.dup(4)',
    'writing to standard output': 'posix.write(1, b"x")',
    'writing to standard error': 'posix.write(2, b"x")',
    'reading from standard input': 'posix.read(0, 1)',
    'reading from what it writes to': 'posix.read(4, 1)',
    'a signal to another process': `posix.kill(${process.pid}, 0)`,
    'a signal to its group': 'posix.killpg(0, 0)',
    'a signal to all': 'posix.kill(-1, 0)',
    'another root': 'posix.chroot("/")',
    'another folder': 'posix.chdir("/")',
    'another user': 'posix.setuid(1)',
    'another session': 'posix.setsid()',
    'the priority of a process': 'posix.nice(1)',
    'a file in memory': 'posix.memfd_create("x")',
    'a name for the machine': 'posix.uname()',
  }
  test('refuses everything outside with EPERM, and the step goes on', async () => {
    const { output } = await openSession(withoutLanguage)
    const wrong: string[] = []
    for (const [what, code] of Object.entries(refused)) {
      const lines = code.split('\n').map((line) => `    ${line}`)
      const printed = await output(
        `import posix\ntry:\n${lines.join('\n')}\n    print("done")\nexcept (PermissionError, AttributeError) as e: print(type(e).__name__)`,
      )
      if (printed === 'done\n') wrong.push(what)
    }
    expect(wrong).toEqual([])
  })

  const deadly: Record<string, string> = {
    'a fork': 'posix.fork()',
    'another program': 'posix.execv("/bin/true", ["true"])',
    'another program through a path search': 'import os\nos.execvp("true", ["true"])',
    'a program started beside it': 'posix.posix_spawn("/bin/true", ["true"], {})',
    'a shell': 'import os\nos.system("true")',
    'a thread': 'import _thread\n_thread.start_new_thread(print, ())',
  }
  test('ends the runner at every way to start something, and says so', async () => {
    const { run, output } = await openSession(withoutLanguage)
    const wrong: unknown[] = []
    for (const [what, code] of Object.entries(deadly)) {
      const outcome = await run(`import posix\n${code}`)
      const { error } = outcome
      const told =
        error?.code === 'sandbox_violation' &&
        error.stateLost &&
        error.message === 'the code made a system call that ends the runner'
      // os.system blocks signals before it forks: EPERM meets it first
      if (!told && !/^(PermissionError|RuntimeError)/.test(error?.message ?? '')) wrong.push([what, outcome])
    }
    expect(wrong).toEqual([])
    expect(await output('print("next")')).toBe('next\n')
  })

  test('leaves nothing of the host to be found: no environment, no descriptor, no way to raise a limit', async () => {
    const { output } = await openSession(withoutLanguage)
    const code = `
import posix, sys
print(dict(posix.environ), [name for name in ("ctypes", "_ctypes", "resource", "lockdown") if name in sys.modules])
def tried(work):
    try: return work()
    except BaseException as e: return type(e).__name__
print(tried(lambda: __import__("ctypes")), tried(lambda: __import__("resource")), tried(lambda: __import__("socket")), tried(lambda: __import__("subprocess")))
`
    expect(await output(code)).toMatch(
      /^\{('LC_CTYPE'.*|b'LC_CTYPE'.*)?\} \[\]\n(ImportError|ModuleNotFoundError) (ImportError|ModuleNotFoundError) /,
    )
  })

  test('has frames that the code forges end the runner', async () => {
    const { run, output, finals } = await openSession(withoutLanguage)
    for (const bytes of ['b"x" * 100', 'b"\\n{}\\n"*40', 'b"\\xff" * 20']) {
      const { error } = await run(`import posix, time\nposix.write(4, ${bytes})\ntime.sleep(5)`)
      expect(error).toEqual({
        code: 'sandbox_violation',
        message: 'the runner broke the protocol, it sent a frame without the secret',
        line: null,
        stateLost: true,
      })
    }
    expect(finals).toEqual([])
    expect(await output('print("next")')).toBe('next\n')
  })

  test('has a call that the code forges with the secret reach no further than the host function', async () => {
    const calls: unknown[] = []
    const { run } = await openSession({
      ...withoutLanguage,
      call: async (name, args) => {
        calls.push([name, args])
        return null
      },
    })
    const { error } = await run(`
import gc, json, posix, time
wire = next(o for o in gc.get_objects() if type(o).__name__ == "Wire")
body = json.dumps({"op": "done", "output": "forged", "length": 6, "error": None}).encode()
call = json.dumps({"op": "call", "id": 7, "name": "sub_rlm", "args": []}).encode()
for message in (call, body): posix.write(4, len(message).to_bytes(4, "big") + wire.secret + message)
time.sleep(5)
`)
    expect(error).toMatchObject({ code: 'sandbox_violation', stateLost: true })
    expect(calls).toEqual([])
  })
})

describe('the process layer', () => {
  test('starts the runner without an environment, in the root folder, with its limits set', async () => {
    process.env.RLMS_TEST_SECRET = 'not for the runner'
    const { output } = await openSession({
      settings: { require: 'language', without: ['language', 'kernel'] },
    })
    delete process.env.RLMS_TEST_SECRET
    const code = `
import posix, sys
import resource
print("RLMS_TEST_SECRET" in str(posix.environ), posix.getcwd(), posix.getpgid(0) == posix.getpid(), [path for path in sys.path if path in ("", "/")], sys.flags.no_user_site, sys.flags.no_site, sys.dont_write_bytecode)
print([resource.getrlimit(getattr(resource, "RLIMIT_" + name))[0] for name in ("CORE", "FSIZE", "NPROC", "NOFILE", "MEMLOCK")], resource.getrlimit(resource.RLIMIT_AS)[0] >= 512 << 20, resource.getrlimit(resource.RLIMIT_CPU)[0])
opened = []
for n in range(16):
    try: posix.fstat(n); opened.append(n)
    except OSError: pass
print(opened)
`
    expect(await output(code)).toBe('False / True [] 1 1 True\n[0, 0, 0, 16, 0] True 120\n[0, 1, 2, 3, 4]\n')
  })
})

describe('a run without the kernel layer', () => {
  const refusal = (reason: string) =>
    new RlmsError(
      'sandbox_unavailable',
      `the kernel layer of the sandbox cannot be had here: ${reason}`,
      'Run on Linux (x86_64 or aarch64) with seccomp, or allow less with --sandbox-require process.',
    )

  test('is refused where it is required, also when it was switched off, and leaves no process', async () => {
    const opened = openSession({ settings: { require: 'kernel', without: ['kernel'] } })
    await expect(opened).rejects.toThrow(refusal('switched off'))
    expect(runnerProcesses()).toEqual([])
  })

  test('is refused on a machine that does not have it, with the reason and the fix', async () => {
    const settings = { python: machineWithout('no_new_privs was refused (errno 1)') }
    const error = await openSession({ settings }).catch((refused: RlmsError) => refused)
    expect(error).toMatchObject({
      ...refusal('no_new_privs was refused (errno 1)'),
      message: refusal('no_new_privs was refused (errno 1)').message,
    })
  })

  test('is refused on a machine that does not even give a reason', async () => {
    await expect(openSession({ settings: { python: machineWithout(undefined) } })).rejects.toThrow(
      refusal('seccomp is missing'),
    )
  })

  test('is taken on such a machine where less is allowed, and the report says so', async () => {
    for (const require of ['process', 'language'] as const) {
      const { sandbox } = await openSession({
        settings: { require, python: machineWithout('there is none') },
      })
      expect(sandbox.report).toEqual({ backend: 'python', language: true, process: true, kernel: false })
    }
  })
})

/** An interpreter that says it is ready on a machine without seccomp. */
function machineWithout(reason: string | undefined) {
  const path = join(temporaryFolder(), 'python3')
  const kernel = JSON.stringify({ seccomp: false, landlock: 0, reason })
  const program = `
import os, struct, time
header = os.read(3, 20)
body = b'{"op":"ready","python":"3","kernel":${kernel}}'
os.write(4, struct.pack(">I", len(body)) + header[4:] + body)
time.sleep(60)
`
  writeFileSync(path, `#!${findPython().path} -IS\n${program}`)
  chmodSync(path, 0o755)
  return { path, version: [3, 11] as const }
}
