import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { makeAudio, newMachine, speak } from '../../e2e/harness.ts';
import { freePort } from '../services/port.ts';
import { startChromium } from './chromium.ts';
import { serveFolder } from './static-server.ts';

/** Opens docs/examples/browser in a browser whose microphone hears a sentence, and records it. @throws AssertionError */
export async function tryBrowserExample(root: string): Promise<void> {
  const example = path.join(root, 'docs', 'examples', 'browser');
  await using machine = newMachine();
  // The browser plays the file again and again.
  const talk = makeAudio(
    machine.path('microphone.wav'),
    ...['-i', speak('We launch on the first of March.', machine.path('spoken.wav'))],
    ...['-af', 'adelay=500,apad=pad_dur=1.5', '-ar', '48000', '-ac', '1'],
  );
  await build({
    entryPoints: ['page.mjs', 'microphone.mjs'].map((name) => path.join(example, name)),
    bundle: true,
    format: 'esm',
    outdir: machine.directory,
    nodePaths: [path.join(root, 'node_modules')],
    logLevel: 'error',
  });
  copyFileSync(path.join(example, 'index.html'), machine.path('index.html'));
  await using pages = await serveFolder(machine.directory);
  // An origin that browsers trust with a microphone.
  const origin = pages.url.replace('127.0.0.1', 'localhost');
  const server = machine.start(['serve', '--port', String(await freePort(21_900))], {
    env: { SPEAKR_CORS_ORIGINS: origin },
  });
  await server.sees(/^token\s+\S+$/m);
  const setting = (name: string) => new RegExp(`^${name}\\s+(\\S+)$`, 'm').exec(server.stdout())?.[1] ?? '';

  await using browser = await startChromium([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${talk}`,
  ]);
  const page = await browser.open(`${origin}/`);
  for (const [name, value] of [
    ['server', setting('url')],
    ['token', setting('token')],
  ])
    await page.evaluate(`document.querySelector('[name=${name}]').value = ${JSON.stringify(value)}`);
  await page.evaluate(`document.querySelector('[type=submit]').click()`);
  await page.until(
    '/launch on the first of march/i.test(document.querySelector("#captions").textContent)',
    60_000,
  );
  await page.evaluate(`document.querySelector('#stop').click()`);
  await page.until('/^Finished: [1-9]/.test(document.querySelector("#state").textContent)', 60_000);
  assert.match(await page.evaluate<string>('document.querySelector("#notes").textContent'), /March/);
  assert.deepEqual(page.errors, []);
}
