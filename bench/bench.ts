/**
 * `npm run bench`: runs the measurements of this folder, one after the other, shows what they print and writes it with
 * date and machine to docs/benchmarks.md. `npm run bench -- startup retrieval` runs some; the page keeps the others'
 * figures. Ends with 1 when a target is missed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import path from 'node:path';

interface Measurement {
  readonly name: string;
  /** Name of the program in this folder, when it is another. */
  readonly program?: string;
  readonly heading: string;
  /** What the figures are, for the page. */
  readonly about: string;
  readonly arguments?: readonly string[];
}

const measurements: readonly Measurement[] = [
  {
    name: 'wer',
    heading: 'Word errors',
    about:
      'English development clips through the whole path, beside faster-whisper on the same clips in the same run. ' +
      'Punctuation and case do not count; clips marked `variant` are left out.',
  },
  {
    name: 'batch',
    heading: 'Speed and memory of files',
    about: 'The whole path against the bare engine on the same windows, and two workers against one.',
  },
  {
    name: 'second-pass',
    heading: 'The second pass',
    about:
      'Word errors of live finals and of the transcript after the second pass. Development clips, and the excerpts of ' +
      '`SPEAKR_TEST_LIVE`. Punctuation and case do not count.',
  },
  {
    name: 'second-pass-live',
    program: 'second-pass',
    heading: 'The second pass in real time',
    about:
      'The excerpts through `speakr record` as they are heard, each stopped at its end: what the second pass does not ' +
      'manage in the moment after stop counts as heard live. Lasts eight minutes.',
    arguments: ['--real-time'],
  },
  {
    name: 'stop-to-notes',
    heading: 'From stop to notes',
    about:
      '`speakr record` on real speech in real time, four at once on one server, stopped after five minutes: time to ' +
      'the notes on the clipboard, and what the server costs. Lasts half an hour.',
  },
  {
    name: 'stop-to-notes-hour',
    program: 'stop-to-notes',
    heading: 'From stop to notes after an hour',
    about: 'The same after sixty minutes, of which all but the last two are fed as fast as they are taken.',
    arguments: ['--minutes', '60', '--takes', '8', '--tail', '2'],
  },
  {
    name: 'live',
    heading: 'Live captions',
    about:
      'Real time, clip by clip, the vendor’s own stream after ours in the same run; clips, words and their times from ' +
      '`SPEAKR_TEST_LIVE` (`ref.json`, `clips.txt`). Phrase end → final: from the end of a phrase to the final that ' +
      'holds its last word. Word end → first shown: until the word of the final first stands on the screen, rightly. ' +
      'Revised: words taken back or replaced after they were shown, per word of the finals. ' +
      'Wants a machine with nothing else to do, for a quarter of an hour a take.',
  },
  {
    name: 'live-concurrency',
    heading: 'Concurrent live captions',
    about:
      'Client sockets that play clips in real time into one background server, on all cores of this machine.',
  },
  {
    name: 'retrieval',
    heading: 'Search',
    about: 'Questions of our own over samples and development clips; MRR@10 of each ranking.',
  },
  {
    name: 'store',
    heading: 'The hosted store',
    about:
      'PostgreSQL 18.4 with pgvector 0.8.5 on the same cores, commits synced to disk. 1,000 passages an owner, recordings ' +
      'of different owners mixed; the whole hybrid query without embedding the question, by the role that sees one ' +
      'user’s rows only.',
  },
  {
    name: 'store-10-million',
    program: 'store',
    heading: 'The hosted store with ten million passages',
    about:
      'The same with ten times as many owners, where the disk has 30 GB for it; filling it takes 20 minutes once. What a ' +
      'search costs follows the owner’s passages and not those of all.',
    arguments: ['--sizes', '10,100,1000,10000'],
  },
  {
    name: 'notes',
    heading: 'Notes',
    about: 'Action items and decisions of scripted meetings, half of them spoken through the recognizer.',
  },
  {
    name: 'notes-evidence',
    heading: 'Planted lies',
    about:
      'Whether the check of written lines tells what the transcript bears from invented names, numbers and dates.',
  },
  {
    name: 'startup',
    heading: 'Starting up',
    about: 'Cold processes, medians; side by side in one run, so that the ratios hold on a busy machine.',
  },
  {
    name: 'binary',
    heading: 'The single executable',
    about:
      "Node's single executable application, the same bundle packed by @yao-pkg/pkg, and the bundle that npm installs: " +
      'cold processes, medians, taking turns in one run.',
  },
  {
    name: 'binary-live',
    heading: 'Live captions of the single executable',
    about:
      'Clips of `SPEAKR_TEST_LIVE` through `speakr record` of the tree and of the executable built from it, in real ' +
      'time, taking turns, each with a background server of its own; then the same clips through `speakr transcribe`. ' +
      'Figures as in “Live captions”; word errors of transcripts have to be the same. Lasts five minutes.',
  },
  {
    name: 'screen',
    heading: 'The recording screen',
    about:
      'Drawings on a pseudo-terminal, and processor time of the command with the screen beside the same recording without.',
  },
  {
    name: 'memory',
    heading: 'Memory of long files',
    about: 'Highest resident memory of CLI and server together.',
  },
  {
    name: 'export-memory',
    heading: 'Memory of an export',
    about:
      'An export of 10 GB over HTTP, thrown away as it comes; client and gateway in one process, store SQLite, the audio ' +
      'made up as it is read. The highest resident memory of its first quarter beside that of the rest.',
  },
  {
    name: 'export-memory-hosted',
    program: 'export-memory',
    heading: 'Memory of an export of the hosted profile',
    about:
      'The same of 4 GB by a gateway in a process of its own: sealed FLAC out of S3, decoded by ffmpeg, PostgreSQL. The ' +
      'audio was archived before by the code of the archiver; the memory of ffmpeg is not counted.',
    arguments: ['--hosted'],
  },
  {
    name: 'hosted',
    heading: 'The live path of the hosted profile',
    about:
      'Sockets with ten chunks a second through a gateway, the other roles in a process beside it, and NATS, PostgreSQL and S3 ' +
      'on the same two cores as the clients; recognition scripted. Time to the acknowledgement, which means on disk at the broker ' +
      '(`sync_interval: always`). Beside it one process with all roles, and the embedded server, which syncs four times a second.',
  },
  {
    name: 'live-hosted',
    heading: 'Live captions of the hosted profile',
    about:
      'Sockets that play clips in real time with the real recognizer: the embedded server, and all roles of the ' +
      'hosted profile in one process with PostgreSQL, NATS and S3 on the same cores, in turns. Costs are all that the ' +
      'machine computes but for the clients.',
  },
  {
    name: 'promotion',
    heading: 'Exchanging models',
    about:
      'Eight live streams in real time, on the embedded server with the real recognizer, another one promoted under them ' +
      'and rolled back; then search over 100,000 passages of one user, before and while another embedder makes its ' +
      'vectors.',
  },
  {
    name: 'redaction',
    heading: 'Redaction',
    about:
      'Sentences of our own with cards, telephone numbers, addresses and ids, and others that only look like them; the ' +
      'held-out half was not looked at while the rules were written.',
  },
  {
    name: 'admin',
    heading: 'What administrators wait for',
    about:
      'Every GET below `/v1/admin/` of a gateway, one after the other, with a million jobs of 2,000 users in PostgreSQL; ' +
      'all roles in one process, NATS and S3 on the same machine.',
  },
  {
    name: 'hosted-http',
    heading: 'HTTP of the hosted profile',
    about:
      'One gateway on PostgreSQL and NATS, the client and Fastify with `pg` alone, all on the cores of this machine, in ' +
      'turns. The gateway knows who asks, reads in a transaction in which the database shows that user’s rows only, and ' +
      'opens what is sealed; Fastify alone reads and writes the same rows and sends them as they are. All kinds: half of ' +
      'them one recording, then pages of twenty, transcripts of twenty segments, the status, one change in ten.',
  },
  {
    name: 'hosted-upload',
    heading: 'Uploads of the hosted profile',
    about:
      'One gateway, sealing as it comes, into S3 on this machine; the client on the same cores. Time as the metrics of the ' +
      'server have it.',
  },
];

const root = path.dirname(import.meta.dirname);
const page = path.join(root, 'docs', 'benchmarks.md');
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !measurements.some((each) => each.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `Not measured here: ${unknown.join(', ')}. There is ${measurements.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(2);
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(0)} GB`;
const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${gibibytes(totalmem())} memory, ${platform()} ${arch()} ${release()}, Node ${process.versions.node}`;
const measuredOn = `Measured ${new Date().toISOString().slice(0, 10)} on ${machine}.`;

/** Sections of the page as it is, by heading. */
function knownSections(): Map<string, string> {
  if (!existsSync(page)) return new Map();
  const [, ...parts] = readFileSync(page, 'utf8').split(/^## /m);
  return new Map(
    parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1).trim()]),
  );
}

const sections = knownSections();
for (const { name, program = name, heading, about, arguments: extra = [] } of measurements) {
  const file = path.join(root, 'bench', `${program}.ts`);
  if (!existsSync(file) || (asked.length > 0 && !asked.includes(name))) continue;
  process.stdout.write(`\n== ${heading} (bench/${program}.ts)\n`);
  const { stdout, status } = spawnSync(process.execPath, [...process.execArgv, file, ...extra], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 2 ** 20,
  });
  process.stdout.write(stdout);
  if (status !== 0) process.exitCode = 1;
  // A measurement that could not run says why on stderr and leaves the figures of before.
  if (stdout.trim() === '') continue;
  sections.set(
    heading,
    [about, '', measuredOn, '', '```', stdout.trim(), '```', '', `\`npm run bench -- ${name}\``].join('\n'),
  );
}

const body = measurements.flatMap(({ heading }) => {
  const section = sections.get(heading);
  return section === undefined ? [] : [`## ${heading}\n\n${section}\n`];
});
writeFileSync(
  page,
  `# Benchmarks\n\nWritten by \`npm run bench\`; do not edit. Real recordings are read from \`SPEAKR_TEST_AUDIO\`.\n\n${body.join('\n')}`,
);
