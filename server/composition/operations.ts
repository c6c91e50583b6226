import type { RoleName } from '../config.ts';
import type { OperationsServer } from '../observability/operations-server.ts';
import type { Adapters } from './adapters.ts';
import type { Foundation } from './app-options.ts';
import type { Features } from './features.ts';
import { readinessChecks } from './readiness-checks.ts';

/**
 * The port for those who run the server, where the settings ask for one.
 * @throws SpeakrError `port_taken`
 */
export async function startOperations(
  foundation: Foundation,
  roles: readonly RoleName[],
  adapters: Adapters,
  features: Features,
): Promise<(OperationsServer & { drain(): void }) | undefined> {
  const { settings, version, log, instruments, logLevel = { level: settings.logLevel } } = foundation;
  const { operationsPort: port, operationsHost: host } = settings;
  if (port === undefined || instruments.prometheus === undefined) return undefined;
  const { createReadinessProbe } = await import('../observability/readiness.ts');
  const { startOperationsServer } = await import('../observability/operations-server.ts');
  const readiness = createReadinessProbe(readinessChecks(roles, foundation, adapters, features));
  const metrics = instruments.prometheus;
  const server = await startOperationsServer({ host, port, version, roles, readiness, metrics, logLevel });
  log.info({ port: server.port }, 'operations port open');
  return { ...server, drain: readiness.drain };
}
