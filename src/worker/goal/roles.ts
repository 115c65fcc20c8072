// Who has a turn in an iteration, and what each is told. The last of a plan is the one that changes files.
import type { Goal } from './goal.ts'

export type RoleName = 'agent' | 'planner' | 'critic' | 'reviser'

export interface Role {
  readonly name: RoleName
  /** What its prompt says of it. */
  readonly duty: string
  readonly changesFiles: boolean
}

export const plans: Readonly<Record<Goal['roles'], readonly Role[]>> = {
  single: [
    {
      name: 'agent',
      changesFiles: true,
      duty: 'Change the files of this repository so that the goal is reached and the validator passes.',
    },
  ],
  triad: [
    {
      name: 'planner',
      changesFiles: false,
      duty: 'Plan the next change: which files, what in them, in which order, and why this makes the validator pass. Change no file.',
    },
    {
      name: 'critic',
      changesFiles: false,
      duty: 'Find what is wrong with the plan below: what it overlooks, breaks or only hides. Say what to do instead. Change no file.',
    },
    {
      name: 'reviser',
      changesFiles: true,
      duty: 'Take the plan and its critique below, decide, and change the files of this repository so that the goal is reached and the validator passes.',
    },
  ],
}
