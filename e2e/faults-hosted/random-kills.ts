import { setTimeout as sleep } from 'node:timers/promises';
import { defaultModelsDir } from '../../bench/models-dir.ts';
import { ownNats } from '../../server/fixtures/own-nats.ts';
import { ownPostgres } from '../../server/fixtures/own-postgres.ts';
import { ownS3 } from '../../server/fixtures/own-s3.ts';
import type { Finding, ScenarioOptions } from '../faults/finding.ts';
import { chanceOf } from '../faults/random.ts';
import { PHRASE_MS } from './counted-speech.ts';
import { realSpeech } from './real-speech.ts';
import { type RoleProcess, startStage } from './stage.ts';

export interface RandomKillsOptions extends ScenarioOptions {
  /** Live recordings of scripted speech. */
  readonly live: number;
  /** Recordings that come as files. */
  readonly jobs: number;
  /** Live recordings of real speech, with the real recognizer. */
  readonly real: number;
  readonly phrases: number;
  readonly kills: number;
  /** How long a service that is taken away stays away, ms. */
  readonly awayMs: number;
}

/** Between two kills, ms. */
const LEAST_PAUSE_MS = 500;
const MOST_PAUSE_MS = 4000;
/** What a kill may cost a recording, ms; generous: it only bounds a run that hangs. */
const PER_KILL_MS = 30_000;

/**
 * Kills gateways, transcribers, the embedder, the rest, and NATS, PostgreSQL and S3 at random moments of many recordings,
 * and takes broker and database away for a while; then checks every guarantee of docs/hosted.md.
 * @throws AssertionError when one is broken
 */
export async function killRandomly(options: RandomKillsOptions): Promise<Finding> {
  const { seed, say, live, jobs, real, phrases, kills, awayMs } = options;
  const chance = chanceOf(seed);
  const [nats, postgres, s3] = await Promise.all([ownNats(), ownPostgres(), ownS3()]);
  const stage = await startStage({
    nats,
    postgresUrl: postgres.url,
    s3Endpoint: s3.url,
    // All of them are one user's.
    env: { SPEAKR_MODELS_DIR: defaultModelsDir(), SPEAKR_LIVE_SESSIONS_PER_USER: String(live + real + jobs) },
  });
  const roles = ['gateway', 'gateway', 'transcriber', 'transcriber', 'embedder', 'nlp,notes,archiver,admin'];
  const fleet: RoleProcess[] = [];
  const done = new Map<string, number>();
  try {
    for (const each of roles) fleet.push(await stage.spawn(each));
    const services = { NATS: nats, PostgreSQL: postgres, S3: s3 };
    const strike = async () => {
      const victim = chance.between(0, roles.length + 4);
      const service = (['NATS', 'PostgreSQL', 'S3'] as const)[victim - roles.length];
      const named = (what: string) => {
        done.set(what, (done.get(what) ?? 0) + 1);
        say(what);
      };
      if (victim < roles.length) {
        named(`kill of ${roles[victim]}`);
        await fleet[victim]?.kill();
        fleet[victim] = await stage.spawn(roles[victim] ?? '');
      } else if (service !== undefined) {
        named(`kill of ${service}`);
        await services[service].kill('SIGKILL');
        await services[service].start();
      } else {
        const away = victim === roles.length + 3 ? 'NATS' : 'PostgreSQL';
        named(`${away} away`);
        await services[away].kill('SIGKILL');
        await sleep(awayMs);
        await services[away].start();
      }
    };
    const recorded = await stage.record({
      recordings: live + jobs,
      jobs,
      phrases,
      real: Array.from({ length: real }, () => realSpeech(phrases * PHRASE_MS)),
      speed: 1,
      faultAt: 0.05,
      limitMs: phrases * PHRASE_MS + kills * PER_KILL_MS + 120_000,
      async fault(over) {
        for (let count = 0; count < kills && !over.aborted; count += 1) {
          await strike();
          await sleep(chance.between(LEAST_PAUSE_MS, MOST_PAUSE_MS));
        }
      },
    });
    const ended = await stage.check(recorded);
    const seconds = recorded.reduce((sum, { pcm }) => sum + pcm.length / 16_000, 0);
    const connections = recorded.reduce((sum, each) => sum + each.connections, 0);
    return {
      fault: [...done].map(([what, times]) => `${times} × ${what}`).join(', '),
      held: `${recorded.length} recordings (${live} live, ${real} of real speech, ${jobs} files), ${Math.round(seconds)} s of audio over ${connections} connections: archive byte for byte, receipts without gaps, each phrase once, nothing orphaned; ${[...ended].map(([kind, n]) => `${n} of ${n} jobs ${kind}`).join(', ')}`,
    };
  } finally {
    await stage.stop();
    await postgres.stop();
    await s3.stop();
  }
}
