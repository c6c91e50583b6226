import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transcript } from '@speakr/contracts/transcript';
import type { NatsServer } from '../../scripts/services/nats.ts';
import { openAdmin } from '../../server/composition/open-admin.ts';
import { loadServerConfig } from '../../server/config.ts';
import { ownNats } from '../../server/fixtures/own-nats.ts';
import { type Fleet, rowsOf, startFleet } from '../../server/fixtures/test-fleet.ts';
import { silentLog } from '../../server/observability/log.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { COUNTED, countedSpeech, phraseText } from './counted-speech.ts';
import { type ClientResult, recordFaithfully } from './faithful-client.ts';

/** Longest time for a recording of a few seconds, faults included, ms. */
const LIMIT_MS = 90_000;
/** A file is there at once. */
const JOB_SPEED = 1000;
const root = path.join(import.meta.dirname, '..', '..');

export interface RoleProcess {
  readonly roles: string;
  readonly pid: number;
  /** Of a gateway. */
  readonly url: string;
  readonly child: ChildProcess;
  /** Kills it, and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** A fleet in processes that can be killed, on a NATS of its own, with a balancer before its gateways. */
export interface Stage {
  readonly fleet: Fleet;
  readonly nats: NatsServer;
  readonly balancer: Balancer;
  /** Starts roles in a process of their own. @param env settings of this one */
  spawn(roles: string, env?: Readonly<Record<string, string>>): Promise<RoleProcess>;
  /**
   * Records several at once, and when the first has about so many samples acknowledged, has `fault` happen.
   * @returns what the clients got, when all have their receipts
   */
  record(options: RecordOptions): Promise<Recorded[]>;
  /**
   * Every guarantee of docs/reliability.md, for these recordings and for everything that is stored.
   * @returns jobs that succeeded, by kind: all there were
   */
  check(recorded: readonly Recorded[]): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

export interface RecordOptions {
  readonly recordings: number;
  readonly phrases: number;
  /** Part of the audio, from 0 to 1, after which the fault comes. */
  readonly faultAt: number;
  /** @param over aborted when all recordings have their receipts */
  readonly fault: (over: AbortSignal) => Promise<void>;
  readonly speed?: number;
  /** Of all recordings, how many come as a file does: as fast as they are taken. */
  readonly jobs?: number;
  /** Further recordings: of real speech, for the real recognizer. */
  readonly real?: readonly Int16Array[];
  /** Longest time for a recording, faults included, ms. */
  readonly limitMs?: number;
}

export interface Recorded extends ClientResult {
  readonly pcm: Int16Array;
  /** Of counted speech: its first phrase, and how many there are. */
  readonly first: number;
  readonly phrases: number;
}

export async function startStage(
  options: {
    nats?: NatsServer;
    postgresUrl?: string;
    s3Endpoint?: string;
    env?: Record<string, string>;
  } = {},
): Promise<Stage> {
  const nats = options.nats ?? (await ownNats());
  const { postgresUrl, s3Endpoint } = options;
  const fleet = await startFleet({
    natsUrl: nats.url,
    ...(postgresUrl === undefined ? {} : { postgresUrl }),
    ...(s3Endpoint === undefined ? {} : { s3Endpoint }),
    env: { SPEAKR_LOG_LEVEL: process.env.SPEAKR_TEST_LOG ?? 'error', SPEAKR_MODEL: COUNTED, ...options.env },
  });
  const balancer = await startBalancer();
  const running = new Set<RoleProcess>();

  async function spawnRoles(roles: string, env: Readonly<Record<string, string>> = {}): Promise<RoleProcess> {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(import.meta.dirname, 'role-process.ts')],
      {
        cwd: root,
        env: {
          ...process.env,
          ...fleet.env,
          ...env,
          SPEAKR_ROLES: roles,
          NODE_V8_COVERAGE: '',
          NODE_TEST_CONTEXT: '',
        },
        stdio: ['ignore', 'pipe', process.env.SPEAKR_TEST_LOG === undefined ? 'ignore' : 'inherit'],
      },
    );
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const ready = /^ready (\S*)$/m.exec(text);
        if (ready) resolve(ready[1] ?? '');
      });
      child.once('exit', (code) => reject(new Error(`the process with ${roles} ended with ${code}`)));
    });
    const process_: RoleProcess = {
      roles,
      pid: child.pid ?? 0,
      url,
      child,
      async kill(signal = 'SIGKILL') {
        running.delete(process_);
        balancer.targets = balancer.targets.filter((target) => target !== url);
        child.kill(signal);
        await ended;
      },
    };
    running.add(process_);
    if (url !== '') balancer.targets.push(url);
    return process_;
  }

  const request = (suffix: string) =>
    fetch(balancer.url + suffix, { headers: { authorization: 'Bearer alex' } });

  async function archived(recordingId: string): Promise<boolean> {
    for await (const { key } of fleet.storage.list('audio/')) if (key.includes(recordingId)) return true;
    return false;
  }

  async function checkRecording({
    recordingId,
    receipt,
    markdown,
    pcm,
    first,
    phrases,
  }: Recorded): Promise<void> {
    const durationMs = pcm.length / 16;
    assert.deepEqual(
      [receipt.capturedMs, receipt.acknowledgedMs, receipt.transcribedMs, receipt.gaps],
      [durationMs, durationMs, durationMs, []],
      'the receipt has a gap',
    );
    assert.notEqual(markdown, '', 'there are no notes');
    const textsOf = async (query: string) => {
      const response = await request(`/v1/recordings/${recordingId}/transcript${query}`);
      return ((await response.json()) as Transcript).segments.map(({ text }) => text);
    };
    if (phrases === 0) assert.notDeepEqual(await textsOf(''), [], 'nothing was recognized');
    else {
      const expected = Array.from({ length: phrases }, (_, phrase) => phraseText(first + phrase));
      // A file is decoded in windows of several phrases; the second pass may cut them in another way.
      for (const query of ['?revision=1', ''])
        assert.equal(
          (await textsOf(query)).join(' '),
          expected.join(' '),
          `a phrase is missing, or is there twice (${query})`,
        );
    }
    await until('the audio is archived', () => archived(recordingId));
    const audio = Buffer.from(await (await request(`/v1/recordings/${recordingId}/audio`)).arrayBuffer());
    assert.ok(audio.subarray(44).equals(Buffer.from(pcm.buffer)), 'the archive differs from what was sent');
  }

  return {
    fleet,
    nats,
    balancer,
    spawn: spawnRoles,

    async record({
      recordings,
      phrases,
      faultAt,
      fault,
      speed = 2,
      jobs = 0,
      real = [],
      limitMs = LIMIT_MS,
    }) {
      const over = new AbortController();
      let faulted: Promise<void> | undefined;
      const recording = Array.from({ length: recordings }, async (_, number): Promise<Recorded> => {
        // Recordings differ, so that audio that gets into another one shows.
        const first = number;
        const pcm = countedSpeech(phrases, first);
        // The first is live: its acknowledgements say when it is time for the fault.
        const isJob = number >= recordings - jobs;
        const result = await recordFaithfully({
          url: balancer.url,
          user: 'alex',
          pcm,
          speed: isJob ? JOB_SPEED : speed,
          start: isJob ? { mode: 'batch' } : {},
          limitMs,
          onAck(samples) {
            if (number !== 0 || samples < faultAt * pcm.length || faulted !== undefined) return;
            faulted = fault(over.signal);
            // Told when all have ended.
            faulted.catch(() => {});
          },
        });
        return { ...result, pcm, first, phrases };
      });
      const real_ = real.map(async (pcm): Promise<Recorded> => {
        const start = { model: 'moonshine-tiny-en' };
        const result = await recordFaithfully({
          url: balancer.url,
          user: 'alex',
          pcm,
          speed,
          start,
          limitMs,
        });
        return { ...result, pcm, first: 0, phrases: 0 };
      });
      const recorded = await Promise.all([...recording, ...real_]).finally(() => over.abort());
      assert.ok(faulted !== undefined, 'the fault did not happen');
      await faulted;
      return recorded;
    },

    async check(recorded) {
      for (const each of recorded)
        await checkRecording(each).catch(async (error: Error) => {
          const known = await rowsOf(
            fleet,
            `select kind, j.state, j.failure, j.attempts, r.state as recording, r.failure as why
             from speakr.recordings r left join speakr.jobs j on j.recording_id = r.id and j.user_id = r.user_id
             where r.id = '${each.recordingId}'`,
          );
          error.message += `\n${each.recordingId} (${each.phrases} phrases): ${JSON.stringify(known)}`;
          throw error;
        });
      const { settings } = loadServerConfig({ env: fleet.env });
      const admin = await openAdmin({ settings, version: '0.1.0', log: silentLog });
      try {
        await until(
          'the outbox is empty',
          async () => (await rowsOf(fleet, 'select from speakr.outbox')).length === 0,
        );
        await until('nothing is left over', async () => (await admin.verify()).findings.length === 0).catch(
          async () => assert.deepEqual((await admin.verify()).findings, []),
        );
        assert.deepEqual(await admin.deadLetters(), []);
      } finally {
        await admin.close();
      }
      const twice = await rowsOf(
        fleet,
        'select recording_id from speakr.notes group by user_id, recording_id having count(*) > 1',
      );
      assert.deepEqual(twice, []);
      const jobs = () =>
        rowsOf(
          fleet,
          'select kind, state, count(*)::int as n from speakr.jobs group by kind, state order by kind',
        );
      await until('every job has ended', async () =>
        (await jobs()).every(({ state }) => state !== 'queued' && state !== 'running'),
      ).catch(async (error: Error) => {
        error.message += `\n${JSON.stringify(await rowsOf(fleet, "select * from speakr.jobs where state in ('queued', 'running')"))}`;
        throw error;
      });
      const ended = await jobs();
      assert.deepEqual(
        ended.filter(({ state }) => state !== 'succeeded'),
        [],
        'a job failed',
      );
      return new Map(ended.map(({ kind, n }) => [String(kind), Number(n)]));
    },

    async stop() {
      await Promise.all([...running].map((each) => each.kill()));
      await balancer.close();
      await fleet.stop();
      await nats.stop();
    },
  };
}

/** Waits until something is so. */
export async function until(what: string, check: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  for (let waited = 0; waited < limitMs; waited += 100) {
    if (await check()) return;
    await sleep(100);
  }
  throw new Error(`${what} did not happen within ${limitMs} ms`);
}
