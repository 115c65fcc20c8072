// An agent's side of the channel: one connection for each request.
import { connect } from 'node:net'
import { isFields, parseFields } from '../../lib/fields.ts'
import { type ChannelRequest, channelVariables, createLineReader } from './protocol.ts'

/** The request's answer. Rejects with an Error that says why there is none. */
export async function askOrchestrator(
  request: ChannelRequest,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<unknown> {
  const { [channelVariables.socket]: path, [channelVariables.token]: token } = env
  if (!path || !token) throw new NoOrchestrator('this is no agent of a running orchestrator')
  const line = await exchange(path, `${token}\n${JSON.stringify(request)}\n`, signal)
  const answer = parseFields(line)
  if (!isFields(answer)) throw new NoOrchestrator('the orchestrator gave no answer')
  if (answer.ok === true) return answer.value
  throw new Error(String(answer.error))
}

/** There is nobody to ask. */
export class NoOrchestrator extends Error {}

function exchange(path: string, text: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const read = createLineReader()
    const socket = connect(path)
    const onAbort = () => socket.destroy(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    const end = (act: () => void) => {
      signal.removeEventListener('abort', onAbort)
      act()
    }
    socket.on('connect', () => socket.write(text))
    socket.on('data', (bytes: Buffer) => {
      const [line] = read(bytes)
      if (line) end(() => resolve(line.toString('utf8')))
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const gone = error.code === 'ENOENT' || error.code === 'ECONNREFUSED'
      end(() => reject(gone ? new NoOrchestrator('the orchestrator is gone') : error))
    })
    socket.on('close', () => end(() => resolve('')))
  })
}
