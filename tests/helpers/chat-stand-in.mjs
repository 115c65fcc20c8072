// A chat API on the loopback for tests/rlm-http.bats: streams code to the loop and a word to anybody else, at one cent a
// call. Prints its port; each request is a line of JSON in the file that is its argument: key, model, what was said.
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [log, code] = process.argv.slice(2)
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const { model, messages } = JSON.parse(body)
  const prompt = messages[0].content
  const inLoop = prompt.includes('You answer a task about documents')
  const { authorization = null } = request.headers
  appendFileSync(log, `${JSON.stringify({ authorization, model, loop: inLoop })}\n`)
  if (prompt.includes('REFUSE')) {
    response.writeHead(401, { 'content-type': 'application/json' })
    return response.end(JSON.stringify({ error: { message: `bad key: ${authorization}` } }))
  }
  const text = inLoop ? `\`\`\`python\n${code}\n\`\`\`` : 'x'
  const usage = { prompt_tokens: 10, completion_tokens: 5, cost: 0.01 }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of [
    { choices: [{ delta: { content: text } }] },
    { choices: [{ delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage },
  ])
    response.write(`data: ${JSON.stringify(event)}\n\n`)
  response.end('data: [DONE]\n\n')
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
