// The words of a task that are worth looking for.

const common = new Set(
  `a about after all also an and any are as at be been before best but by can cite could do does each every find for from get
  give has have help how i if in into is it its just know line lines list look make matter matters me might most must need needs
  no not now of on one only or other our out over own please prove proves read say see should show so some spec tell than
  that the their them then there these they thing things this to use used uses using was we well were what when where which
  who why will with work would you your asked broken missing risky risk ask first says what's change changed changes document documents file files role loop agent task planner implementer tester reviewer finding findings current`.split(
    /\s+/,
  ),
)
const maxTerms = 12
const quotedWord = /[`"'“]([\w./:-]{3,60})[`"'”]/g

/** Quoted words and identifiers first, then the longer plain words; at most twelve. */
export function taskTerms(task: string): string[] {
  const quoted = [...task.matchAll(quotedWord)].map((match) => match[1]!)
  const words = task.replace(quotedWord, ' ').match(/[A-Za-z_][\w.-]*[A-Za-z0-9_]/g) ?? []
  const identifiers = words.filter((word) => /[_.]|[a-z][A-Z]/.test(word))
  const plain = words.filter((word) => word.length > 3 && !common.has(word.toLowerCase()))
  const ranked = [...quoted, ...identifiers, ...plain.toSorted((a, b) => b.length - a.length)]
  const seen = new Set<string>()
  return ranked
    .filter((word) => {
      const key = word.toLowerCase()
      if (seen.has(key) || common.has(key)) return false
      seen.add(key)
      return true
    })
    .slice(0, maxTerms)
}
