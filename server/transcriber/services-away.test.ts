import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Consumer } from '../bus/bus.ts';
import { createInProcessCaptions } from '../captions/in-process-captions.ts';
import { systemClock } from '../clock.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { silentLog } from '../observability/log.ts';
import { create, OWNER } from '../store/suite/samples.ts';
import { levelVoiceActivity } from './level-voice-activity.ts';
import { createRecognizers } from './recognizers.ts';
import { registerTranscriber } from './register-transcriber.ts';
import { scriptedRecognizer } from './scripted-recognizer.ts';

for (const [what, code, isFinal] of [
  ['a service that is away fails no recording, however often it was tried', 'unavailable', false],
  ['anything else fails it at the third attempt', 'audio_damaged', true],
] as const)
  test(what, async (t) => {
    const { store, remove } = await temporaryStore();
    t.after(remove);
    let consumer: Consumer | undefined;
    registerTranscriber({
      bus: {
        consume(given: unknown) {
          consumer = given as Consumer;
        },
        observe: () => () => {},
      } as never,
      store,
      audioLog: {
        status: async () => {
          throw new SpeakrError(code);
        },
        follow: () => {
          throw new Error('there is nothing to follow');
        },
      },
      openAudio: () => {
        throw new Error('there is no archive');
      },
      captions: createInProcessCaptions(),
      recognizers: createRecognizers({ create: (model) => scriptedRecognizer([], { model }), catalogue: [] }),
      voiceActivity: levelVoiceActivity(),
      clock: systemClock,
      log: silentLog,
    });
    const recordingId = await create(store, { model: 'scripted' });
    const message = {
      id: 'one',
      owner: OWNER,
      type: 'transcription.run.v1',
      data: { recordingId, mode: 'batch', revision: 1, model: 'scripted', language: 'en' },
    };
    const handled = consumer?.handle({
      message: message as never,
      attempt: 5,
      signal: new AbortController().signal,
      working() {},
    });
    if (isFinal) await handled;
    else await assert.rejects(handled ?? Promise.resolve(), { code });
    const recording = await store.read(OWNER, (own) => own.getRecording(recordingId));
    assert.equal(recording?.state, isFinal ? 'failed' : 'recording');
  });
