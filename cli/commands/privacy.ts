import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { eraseSpools } from '../privacy/erase-spools.ts';
import { exportToFile } from '../privacy/export-file.ts';
import { sortSpools } from '../recorder/leftovers.ts';

export const definition = define({
  name: 'privacy',
  summary: 'Take out everything that is kept of you, or erase it for good',
  details:
    '`export` writes recordings, transcripts with all revisions, notes, vocabulary, keys, shares and the audit log into one tar archive. ' +
    '`erase` removes all of that and destroys its keys, on the server in use and on this machine. ' +
    'What is where, in which form and for how long: docs/privacy.md.',
  group: 'Care',
  examples: ['speakr privacy export everything.tar', 'speakr privacy erase'],
});

const exporting = define({
  name: 'export',
  summary: 'Write everything into a tar archive; one that broke off is completed',
  details: 'The archive is not encrypted: whoever has it can read and hear everything.',
  arguments: [
    { name: 'file', optional: true, summary: 'File to write; "-" for stdout; named by the day when absent' },
  ],
  options: [jsonOption],
});

const erasing = define({
  name: 'erase',
  summary: 'Erase everything, and the keys that open it',
  details:
    'What is being recorded is discarded first. Models and settings of this machine stay. Backups, and archives of ' +
    '`speakr privacy export`, keep what they have.',
  options: [{ name: 'yes', short: 'y', summary: 'Do not ask; needed without a terminal' }, jsonOption],
});

type Needs = Pick<Context, 'api' | 'ask' | 'backend' | 'clock' | 'config' | 'io' | 'output'>;

async function runExport(options: OptionsOf<typeof exporting>, context: Needs): Promise<void> {
  const { output, clock } = context;
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  const file = options.file ?? `speakr-${day}.tar`;
  const { unfinished, running } = await sortSpools(context.config().paths.spoolDir, clock.now());
  const waiting = unfinished.length + running.length;
  const api = await context.api('read');
  const result = await exportToFile({ api, io: context.io, file, onProgress: output.progress });
  output.progress('');
  if (options.json && result.path !== undefined) output.json(result);
  else if (result.path !== undefined)
    output.talk(`Written to ${result.path}: ${result.recordings} recordings. It is not encrypted.`);
  if (waiting > 0)
    output.talk(
      `${waiting} recordings of this machine have not reached the server and are not in it; see \`speakr recover --list\`.`,
    );
}

async function runErase(options: OptionsOf<typeof erasing>, context: Needs): Promise<void> {
  const { output } = context;
  const backend = await context.backend();
  const api = await backend.api('write');
  const { user } = await api.getIdentity();
  const where =
    backend.elsewhere === undefined
      ? 'on this machine'
      : `at ${backend.elsewhere.address} and on this machine`;
  if (!options.yes) {
    const answer = await context.ask(
      `Everything of ${user} ${where} will be gone for good. Type erase to go on: `,
    );
    if (answer === undefined)
      throw new SpeakrError('usage', 'Erasing needs a terminal to ask, or --yes.', {
        hint: 'Add --yes when you mean it.',
      });
    if (answer.trim().toLowerCase() !== 'erase') {
      output.talk('Kept.');
      return;
    }
  }
  const erasure = await api.eraseAccount({ query: { confirm: user } });
  if (backend.elsewhere !== undefined) {
    // What was finished here while the server was away.
    const local = await backend.elsewhere.local();
    const { user: here } = await local.getIdentity();
    await local.eraseAccount({ query: { confirm: here } });
  }
  const spools = await eraseSpools(context.config().paths.spoolDir);
  if (options.json) return output.json({ ...erasure, spools });
  output.talk(
    `Erased: ${erasure.recordings} recordings, ${erasure.uploads} uploads, ${erasure.keys} keys, ${erasure.shares} shares. The keys are destroyed.`,
  );
}

export const subcommands = [
  { definition: exporting, run: runExport },
  { definition: erasing, run: runErase },
];
