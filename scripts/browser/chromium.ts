/**
 * A real browser, driven by its own protocol: https://chromedevtools.github.io/devtools-protocol/
 * Chromium or Chrome of this machine; nothing is downloaded.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasTool } from '../release/run-tool.ts';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser's program; undefined when this machine has none. */
export const findChromium = (): string | undefined =>
  PROGRAMS.find((program) => hasTool(program, '--version'));

export interface Browser extends AsyncDisposable {
  /** Opens a page in a window of that size, in CSS pixels. */
  open(url: string, size?: { width: number; height: number }): Promise<Page>;
}

export interface Page {
  /** What an expression of the page's own language says, awaited. @throws Error when it throws */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until an expression is true. @throws Error when it is not, in `limitMs` */
  until(expression: string, limitMs?: number): Promise<void>;
  /** As if the system preferred it. */
  prefer(scheme: 'light' | 'dark'): Promise<void>;
  resize(size: { width: number; height: number }): Promise<void>;
  press(key: string, modifiers?: { control?: boolean }): Promise<void>;
  type(text: string): Promise<void>;
  /** PNG of what is seen. */
  picture(): Promise<Buffer>;
  goTo(url: string): Promise<void>;
  /** Errors of scripts, and what the console was told as an error. */
  readonly errors: readonly string[];
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Starts a browser without a window. @throws Error when there is none */
export async function startChromium(options: readonly string[] = []): Promise<Browser> {
  const program = findChromium();
  if (program === undefined) throw new Error(`There is no browser: none of ${PROGRAMS.join(', ')}.`);
  const profile = mkdtempSync(path.join(tmpdir(), 'speakr-browser-'));
  const child = spawn(
    program,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      ...options,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const socket = new WebSocket(await addressOf(child));
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('The browser does not answer.'));
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  const listeners = new Set<(answer: Answer) => void>();
  let nextId = 1;
  socket.onmessage = ({ data }: MessageEvent) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id === undefined) for (const listen of listeners) listen(answer);
    else waiting.get(answer.id)?.(answer);
  };
  const call = async (method: string, params: object = {}, sessionId?: string) => {
    const id = nextId++;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params, sessionId }));
    const { result, error } = await answered;
    waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };

  return {
    async open(url, size = { width: 1280, height: 800 }) {
      const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
      const page = await attach(
        (method, params) => call(method, params, sessionId as string),
        (listen) => listeners.add((answer) => answer.sessionId === sessionId && listen(answer)),
      );
      await page.resize(size);
      await page.goTo(url);
      return page;
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await call('Browser.close').catch(() => child.kill('SIGKILL'));
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`The browser ended:\n${said}`)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, url] = /^DevTools listening on (\S+)$/m.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
}

type Call = (method: string, params?: object) => Promise<Record<string, unknown>>;

async function attach(call: Call, listen: (hear: (answer: Answer) => void) => void): Promise<Page> {
  const errors: string[] = [];
  let loaded: (() => void) | undefined;
  listen(({ method, params }) => {
    if (method === 'Page.loadEventFired') loaded?.();
    if (method === 'Runtime.exceptionThrown') errors.push(JSON.stringify(params));
    if (method === 'Log.entryAdded' && /"level":"error"/.test(JSON.stringify(params)))
      errors.push(JSON.stringify(params));
  });
  for (const domain of ['Page', 'Runtime', 'Log']) await call(`${domain}.enable`);

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await call('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: T }).value;
  };

  return {
    errors,
    evaluate,
    async until(expression, limitMs = 30_000) {
      for (const end = performance.now() + limitMs; performance.now() < end; ) {
        if (await evaluate<boolean>(`Boolean(${expression})`)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`${expression} did not come true; errors: ${errors.join(', ')}`);
    },
    async prefer(scheme) {
      await call('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: scheme }],
      });
    },
    async resize({ width, height }) {
      await call('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: false,
      });
    },
    async press(key, { control = false } = {}) {
      const code = key.length === 1 ? `Key${key.toUpperCase()}` : key;
      const keyCode =
        key.length === 1 ? key.toUpperCase().charCodeAt(0) : { Enter: 13, Tab: 9, Escape: 27 }[key];
      const event = { key, code, windowsVirtualKeyCode: keyCode, modifiers: control ? 2 : 0 };
      await call('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event });
      await call('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    },
    async type(text) {
      await call('Input.insertText', { text });
    },
    async picture() {
      const { data } = await call('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(data as string, 'base64');
    },
    async goTo(url) {
      const done = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      const { errorText } = await call('Page.navigate', { url });
      if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
      await done;
    },
  };
}
