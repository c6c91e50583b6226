import { test } from 'node:test';
import { releasedClientSuite, releasedClientTurn } from '../fixtures/released-client-suite.ts';
import { testApp } from '../fixtures/test-app.ts';
import type { ScriptedTurn } from '../transcriber/scripted-recognizer.ts';

// A program that was built with the client of the last released contract, against the server of today.

test('every call of the last released contract still does what it did', async (t) => {
  const turns: ScriptedTurn[] = [releasedClientTurn];
  const { request, connect } = await testApp(t, { turns });
  await releasedClientSuite({ profile: 'embedded', user: 'local', request, connect, turns });
});
