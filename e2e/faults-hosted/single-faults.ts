import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultModelsDir } from '../../bench/models-dir.ts';
import { ownNats } from '../../server/fixtures/own-nats.ts';
import { connectNats } from '../../server/nats/nats.ts';
import { silentLog } from '../../server/observability/log.ts';
import type { Finding, ScenarioOptions } from '../faults/finding.ts';
import { chanceOf } from '../faults/random.ts';
import { canMount, smallDisk } from '../faults/small-disk.ts';
import { PHRASE_MS } from './counted-speech.ts';
import { realSpeech } from './real-speech.ts';
import { type Recorded, type RoleProcess, startStage } from './stage.ts';

/** What happens to a fleet whose clocks are minutes apart, one at a time. */
export const SINGLE_FAULTS = {
  'another-time': 'work goes to a transcriber that lives in another time',
  'half-open': 'connections are half-open: both ends hear nothing more',
  'silent-reader': 'nobody reads what the gateway says',
  echo: 'messages come twice, late and in another order',
  'two-on-a-lease': 'a transcriber stands still until another one has its work, and then goes on',
  'full-disk': 'the disk of the broker is full',
} as const;

export type SingleFault = keyof typeof SINGLE_FAULTS;

export interface FleetSize {
  /** Live recordings of scripted speech. */
  readonly live: number;
  /** Recordings that come as files. */
  readonly jobs: number;
  /** Live recordings of real speech, with the real recognizer. */
  readonly real: number;
  /** Phrases in each of them. */
  readonly phrases: number;
  /** Room for audio that is not archived yet; the disk of the broker has `SPARE_MB` more. */
  readonly audioMb: number;
}

export interface TroubledFleet {
  /** Why a fault cannot be had here. */
  impossible(fault: SingleFault): string | undefined;
  /**
   * Records, has it happen on the way, and checks every guarantee of docs/hosted.md.
   * @throws AssertionError when one is broken
   */
  survive(fault: SingleFault): Promise<Survived>;
  stop(): Promise<void>;
}

interface Survived {
  readonly recorded: readonly Recorded[];
  /** Jobs that succeeded since the fleet started, by kind: all there were. */
  readonly jobs: ReadonlyMap<string, number>;
}

const MINUTE_MS = 60_000;
/** Longer than a lease. */
const STILL_MS = 13_000;
const FULL_MS = 3000;
/** The broker gives three quarters of a disk away, and it has other streams than those of audio. */
const SPARE_MB = 1150;
/** A recording of a few seconds ends within so long, faults included, ms. */
const LIMIT_MS = 90_000;

export async function startTroubledFleet(options: FleetSize & { seed: number }): Promise<TroubledFleet> {
  const { seed, live, jobs, real, phrases, audioMb } = options;
  const chance = chanceOf(seed);
  const folder = mkdtempSync(path.join(tmpdir(), 'speakr-nats-'));
  const disk = canMount() ? smallDisk(folder, audioMb + SPARE_MB) : undefined;
  const nats = await ownNats(folder);
  const stage = await startStage({
    nats,
    env: {
      SPEAKR_AUDIO_LOG_BYTES: String(audioMb * 1024 * 1024),
      SPEAKR_MODELS_DIR: defaultModelsDir(),
      SPEAKR_LIVE_SESSIONS_PER_USER: String(live + real + jobs),
    },
  });
  const spawn = (roles: string, minutes: number) =>
    stage.spawn(roles, { SPEAKR_TEST_CLOCK_SKEW_MS: String(minutes * MINUTE_MS) });
  await spawn('gateway', -5);
  await spawn('nlp,embedder,notes,archiver,admin', 3);
  let minutes = 7;
  let transcriber: RoleProcess = await spawn('transcriber', minutes);
  const nextTranscriber = async () => {
    minutes = -minutes;
    transcriber = await spawn('transcriber', minutes);
  };
  const bus = await connectNats({ url: nats.url, name: 'echo', log: silentLog });
  const heard: { subject: string; data: Uint8Array }[] = [];
  for (const subject of ['speakr.event.>', 'speakr.command.>'])
    bus.connection.subscribe(subject, {
      callback: (_, { subject, data }) => void heard.push({ subject, data: new Uint8Array(data) }),
    });
  const sayAgain = async () => {
    for (const { subject, data } of heard.toSorted(() => chance.next() - 0.5))
      await bus.js.publish(subject, data);
  };

  const happen: Record<SingleFault, () => Promise<void> | void> = {
    async 'another-time'() {
      const old = transcriber;
      await nextTranscriber();
      await old.kill();
    },
    'half-open': () => stage.balancer.freeze(),
    'silent-reader': () => stage.balancer.stopReading(),
    async echo() {
      await sayAgain();
      await sayAgain();
    },
    async 'two-on-a-lease'() {
      const still = transcriber;
      still.child.kill('SIGSTOP');
      await nextTranscriber();
      // The other one has it all by now.
      await sleep(STILL_MS);
      still.child.kill('SIGCONT');
    },
    async 'full-disk'() {
      disk?.fill();
      await sleep(FULL_MS);
      disk?.free();
      // A server that could not write takes no more until it is started again.
      await nats.kill('SIGKILL');
      await nats.start();
    },
  };

  return {
    impossible: (fault) =>
      fault === 'full-disk' && disk === undefined ? 'mounting a small disk needs root on Linux' : undefined,
    async survive(fault) {
      heard.length = 0;
      const recorded = await stage.record({
        recordings: live + jobs,
        jobs,
        phrases,
        real: Array.from({ length: real }, () => realSpeech(phrases * PHRASE_MS)),
        speed: 1,
        faultAt: 0.2 + 0.6 * chance.next(),
        limitMs: phrases * PHRASE_MS + LIMIT_MS,
        fault: async () => happen[fault](),
      });
      const jobsEnded = await stage.check(recorded);
      if (fault !== 'echo') return { recorded, jobs: jobsEnded };
      // Later than anyone waits for.
      await sayAgain();
      return { recorded, jobs: await stage.check(recorded) };
    },
    async stop() {
      await bus.close();
      await stage.stop();
      disk?.[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Every single fault, one after the other, on one fleet. */
export async function surviveSingleFaults(options: ScenarioOptions & FleetSize): Promise<Finding> {
  const fleet = await startTroubledFleet(options);
  const all: Recorded[] = [];
  const survived: string[] = [];
  let jobs: ReadonlyMap<string, number> = new Map();
  try {
    for (const fault of Object.keys(SINGLE_FAULTS) as SingleFault[]) {
      const impossible = fleet.impossible(fault);
      options.say(`${SINGLE_FAULTS[fault]}${impossible === undefined ? '' : `: not here, ${impossible}`}`);
      if (impossible !== undefined) continue;
      const { recorded, jobs: ended } = await fleet.survive(fault);
      all.push(...recorded);
      survived.push(SINGLE_FAULTS[fault]);
      jobs = ended;
    }
  } finally {
    await fleet.stop();
  }
  const { live, real, jobs: files } = options;
  const seconds = all.reduce((sum, { pcm }) => sum + pcm.length / 16_000, 0);
  const connections = all.reduce((sum, each) => sum + each.connections, 0);
  return {
    fault: `clocks up to 12 minutes apart, and one at a time: ${survived.join('; ')}`,
    held: `each with ${live + real + files} recordings (${live} live, ${real} of real speech, ${files} files), together ${Math.round(seconds)} s of audio over ${connections} connections: archive byte for byte, receipts without gaps, each phrase once, nothing orphaned; ${[...jobs].map(([kind, n]) => `${n} of ${n} jobs ${kind}`).join(', ')}`,
  };
}
