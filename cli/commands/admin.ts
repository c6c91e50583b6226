import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';

export const definition = define({
  name: 'admin',
  summary:
    'Look after the server: make its stores ready, check what is stored, and messages that were given up',
  details:
    'For whoever runs the server, in its environment: it reaches the stores themselves, not the API.\n\n' +
    '`prepare` makes tables, bucket and master key of the hosted profile where they are missing, and refuses weak secrets; ' +
    'run it before the server of a new version starts. `verify` looks whether recordings, audio log, archive and uploads belong together; it ends with 1 when they do not. ' +
    '`dead-letters` lists messages that a consumer has failed at five times, or shows one. `replay` delivers them again.',
  group: 'Care',
  arguments: [
    { name: 'action', choices: ['prepare', 'verify', 'dead-letters', 'replay'], summary: 'What to do' },
    { name: 'message', optional: true, summary: 'Id of a dead letter; all of them when absent' },
  ],
  options: [
    {
      name: 'consumer',
      value: 'NAME',
      summary: 'Only dead letters of this consumer: transcriber, indexer, …',
    },
    jsonOption,
  ],
  examples: [
    'speakr admin prepare',
    'speakr admin verify',
    'speakr admin dead-letters --json',
    'speakr admin replay --consumer notes',
  ],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'backend' | 'output'>,
): Promise<void> {
  const { output } = context;
  const backend = await context.backend();
  if (options.action === 'prepare') {
    const schemaVersion = await backend.prepareHosted();
    if (options.json) output.json({ schemaVersion });
    else output.talk(`Everything is ready; the schema of the database has version ${schemaVersion}.`);
    return;
  }
  const admin = await backend.admin();
  try {
    if (options.action === 'verify') {
      const report = await admin.verify();
      if (options.json) output.json(report);
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
      return;
    }
    const letters = (await admin.deadLetters()).filter(
      ({ consumer, message }) =>
        (options.consumer === undefined || consumer === options.consumer) &&
        (options.message === undefined || message.id === options.message),
    );
    if (options.message !== undefined && letters.length === 0)
      throw new SpeakrError('not_found', 'There is no such dead letter.');
    if (options.action === 'dead-letters') {
      if (options.json) return output.json({ deadLetters: letters });
      for (const { consumer, error, message } of letters)
        output.line(
          options.message === undefined
            ? `${consumer}  ${message.type}  ${message.subject ?? ''}  ${error}  ${message.id}`
            : JSON.stringify(message, undefined, 2),
        );
      if (letters.length === 0) output.talk('There are no dead letters.');
      return;
    }
    const consumers = new Set(letters.map(({ consumer }) => consumer));
    let replayed = 0;
    for (const consumer of consumers) replayed += await admin.replay(consumer, options.message);
    if (options.json) output.json({ replayed });
    else output.talk(`${replayed} ${replayed === 1 ? 'message is' : 'messages are'} delivered again.`);
  } finally {
    await admin.close();
  }
}
