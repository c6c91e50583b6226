import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';
import { freePort } from './port.ts';

const FILE = path.join(path.dirname(fileURLToPath(import.meta.url)), 'compose.yaml');
/** Long enough to fetch an image. */
const UP_MS = 10 * 60_000;

export type ServiceName = 'postgres' | 'nats' | 's3';

const ASK_MS = 10_000;

/** Whether a Docker engine answers, and Compose is there. */
export async function composeAnswers(): Promise<boolean> {
  for (const args of [
    ['info', '--format', '{{.ServerVersion}}'],
    ['compose', 'version'],
  ])
    if ((await runCommand('docker', args, { timeoutMs: ASK_MS })).status !== 0) return false;
  return true;
}

/**
 * Starts a service of compose.yaml on a free loopback port and waits until it is healthy.
 * @param project Compose's name for what belongs together
 * @param keep whether its data stay when it is stopped
 * @param variables what compose.yaml needs beside the port
 * @throws Error with Docker's last line
 */
export async function startInCompose(
  name: ServiceName,
  options: { project: string; port?: number; keep: boolean; variables?: Record<string, string> },
): Promise<{ port: number; stop(): Promise<void> }> {
  const port = await freePort(options.port);
  const compose = ['compose', '--project-name', options.project, '--file', FILE];
  const env = { ...options.variables, [`SPEAKR_${name.toUpperCase()}_PORT`]: String(port) };
  const up = [...compose, 'up', '--detach', '--wait', name];
  const { status, lastLine } = await runCommand('docker', up, { env, timeoutMs: UP_MS });
  if (status !== 0) throw new Error(`Docker cannot start ${name}: ${lastLine}`);
  return {
    port,
    async stop() {
      await runCommand('docker', [...compose, ...(options.keep ? ['stop', name] : ['down', '--volumes'])], {
        env,
      });
    },
  };
}
