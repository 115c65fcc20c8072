// The way from an agent's process to its orchestrator: a Unix socket in a folder that only this user may enter, and a
// token for each agent, which is good while the agent runs. It is there while any agent runs.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentNode } from '../tree/tree.ts'
import { type ChannelAnswer, channelVariables, createLineReader, maxLineMiB, tokenBytes } from './protocol.ts'
import { type ChannelHost, handleRequest } from './requests.ts'

interface Open {
  readonly server: Server
  readonly folder: string
  readonly socket: string
  readonly listening: Promise<void>
  /** On the end of this process. */
  readonly remove: () => void
}

export class AgentChannel {
  private readonly host: ChannelHost
  private readonly agents = new Map<AgentNode, string>()
  private readonly sockets = new Map<Socket, AgentNode | undefined>()
  private current: Open | undefined

  constructor(host: ChannelHost) {
    this.host = host
  }

  /** What the agent's environment needs. Rejects where no socket can be opened. */
  async open(node: AgentNode): Promise<Record<string, string>> {
    this.current ??= this.listen()
    const token = randomBytes(tokenBytes).toString('hex')
    this.agents.set(node, token)
    const { socket, folder, listening } = this.current
    await listening
    return {
      [channelVariables.socket]: socket,
      [channelVariables.token]: token,
      [channelVariables.agent]: node.id,
      // Behind all others: an `rlm` that the user has installed goes first.
      PATH: `${process.env.PATH ?? ''}:${folder}`,
    }
  }

  /** The agent's token is worth nothing any more. */
  close(node: AgentNode): void {
    if (!this.agents.delete(node)) return
    for (const [socket, owner] of this.sockets) if (owner === node) socket.destroy()
    if (this.agents.size > 0 || !this.current) return
    const { server, remove } = this.current
    this.current = undefined
    server.close()
    for (const socket of this.sockets.keys()) socket.destroy()
    process.removeListener('exit', remove)
    remove()
  }

  private listen(): Open {
    const folder = mkdtempSync(join(tmpdir(), 'rlm-agents-'))
    const socket = join(folder, 'channel')
    const command = findCommand()
    if (command !== undefined) symlinkSync(command, join(folder, 'rlm'))
    const server = createServer((connection) => this.accept(connection))
    const remove = () => rmSync(folder, { recursive: true, force: true })
    process.once('exit', remove)
    const listening = new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(socket, resolve)
    })
    server.unref()
    return { server, folder, socket, listening, remove }
  }

  private accept(socket: Socket): void {
    this.sockets.set(socket, undefined)
    const read = createLineReader()
    let said = 0
    socket.on('error', () => {}) // an agent that went away
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('data', (bytes: Buffer) => {
      said += bytes.length
      try {
        for (const line of read(bytes)) this.take(line, socket)
        if (!this.sockets.get(socket) && said > 2 * tokenBytes) throw new Error(strange)
      } catch (error) {
        refuse(socket, error as Error)
      }
    })
  }

  /** The first line is the token, the second one the request; nothing else is read. */
  private take(line: Buffer, socket: Socket): void {
    const node = this.sockets.get(socket)
    if (node) {
      socket.pause()
      void this.answer(line, node, socket).then((answer) => socket.end(encode(answer)))
      return
    }
    const found = this.agentOf(line)
    if (!found) throw new Error(strange)
    this.sockets.set(socket, found)
  }

  private agentOf(said: Buffer): AgentNode | undefined {
    for (const [node, token] of this.agents) {
      const known = Buffer.from(token)
      if (said.length === known.length && timingSafeEqual(said, known)) return node
    }
    return undefined
  }

  private async answer(line: Buffer, node: AgentNode, socket: Socket): Promise<ChannelAnswer> {
    const gone = new AbortController()
    socket.once('close', () => gone.abort(new Error('whoever asked is gone')))
    try {
      const value = await handleRequest(
        JSON.parse(line.toString('utf8')),
        { node, signal: gone.signal },
        this.host,
      )
      return { ok: true, value: value ?? null }
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error.message : String(error) }
    }
  }
}

const strange = 'The token is not that of an agent that runs'

function refuse(socket: Socket, { message }: Error): void {
  socket.pause()
  socket.end(encode({ ok: false, error: message }))
}

/** The `rlm` that lies beside this file in the build; undefined in the sources. */
function findCommand(): string | undefined {
  return ['rlm.cjs', '../rlm.cjs']
    .map((name) => join(import.meta.dirname, name))
    .find((file) => existsSync(file))
}

function encode(answer: ChannelAnswer): string {
  const text = JSON.stringify(answer)
  if (Buffer.byteLength(text) <= maxLineMiB << 20) return `${text}\n`
  return encode({ ok: false, error: `The answer is larger than ${maxLineMiB} MiB` })
}
