import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from './compose.ts';
import type { ServiceAnswer, ServicesMode } from './supervisor.ts';

const SUPERVISOR = path.join(path.dirname(fileURLToPath(import.meta.url)), 'supervisor.ts');

export interface Services {
  /** Where to ask for them. */
  readonly url: string;
  /** Ends what was started. */
  stop(): Promise<void>;
}

/**
 * Starts a supervisor, which starts services when they are asked for. They end with this process in any case.
 * @throws Error when it does not come up
 */
export async function startServices(mode: ServicesMode): Promise<Services> {
  // Detached, so that Ctrl-C reaches it through this process only.
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SUPERVISOR, mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_V8_COVERAGE: undefined },
  });
  const ended = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) resolve(text.trim());
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error('The supervisor of the services ended at once.')));
  });
  // Does not keep this process alive.
  child.unref();
  for (const stream of [child.stdin, child.stdout] as unknown as { unref(): void }[]) stream.unref();
  return {
    url,
    async stop() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}

/** Asks a supervisor for a service; the first to ask waits until it is up. */
export async function askFor(url: string, name: ServiceName): Promise<ServiceAnswer> {
  const response = await fetch(`${url}/${name}`);
  return (await response.json()) as ServiceAnswer;
}
