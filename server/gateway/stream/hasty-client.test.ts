import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../../scripts/until.ts';
import { createFileAudioLog } from '../../audio-log/file-audio-log.ts';
import { temporaryStore } from '../../fixtures/temporary-store.ts';
import { openSocket, startMessage } from '../../fixtures/test-app.ts';
import { testGateway } from '../../fixtures/test-gateway.ts';
import { silentLog } from '../../observability/log.ts';
import { createLiveSessions } from './live-sessions.ts';

/** A door that is shut until it is opened; counts who came to it. */
function door() {
  let came = 0;
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    get came() {
      return came;
    },
    pass() {
      came += 1;
      return opened;
    },
    open: () => open(),
  };
}

for (const [where, isBegun] of [
  ['the model is looked for', false],
  ['its audio log is opened', true],
] as const)
  test(`a client that goes while ${where} leaves no session behind`, async (t) => {
    const { store, dataDir, remove } = await temporaryStore();
    const log = createFileAudioLog({
      directory: join(dataDir, 'audio-log'),
      dataKey: (owner, id) => store.read(owner, (own) => own.dataKey(id)),
      log: silentLog,
    });
    const [model, audio] = [door(), door()];
    const places = new Set<string>();
    let subscribed = 0;
    const liveSessions = createLiveSessions();
    const made = await testGateway({
      store,
      liveSessions,
      audioLog: {
        ...log,
        async open(...given) {
          await audio.pass();
          return log.open(...given);
        },
        onDurable(...given) {
          subscribed += 1;
          const undo = log.onDurable(...given);
          return () => {
            subscribed -= 1;
            undo();
          };
        },
      },
      services: {
        async resolveModel() {
          await model.pass();
          return 'scripted';
        },
      } as never,
      limits: {
        address: async () => {},
        stranger: async () => {},
        user: async () => {},
        async place(owner, id) {
          places.add(`${owner}/${id}`);
          return () => places.delete(`${owner}/${id}`);
        },
        recordingMs: async () => undefined,
        unfinished: async () => undefined,
      },
    });
    t.after(async () => {
      await made.close();
      await log.close();
      await remove();
    });
    await made.gateway.http.listen({ host: '127.0.0.1', port: 0 });
    const { port } = made.gateway.http.server.address() as { port: number };
    const start = startMessage();
    const begun = () => store.read('ada', (own) => own.getRecording(start.recordingId));

    const session = await openSocket(`ws://127.0.0.1:${port}/ws/transcribe`, 'ada');
    session.send(start);
    if (isBegun) model.open();
    await until('it is waited for', () => (isBegun ? audio : model).came === 1);
    session.socket.terminate();
    await until('the gateway has noticed', () => places.size === 0);
    model.open();
    audio.open();

    // Who comes back is not put out by the one before.
    const again = await openSocket(`ws://127.0.0.1:${port}/ws/transcribe`, 'ada');
    again.send(start);
    await again.next('ready');
    assert.equal((await begun())?.state, 'recording');
    assert.equal(liveSessions.count, 1);
    again.socket.terminate();
    await until('all is given back', () => places.size === 0);
    assert.equal(liveSessions.count, 0);
    assert.equal(subscribed, 0);
    assert.equal(await liveSessions.command('ada', start.recordingId, { command: 'stop' }), false);
  });
