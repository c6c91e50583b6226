import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import { freePort } from '../../scripts/services/port.ts';
import { type RoleProcess, type Stage, startStage } from '../faults-hosted/stage.ts';

/** Said, named and noted by maria, and by nobody else. */
export const SECRET = 'Zanzibar';

/** A gateway in a process of its own that alex attacks, and maria, whose things must stay hers and as they are. */
export interface Besieged {
  readonly stage: Stage;
  readonly gateway: RoleProcess;
  /** Maria's recording. */
  readonly theirs: string;
  request(user: string, path: string, init?: RequestInit): Promise<Response>;
  /** Bytes that the gateway keeps: its heap after what is garbage was given back, as far as that can be seen from outside. */
  keptBytes(): Promise<number>;
  /** @throws AssertionError when the gateway has ended, or something of maria's has changed */
  isWell(): Promise<void>;
  stop(): Promise<void>;
}

const segments = [{ startMs: 0, endMs: 4000, text: `Alex will send the budget to ${SECRET} by Friday.` }];

export const json = (body: unknown, method = 'POST'): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

/** @param roles of further processes */
export async function besieged(roles: readonly string[] = []): Promise<Besieged> {
  const stage = await startStage();
  const port = await freePort();
  const gateway = await stage.spawn('gateway', {
    SPEAKR_OPERATIONS_PORT: String(port),
    SPEAKR_TRUSTED_PROXIES: '127.0.0.1',
  });
  for (const role of roles) await stage.spawn(role);
  const request = (user: string, path: string, init: RequestInit = {}) =>
    fetch(gateway.url + path, { ...init, headers: { authorization: `Bearer ${user}`, ...init.headers } });
  const theirs = uuidv7();
  const made = await request(
    'maria',
    '/v1/recordings',
    json({
      id: theirs,
      source: `${SECRET}.wav`,
      startedAt: 1_795_262_400_000,
      language: 'en',
      title: `${SECRET} plan`,
      tags: [SECRET],
      template: 'meeting',
      segments,
    }),
  );
  assert.equal(made.status, 201, await made.text());
  const paths = ['', '/transcript', '/revisions', '/shares'].map(
    (suffix) => `/v1/recordings/${theirs}${suffix}`,
  );
  const ofMaria = () =>
    Promise.all(
      [...paths, '/v1/keys', '/v1/vocabulary', '/v1/audit'].map(async (path) => {
        const response = await request('maria', path);
        return [path, response.status, ofOthers(await response.text())];
      }),
    );
  const before = await ofMaria();
  const metric = async (name: string) => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
  };
  return {
    stage,
    gateway,
    theirs,
    request,
    async keptBytes() {
      // The least of several looks: garbage comes and goes between them.
      let least = Number.POSITIVE_INFINITY;
      for (let look = 0; look < 8; look += 1) {
        least = Math.min(least, await metric('nodejs_heap_size_used_bytes'));
        await Promise.all(Array.from({ length: 20 }, () => request('maria', '/v1/recordings')));
      }
      return least;
    },
    async isWell() {
      assert.equal(gateway.child.exitCode, null, 'the gateway has ended');
      assert.equal(gateway.child.signalCode, null, 'the gateway was ended');
      assert.equal((await fetch(`${gateway.url}/health`)).status, 200);
      assert.deepEqual(await ofMaria(), before);
    },
    stop: () => stage.stop(),
  };
}

/** What is looked at is read, and her own log tells her so: of that only what others did. */
function ofOthers(text: string): string {
  const { entries } = JSON.parse(text) as { entries?: { actor: string }[] };
  return entries === undefined ? text : JSON.stringify(entries.filter(({ actor }) => actor !== 'maria'));
}
