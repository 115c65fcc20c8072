// A server on the loopback that answers as a test says, for the time of that test.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface LoopbackServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** Whole requests, in the order they came. */
  readonly seen: readonly SeenRequest[]
}

export async function loopbackServer(
  answer: (response: ServerResponse, request: SeenRequest) => void,
): Promise<LoopbackServer> {
  const seen: SeenRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url: path = '', headers } = request
    const whole = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') }
    seen.push(whole)
    answer(response, whole)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}
