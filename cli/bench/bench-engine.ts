import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import type { Api, Backend } from '../embedded.ts';

/** An engine that is measured, behind the same server that users have. */
export interface BenchEngine extends AsyncDisposable {
  /** Model, and where it is when that is elsewhere. */
  readonly name: string;
  /** What recordings ask for; undefined: what the server has. */
  readonly model?: string;
  readonly server?: string;
  readonly backend: Backend;
  readonly api: Api;
  /** Processor time of the server, ms; undefined where it does not say. */
  cpuMs(): Promise<number | undefined>;
  memoryBytes(): Promise<number | undefined>;
  /** Removes what a measurement has left. */
  forget(recordingId: string): Promise<void>;
}

/** Ends a server whose bench was killed, ms. */
const IDLE_EXIT_MS = '60000';

/**
 * Opens an engine. On this machine it gets a server and a data directory of its own, so that nothing of the user is
 * touched; at a configured server recordings are made and deleted.
 * @param model of the catalogue, or `URL#MODEL` of an OpenAI-compatible speech server; the configured one when absent
 */
export async function openBenchEngine(
  model: string | undefined,
  context: Pick<Context, 'config' | 'io' | 'backend'>,
): Promise<BenchEngine> {
  const config = context.config();
  const { values } = config;
  if (values.server !== undefined) {
    const backend = await context.backend();
    const api = await backend.api('write');
    const { models } = await api.getStatus({});
    return {
      ...engineOf(backend, api),
      name: model ?? models.recognizer,
      ...(model === undefined ? {} : { model }),
      server: values.server,
      forget: async (recording) => void (await api.deleteRecording({ params: { recording } })),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'speakr-bench-'));
  const own = withEngine(config, model, dataDir);
  const { openBackend } = await import('../embedded.ts');
  const backend = await openBackend(own.config, {
    env: { ...context.io.env, SPEAKR_IDLE_EXIT_MS: IDLE_EXIT_MS },
  });
  const dispose = async () => {
    await backend.close();
    await backend.stopServer().catch((error: unknown) => {
      if (!(error instanceof SpeakrError)) throw error;
    });
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const api = await backend.api('write');
    const { models } = await api.getStatus({});
    return {
      ...engineOf(backend, api),
      name: own.name ?? models.recognizer,
      ...(own.model === undefined ? {} : { model: own.model }),
      forget: async () => undefined,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** A model of the server in use, that of this machine or one elsewhere: recordings are made there and deleted. */
export async function engineAt(context: Pick<Context, 'backend'>, model: string): Promise<BenchEngine> {
  const backend = await context.backend();
  const api = await backend.api('write');
  return {
    ...engineOf(backend, api),
    name: model,
    model,
    forget: async (recording) => void (await api.deleteRecording({ params: { recording } })),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function engineOf(
  backend: Backend,
  api: Api,
): Pick<BenchEngine, 'backend' | 'api' | 'cpuMs' | 'memoryBytes'> {
  return {
    backend,
    api,
    cpuMs: async () => (await api.getStatus({})).cpuMs,
    memoryBytes: async () => (await api.getStatus({})).memoryBytes,
  };
}

/** The configuration with another engine and another place for data. @throws SpeakrError `usage` */
function withEngine(config: Config, model: string | undefined, dataDir: string) {
  const paths = {
    ...config.paths,
    dataDir,
    spoolDir: join(dataDir, 'spool'),
    runtimeDir: join(dataDir, 'run'),
  };
  if (model === undefined || !/^https?:/.test(model)) {
    const engine = model === undefined ? {} : { recognizer: 'moonshine' as const, model };
    return { config: { ...config, values: { ...config.values, ...engine }, paths }, name: model, model };
  }
  const [recognizerUrl = '', recognizerModel = ''] = model.split('#');
  if (recognizerModel === '')
    throw new SpeakrError('usage', `${model} does not say which model.`, {
      hint: 'Write the address and the model of a speech server as http://host:8000/v1#MODEL.',
    });
  const { model: _, ...values } = config.values;
  const engine = { recognizer: 'openai' as const, recognizerUrl, recognizerModel };
  return {
    config: { ...config, values: { ...values, ...engine }, paths },
    name: `${recognizerModel} at ${recognizerUrl}`,
    model: recognizerModel,
  };
}
