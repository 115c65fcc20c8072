// The worker tells what to do in the words of its door, scripts/rlms; `rlm` has words of its own.
import { RlmsError } from '../contract/errors.ts'

const words: readonly (readonly [RegExp, string])[] = [
  [/--timeout-seconds/g, '--timeout'],
  [/--output-dir/g, '--out'],
  [/([Cc])ontinue with --resume/g, '$1ontinue with rlm resume'],
  [/--resume continues/g, 'rlm resume goes on'],
  [/Start anew without --resume/g, 'Ask again with rlm run'],
]

/** What to do, as a user of `rlm` does it. */
export function inOwnWords(fix: string): string {
  return words.reduce((text, [door, own]) => text.replace(door, own), fix)
}

export function errorInOwnWords({ code, message, fix }: RlmsError): RlmsError {
  return new RlmsError(code, message, inOwnWords(fix))
}
