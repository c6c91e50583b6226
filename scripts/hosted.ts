/**
 * `npm run hosted`: a whole fleet on this machine, for development: services (see `npm run services`), and all roles in
 * processes of their own. Prints how two users reach it; runs until Ctrl-C. Data stay below .cache/.
 *
 *   npm run hosted                              gateway, transcriber, and the rest in a third process
 *   npm run hosted -- all                       everything in one process
 *   npm run hosted -- gateway gateway transcriber ingestion,nlp,embedder,notes,archiver,admin
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startServices } from './services/client.ts';
import { servicesHome } from './services/home.ts';
import { developmentToken, hostedEnvironment } from './services/hosted-environment.ts';
import { freePort } from './services/port.ts';

const root = path.dirname(import.meta.dirname);
const PROCESSES = ['gateway', 'transcriber', 'ingestion,nlp,embedder,notes,archiver,admin'];
const FIRST_PORT = 18_080;
/** Where each process says how it is: docs/operations.md. */
const FIRST_OPERATIONS_PORT = 19_080;
const USERS = ['alex', 'maria'];

const say = (text: string) => process.stderr.write(`${text}\n`);
const wanted = process.argv.slice(2);
const groups = wanted.length > 0 ? wanted : PROCESSES;

const services = await startServices('development');
const children: ChildProcess[] = [];
const leave = async (code: number) => {
  await Promise.all(children.map(end));
  await services.stop();
  process.exit(code);
};
let leaving = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (leaving) return;
    leaving = true;
    say('Draining …');
    void leave(0);
  });

/** Asks it to drain, and waits until it has. */
function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

const directory = path.join(servicesHome(root), 'hosted');
const environment = await hostedEnvironment({ services, secrets: directory, users: USERS }).catch(
  (error: Error) => {
    say(error.message);
    return leave(1);
  },
);

/** Starts one process, and waits until its roles are up. */
async function start(roles: string): Promise<string | undefined> {
  const isGateway = roles === 'all' || roles.split(',').includes('gateway');
  const port = isGateway ? await freePort(FIRST_PORT + children.length) : 0;
  const operationsPort = await freePort(FIRST_OPERATIONS_PORT + children.length);
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import=./scripts/tsx-hook.ts', 'cli/run.ts', 'serve'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
      env: {
        ...process.env,
        ...environment,
        SPEAKR_ROLES: roles,
        SPEAKR_PORT: String(port),
        SPEAKR_OPERATIONS_PORT: String(operationsPort),
      },
    },
  );
  children.push(child);
  writeFileSync(path.join(directory, `${children.length}.pid`), String(child.pid));
  say(`${roles}: http://127.0.0.1:${operationsPort}/metrics`);
  return new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const url = /^url\s+(\S+)$/m.exec(text)?.[1];
      if (url !== undefined || /^ready$/m.test(text)) resolve(url);
    });
    child.once('exit', (code) => {
      if (leaving) return;
      say(`The process with ${roles} ended with ${code ?? 'a signal'}.`);
      resolve(undefined);
    });
  });
}

const urls: string[] = [];
for (const roles of groups) {
  const url = await start(roles);
  if (url !== undefined) urls.push(url);
}
for (const user of USERS)
  process.stdout.write(`# ${user}\nexport SPEAKR_SERVER=${urls[0]} SPEAKR_TOKEN=${developmentToken(user)}\n`);
if (urls.length > 1) say(`Gateways: ${urls.join(' ')}`);
say('Ctrl-C drains and ends them.');
setInterval(() => {}, 2 ** 30);
