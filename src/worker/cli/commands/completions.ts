// rlm completions: what a shell needs to complete commands, flags and their values; made from the commands' own specs.
import { type CommandSpec, type FlagSpec, type SpecifiedCommand, specify } from '../command-spec.ts'
import { readChoice, usage } from '../flags.ts'
import { commands } from './rlm.ts'

const shells = { bash, zsh, fish }

const spec: CommandSpec = {
  name: 'rlm completions',
  summary: 'complete commands, flags and their values in a shell',
  operands: 'bash | zsh | fish',
  actions: Object.keys(shells),
  examples: [
    'eval "$(rlm completions bash)"                         # in ~/.bashrc',
    'eval "$(rlm completions zsh)"                          # in ~/.zshrc, behind compinit',
    'rlm completions fish > ~/.config/fish/completions/rlm.fish',
  ],
  flags: [],
}

export const completions = specify(spec, async ({ positionals: [shell, ...more] }) => {
  if (shell === undefined || more.length > 0)
    throw usage('rlm completions takes one shell', 'bash, zsh or fish.')
  const make = shells[readChoice('the shell', shell, Object.keys(shells) as (keyof typeof shells)[])]
  process.stdout.write(make(await readSpecs()))
  return 0
})

interface Entry {
  readonly name: string
  readonly summary: string
  readonly spec: Pick<CommandSpec, 'flags' | 'actions'>
}

async function readSpecs(): Promise<Entry[]> {
  const loaded = Object.entries(commands).map(async ([name, { summary, load }]) => {
    const command = (await load()) as Partial<SpecifiedCommand>
    return { name, summary, spec: command.spec ?? { flags: [] } }
  })
  return Promise.all(loaded)
}

/** What may stand behind a flag: its choices, a file, or nothing that is known. */
function kindOf(flag: FlagSpec): 'switch' | 'choices' | 'file' | 'other' {
  const { value } = flag
  if (value === undefined) return 'switch'
  if (offered(flag)) return 'choices'
  return ['PATH', 'FILE', 'DIR'].includes(value) ? 'file' : 'other'
}

function offered({ choices, suggestions }: FlagSpec): string | undefined {
  return (choices ?? suggestions)?.join(' ')
}

function bash(entries: readonly Entry[]): string {
  const words = entries.map(({ name, spec: { flags, actions = [] } }) => {
    const all = [...actions, ...flags.map((flag) => `--${flag.name}`), '--help']
    return `    ${name}) words="${all.join(' ')}" ;;`
  })
  const answers = { file: 'COMPREPLY=($(compgen -f -- "$word")); return', other: 'return' }
  const cases = entries.flatMap(({ name, spec: { flags } }) =>
    flags.flatMap((flag) => {
      const kind = kindOf(flag)
      if (kind === 'switch') return []
      const answer = kind === 'choices' ? `words="${offered(flag)}"` : answers[kind]
      return [`    ${name}:--${flag.name}) ${answer} ;;`]
    }),
  )
  return `# rlm completions for bash
_rlm() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} words=""
  COMPREPLY=()
  case \${COMP_WORDS[1]} in
${words.join('\n')}
  esac
  if ((COMP_CWORD == 1)); then words="${entries.map(({ name }) => name).join(' ')} --help --version"; fi
  case \${COMP_WORDS[1]}:$before in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if ((\${#COMPREPLY[@]} == 0)); then COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _rlm rlm
`
}

function zsh(entries: readonly Entry[]): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''").replace(/[[\]:]/g, '\\$&')
  const argument = (flag: FlagSpec): string => {
    const start = `'${flag.repeated ? '*' : ''}--${flag.name}[${quote(flag.help)}]`
    const kind = kindOf(flag)
    if (kind === 'switch') return `${start}'`
    if (kind === 'choices') return `${start}:${flag.value}:(${offered(flag)})'`
    return `${start}:${flag.value}:${kind === 'file' ? '_files' : ' '}'`
  }
  const cases = entries.map(({ name, spec: { flags, actions = [] } }) => {
    const operand = actions.length > 0 ? `'1:action:(${actions.join(' ')})'` : "'*:file:_files'"
    return `    ${name}) _arguments ${[...flags.map(argument), operand].join(' ')} ;;`
  })
  return `#compdef rlm
_rlm() {
  local -a names=(
${entries.map(({ name, summary }) => `    '${name}:${quote(summary)}'`).join('\n')}
  )
  if ((CURRENT == 2)); then _describe command names; return; fi
  shift words; ((CURRENT--))
  case $words[1] in
${cases.join('\n')}
  esac
}
compdef _rlm rlm
`
}

function fish(entries: readonly Entry[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = entries.flatMap(({ name, summary, spec: { flags, actions = [] } }) => {
    const within = `complete -c rlm -n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c rlm -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
      ...(actions.length > 0 ? [`${within} -f -a '${actions.join(' ')}'`] : []),
      ...flags.map((flag) => {
        const kind = kindOf(flag)
        const value = {
          switch: '',
          choices: ` -x -a '${offered(flag)}'`,
          file: ' -r -F',
          other: ' -x',
        }[kind]
        return `${within} -l ${flag.name}${value} -d ${quote(flag.help)}`
      }),
    ]
  })
  return `# rlm completions for fish\n${lines.join('\n')}\n`
}
