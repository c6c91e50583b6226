import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface LiveServer {
  readonly url: string;
  /** Of the one user of the embedded server; of a hosted one it is not said. */
  readonly token: string;
  readonly child: ChildProcess;
  readonly gone: Promise<unknown>;
}

const root = path.join(import.meta.dirname, '..', '..');

/**
 * `speakr serve` in a process of its own.
 * @param cores that it may use; all of them when absent
 */
export async function startLiveServer(
  env: Readonly<Record<string, string>>,
  cores = availableParallelism(),
): Promise<LiveServer> {
  const launcher = path.join(root, 'cli', 'bin', 'speakr.cjs');
  const pinned = cores < availableParallelism() ? ['taskset', '-c', `0-${cores - 1}`] : [];
  const [program = '', ...words] = [...pinned, process.execPath, launcher, 'serve'];
  const child = spawn(program, words, {
    env: { ...process.env, MALLOC_ARENA_MAX: '2', NODE_V8_COVERAGE: '', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const gone = new Promise((resolve) => child.once('close', resolve));
  const wanted = env.SPEAKR_PROFILE === 'hosted' ? ['url'] : ['url', 'token'];
  const said = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const [name = '', value = ''] = line.split(/\s+/);
    said.set(name, value);
    if (wanted.every((each) => said.has(each))) break;
  }
  return { url: said.get('url') ?? '', token: said.get('token') ?? '', child, gone };
}
