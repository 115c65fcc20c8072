// A run whose time is over while a model is asked says what it waited for.
import { RlmsError } from '../contract/errors.ts'

/** The reason a call was ended with, and where that is a limit `what` behind it; any other error as it is. */
export function tellLate(reason: unknown, what: string): unknown {
  if (!(reason instanceof RlmsError) || reason.code !== 'limit_exceeded') return reason
  return new RlmsError(reason.code, `${reason.message}; ${what}`, reason.fix)
}
