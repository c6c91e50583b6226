import type { Clock } from '../clock.ts';
import type { ServerSettings } from '../config.ts';
import type { LeveledLog } from '../observability/log.ts';
import { switchLogOnSignal } from '../observability/log-signal.ts';
import { type AppOptions, createApp } from '../server.ts';

export interface RunHostedOptions {
  readonly settings: ServerSettings;
  readonly version: string;
  readonly log: LeveledLog;
  /** Ends the process: it takes no more, and hands over what is under way. */
  readonly signal: AbortSignal;
  onReady(url: string | undefined): void;
  readonly parts?: AppOptions['parts'];
  readonly clock?: Clock;
}

/**
 * Runs the roles of one process of the fleet until the signal fires.
 * @throws SpeakrError `port_taken`, `config_invalid`, `unavailable`, and those of the store
 */
export async function runHosted(options: RunHostedOptions): Promise<void> {
  const { settings, version, log, signal, onReady, parts, clock } = options;
  const { roles, host, port } = settings;
  const stopSwitching = switchLogOnSignal(log);
  const app = await createApp({ settings, version, log, logLevel: log, roles, parts, clock });
  try {
    const isGateway = roles.includes('gateway');
    const url = isGateway ? `http://${host}:${await app.listen({ host, port })}` : undefined;
    log.info({ roles, url, version }, 'roles started');
    onReady(url);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    log.info({ roles }, 'draining');
  } finally {
    await app.close();
    stopSwitching();
    log.info({ roles }, 'roles ended');
  }
}
