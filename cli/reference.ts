import type { Command } from './command.ts';
import { type Argument, globalOptions, groups, type Option } from './definition.ts';

/** The reference page of all commands in Markdown, printed from the definitions. */
export function referencePage(commands: readonly Command[]): string {
  const parts = ['# Commands', '', 'Printed from the command definitions by `npm run gen`; do not edit.', ''];
  parts.push('## Options of every command', '', ...optionTable(globalOptions), '');
  for (const group of groups) {
    parts.push(`## ${group}`, '');
    for (const command of commands)
      if (command.definition.group === group) parts.push(...section(command, 'speakr', 3));
  }
  parts.push(...jsonSection);
  return `${parts.join('\n').trimEnd()}\n`;
}

/** What `--json` prints. */
const jsonSection = [
  '## JSON',
  '',
  'With `--json` each command prints its result on stdout, one object on one line. Schemas are in',
  '[contracts/](../contracts); fields may be added, so ignore what you do not know.',
  '',
  '| command | prints |',
  '| --- | --- |',
  '| `record` | a line for each event as it happens: `RecordEvent` of [cli-json.ts](../contracts/cli-json.ts) |',
  '| `transcribe`, `watch`, `import` | a line for each file: `TranscribeResult`, or `TranscribeFailure` with the error, of the same file |',
  '| `query` | `question`, `answer` where a language model is configured, `hits`, `timings`: see [search.ts](../contracts/search.ts) |',
  '| `list` | `recordings`, and `nextCursor` where there are more: [recording.ts](../contracts/recording.ts) |',
  '| `show`, `retranscribe` | `recording` and `transcript`: [transcript.ts](../contracts/transcript.ts) |',
  '| `notes` | the notes with the evidence of each line: [notes.ts](../contracts/notes.ts) |',
  '| `actions` | `actions`: `ActionPage` of [api.ts](../contracts/api.ts) |',
  '| `tag` | `id` and `tags` |',
  '| `speakers` | `id`, and `speakers`: the name of each label |',
  '| `share` | `Share`; `shares` where nobody is named, `entries` with `--trail`: [sharing.ts](../contracts/sharing.ts) |',
  '| `devices` | `devices`, with their level where they were tested |',
  '| `login`, `logout` | `server`; and `user`, or whether the login was `revoked` |',
  '| `keys`, `keys list`, `keys create`, `keys revoke` | `keys`, `NewApiKey` or the key that is `revoked`: [identity.ts](../contracts/identity.ts) |',
  '| `jobs`, `jobs list` | `jobs`, and `nextCursor` where there are more; with `--watch` a line for each that changes: [jobs.ts](../contracts/jobs.ts) |',
  '| `jobs show`, `jobs cancel`, `jobs retry` | `Job` |',
  '| `whoami` | `Identity` of [identity.ts](../contracts/identity.ts); and `server` |',
  '| `models`, `models list` | `models`: [model.ts](../contracts/model.ts) |',
  '| `config` | `settings` with value and source, and `paths` |',
  '| `status` | `recordings` and `files` that run, `abandoned`, and `server` (`Status` of [api.ts](../contracts/api.ts)) or `null` |',
  '| `stop`, `cancel`, `note` | `command`, and the ids of the `recordings` that were told |',
  '| `doctor` | `DoctorReport` of [cli-json.ts](../contracts/cli-json.ts) |',
  '| `bench` | a line for each engine: `BenchRun` of [bench-run.ts](../contracts/bench-run.ts) |',
  '| `vocab`, `vocab list`, `vocab add`, `vocab remove` | `terms`: [vocabulary.ts](../contracts/vocabulary.ts); `list` also the `project` file |',
  '| `storage` | `StorageReport` of [api.ts](../contracts/api.ts) |',
  '| `backup`, `restore` | `path`; `backup` also its `bytes` |',
  '| `privacy policy` | `OwnPolicy` of [policies.ts](../contracts/policies.ts) |',
  '| `privacy export` | `path`, `bytes`, `recordings`; nothing when the archive goes to stdout |',
  '| `privacy erase` | `Erasure` of [account.ts](../contracts/account.ts), and `spools` |',
  '| `recover` | a line for each recording; `spools` with `--list` |',
  '| `admin health`, `admin performance`, `admin jobs`, `admin quotas` | `SystemHealth`, `Performance`, `JobStatistics`, `Quotas` of [admin.ts](../contracts/admin.ts) |',
  '| `admin users`, `admin audit` | `users`, `entries` |',
  '| `admin policy list`, `admin policy show`, `admin policy set` | `policies`, each a `Policy`; `Policy` of [policies.ts](../contracts/policies.ts) |',
  '| `admin dead-letters`, `admin replay` | `deadLetters`; how many were `replayed` |',
  '| `admin models list`, `admin models register`, `admin models evaluate` | `ModelRegistry`, `RegisteredModel`, `Evaluation` of [model-registry.ts](../contracts/model-registry.ts) |',
  '| `admin models promote`, `admin models rollback`, `admin models remove` | `Promotion`; the id that was `removed` |',
  '| `admin prepare` | `schemaVersion` |',
  '| `admin verify` | `recordings` and `findings`; with `--audit` `entries`, `seals`, `last` and `findings` |',
  '',
  'A command that fails prints `{"error": {"code", "message", "hint"}}`; the codes are in [errors.md](errors.md).',
];

function section({ definition, subcommands = [] }: Command, parent: string, depth: number): string[] {
  const path = `${parent} ${definition.name}`;
  const usage = [path, ...(definition.arguments ?? []).map(shape)];
  if (definition.options !== undefined) usage.push('[options]');
  if (subcommands.length > 0) usage.push('<command>');
  const lines = [
    `${'#'.repeat(depth)} ${path}`,
    '',
    `${definition.summary}.`,
    '',
    '```',
    usage.join(' '),
    '```',
    '',
  ];
  if (definition.details !== undefined) lines.push(definition.details, '');
  for (const argument of definition.arguments ?? [])
    lines.push(`- \`${argument.name}\`: ${argument.summary}`);
  if (definition.arguments !== undefined) lines.push('');
  if (definition.options !== undefined) lines.push(...optionTable(definition.options), '');
  if (definition.examples !== undefined) lines.push('```', ...definition.examples, '```', '');
  for (const subcommand of subcommands) lines.push(...section(subcommand, path, depth + 1));
  return lines;
}

function shape({ name, optional, repeat }: Argument): string {
  const dots = repeat ? '...' : '';
  return optional ? `[${name}${dots}]` : `<${name}${dots}>`;
}

function optionTable(options: readonly Option[]): string[] {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  return [
    '| option | meaning |',
    '| --- | --- |',
    ...options
      .filter((option) => !option.hidden)
      .map(({ name, short, value, summary, choices }) => {
        const flag = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
        const choice = choices === undefined ? '' : ` (${choices.join(', ')})`;
        return `| \`${cell(flag)}\` | ${cell(summary + choice)} |`;
      }),
  ];
}
