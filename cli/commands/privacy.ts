import { SpeakrError } from '@speakr/contracts/problem';
import { policyRows } from '../admin/policy-rows.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { eraseLedger } from '../intake/ledger.ts';
import { eraseSpools } from '../privacy/erase-spools.ts';
import { exportToFile } from '../privacy/export-file.ts';
import { sortSpools } from '../recorder/leftovers.ts';
import { erasePendingUploads } from '../upload/pending-upload.ts';

export const definition = define({
  name: 'privacy',
  summary: 'See how long what is yours is kept, take it all out, or erase it for good',
  details:
    '`export` writes recordings, transcripts with all revisions, notes, vocabulary, keys, shares and the audit log into one tar archive. ' +
    '`erase` removes all of that and destroys its keys, on the server in use and on this machine. ' +
    '`policy` says how long recordings are kept here, and what is left out of them. ' +
    'What is where, in which form and for how long: docs/privacy.md.',
  group: 'Care',
  examples: ['speakr privacy policy', 'speakr privacy export everything.tar', 'speakr privacy erase'],
});

const policy = define({
  name: 'policy',
  summary: 'Show how long recordings are kept, how much you may ask for, what is left out',
  options: [jsonOption],
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
    'What is being recorded is discarded first. `speakr watch` and `speakr import` take the same files again. Models and ' +
    'settings of this machine stay. Backups, and archives of `speakr privacy export`, keep what they have.',
  options: [{ name: 'yes', short: 'y', summary: 'Do not ask; needed without a terminal' }, jsonOption],
});

type Needs = Pick<Context, 'api' | 'ask' | 'backend' | 'clock' | 'config' | 'io' | 'output'>;

async function runPolicy({ json }: OptionsOf<typeof policy>, { api, output }: Needs): Promise<void> {
  const found = await (await api('read')).getPolicy();
  if (json) return output.json(found);
  output.table(
    [{ heading: 'what' }, { heading: 'holds', right: true }],
    policyRows(found.holds).map(([, what, value]) => [what, value]),
  );
  if (found.tenant !== undefined) output.talk(`You belong to ${found.tenant}.`);
}

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
  const { paths, values } = context.config();
  const spools = await eraseSpools(paths.spoolDir);
  await eraseLedger(paths.dataDir, values.server);
  await erasePendingUploads(paths.dataDir);
  await backend.eraseLog();
  if (options.json) return output.json({ ...erasure, spools });
  output.talk(
    `Erased: ${erasure.recordings} recordings, ${erasure.uploads} uploads, ${erasure.keys} keys, ${erasure.shares} shares. The keys are destroyed.`,
  );
}

export const subcommands = [
  { definition: policy, run: runPolicy },
  { definition: exporting, run: runExport },
  { definition: erasing, run: runErase },
];
