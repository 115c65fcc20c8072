// Cuts of strings that leave no half of a character: UTF-16 keeps some in two units.

/** At most `limit` UTF-16 units from the start of `text`. */
export function cutText(text: string, limit: number): string {
  const inside = limit > 0 && isLowHalf(text, limit) && isHighHalf(text, limit - 1)
  return text.slice(0, inside ? limit - 1 : limit)
}

/** `at`, or the next index when `at` is inside a character. */
export function wholeAt(text: string, at: number): number {
  return isLowHalf(text, at) ? at + 1 : at
}

/** How many characters of `text` take two units. */
export function countPairs(text: string): number {
  let pairs = 0
  for (let at = 1; at < text.length; at++) if (isLowHalf(text, at) && isHighHalf(text, at - 1)) pairs++
  return pairs
}

function isHighHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLowHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff
}
