import { SpeakrError } from '@speakr/contracts/problem';
import { allPages } from '../all-pages.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import type { AuditReport } from '../embedded.ts';

type Needs = Pick<Context, 'api' | 'backend' | 'output' | 'io'>;

const consumerOption = {
  name: 'consumer',
  value: 'NAME',
  summary: 'Only those of this consumer: transcriber, indexer, …',
} as const;

const prepare = define({
  name: 'prepare',
  summary: 'Make tables, bucket and master key of the hosted profile where they are missing',
  details:
    'Refuses weak secrets. Run it, in the environment of the server, before the server of a new version starts.',
  options: [jsonOption],
});
const verify = define({
  name: 'verify',
  summary: 'Look whether recordings, audio log, archive and uploads belong together',
  details:
    'Runs in the environment of the server, and ends with 1 when they do not. The server writes each seal of the audit ' +
    'log into its own log: one that is kept elsewhere proves that nothing before it was taken away.',
  options: [
    { name: 'audit', summary: 'Look whether the audit log is what was sealed, instead' },
    { name: 'seal', value: 'N:HASH', summary: 'With --audit: a seal that must be there, and be this one' },
    jsonOption,
  ],
  examples: ['speakr admin verify', 'speakr admin verify --audit --seal 1042:9f86d081…'],
});
const deadLetters = define({
  name: 'dead-letters',
  summary: 'List messages that a consumer has failed at five times, or show one',
  arguments: [{ name: 'message', optional: true, summary: 'Id of a dead letter; all of them when absent' }],
  options: [consumerOption, jsonOption],
  examples: ['speakr admin dead-letters --json'],
});
const replay = define({
  name: 'replay',
  summary: 'Deliver dead letters again, with five new attempts',
  arguments: [{ name: 'message', optional: true, summary: 'Id of a dead letter; all of them when absent' }],
  options: [consumerOption, jsonOption],
  examples: ['speakr admin replay --consumer notes'],
});

async function runPrepare({ json }: OptionsOf<typeof prepare>, { backend, output }: Needs): Promise<void> {
  const schemaVersion = await (await backend()).prepareHosted();
  if (json) output.json({ schemaVersion });
  else output.talk(`Everything is ready; the schema of the database has version ${schemaVersion}.`);
}

async function runVerify(
  { json, audit, seal }: OptionsOf<typeof verify>,
  { backend, output }: Needs,
): Promise<void> {
  const expected = seal === undefined ? undefined : readSeal(seal, audit);
  const admin = await (await backend()).admin();
  try {
    if (audit) return sayAudit(await admin.verifyAudit(expected), json, output);
    const report = await admin.verify();
    if (json) output.json(report);
    else {
      for (const { kind, owner, recordingId, detail } of report.findings)
        output.line([kind, owner, recordingId, detail].filter((word) => word !== undefined).join('  '));
      output.talk(
        report.findings.length === 0
          ? `${report.recordings} recordings, and everything belongs together.`
          : `${report.recordings} recordings, ${report.findings.length} findings.`,
      );
    }
    if (report.findings.length > 0) throw new SpeakrError('verify_failed');
  } finally {
    await admin.close();
  }
}

/** @throws SpeakrError `usage` */
function readSeal(seal: string, audit: boolean | undefined): { number: number; hash: string } {
  const [, number, hash] = /^(\d+):([\da-f]{64})$/i.exec(seal) ?? [];
  if (number === undefined || hash === undefined)
    throw new SpeakrError('usage', `${seal} is not the number of a seal, a colon and its hash of 64 digits.`);
  if (!audit) throw new SpeakrError('usage', '--seal belongs to --audit.');
  return { number: Number(number), hash: hash.toLowerCase() };
}

/** @throws SpeakrError `verify_failed` */
function sayAudit(report: AuditReport, json: boolean | undefined, output: Needs['output']): void {
  const { entries, seals, last, findings } = report;
  if (json) output.json(report);
  else {
    for (const { kind, entry, seal, detail } of findings)
      output.line(
        [kind, entry && `entry ${entry}`, seal && `seal ${seal}`, detail].filter(Boolean).join('  '),
      );
    output.talk(
      `${entries} entries, ${seals} seals, ${findings.length === 0 ? 'and nothing was changed' : `${findings.length} findings`}.`,
    );
    if (last !== undefined) output.talk(`The last seal is ${last.number}:${last.hash}`);
  }
  if (findings.length > 0) throw new SpeakrError('verify_failed');
}

interface Letter {
  readonly consumer: string;
  readonly error: string;
  readonly message: { readonly id?: unknown; readonly type?: unknown; readonly subject?: unknown };
}

interface Which {
  readonly consumer?: string;
  readonly message?: string;
}

interface DeadLetterBox {
  list(which: Which): Promise<readonly Letter[]>;
  replay(which: Which): Promise<number>;
  close(): Promise<void>;
}

/** In the environment of a hosted server its broker is reached itself: the server may be what is broken. */
async function openLetters({ io, backend, api }: Needs): Promise<DeadLetterBox> {
  if (io.env.SPEAKR_PROFILE !== 'hosted') {
    const server = await api('write');
    return {
      list: (which) =>
        allPages(
          (page) => server.listDeadLetters({ query: { ...page, ...which } }),
          (page) => page.deadLetters,
        ),
      replay: async (which) => (await server.replayDeadLetters({ body: which })).replayed,
      close: async () => undefined,
    };
  }
  const admin = await (await backend()).admin();
  const list: DeadLetterBox['list'] = async ({ consumer, message }) =>
    (await admin.deadLetters()).filter(
      (letter) =>
        (consumer === undefined || letter.consumer === consumer) &&
        (message === undefined || letter.message.id === message),
    );
  return {
    list,
    async replay(which) {
      let replayed = 0;
      for (const consumer of new Set((await list(which)).map((letter) => letter.consumer)))
        replayed += await admin.replay(consumer, which.message);
      return replayed;
    },
    close: admin.close,
  };
}

const whichOf = ({ consumer, message }: OptionsOf<typeof replay>): Which => ({
  ...(consumer === undefined ? {} : { consumer }),
  ...(message === undefined ? {} : { message }),
});

async function runDeadLetters(options: OptionsOf<typeof deadLetters>, context: Needs): Promise<void> {
  const { output } = context;
  const box = await openLetters(context);
  try {
    const letters = await box.list(whichOf(options));
    if (options.message !== undefined && letters.length === 0)
      throw new SpeakrError('not_found', 'There is no such dead letter.');
    if (options.json) return output.json({ deadLetters: letters });
    for (const { consumer, error, message } of letters)
      output.line(
        options.message === undefined
          ? `${consumer}  ${message.type}  ${message.subject ?? ''}  ${error}  ${message.id}`
          : JSON.stringify(message, undefined, 2),
      );
    if (letters.length === 0) output.talk('There are no dead letters.');
  } finally {
    await box.close();
  }
}

async function runReplay(options: OptionsOf<typeof replay>, context: Needs): Promise<void> {
  const box = await openLetters(context);
  try {
    const replayed = await box.replay(whichOf(options));
    if (replayed === 0 && options.message !== undefined)
      throw new SpeakrError('not_found', 'There is no such dead letter.');
    if (options.json) context.output.json({ replayed });
    else
      context.output.talk(`${replayed} ${replayed === 1 ? 'message is' : 'messages are'} delivered again.`);
  } finally {
    await box.close();
  }
}

export const prepareCommand = { definition: prepare, run: runPrepare };
export const verifyCommand = { definition: verify, run: runVerify };
export const deadLettersCommand = { definition: deadLetters, run: runDeadLetters };
export const replayCommand = { definition: replay, run: runReplay };
