/** Where the lines of a text begin; what follows the last newline is a line unless it is empty. */
export function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0 && at + 1 < text.length; at = text.indexOf('\n', at + 1))
    starts.push(at + 1)
  return starts
}

/** A line without its end. */
export function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start)
  return (end < 0 ? text.slice(start) : text.slice(start, end)).replace(/\r$/, '')
}
