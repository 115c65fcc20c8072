// What models and programs say, shown on a terminal.

/** Without what would steer the terminal: a control character is a space. */
export function withoutSteering(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, ' ')
}
