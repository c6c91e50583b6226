import type { ServerSettings } from '../config.ts';
import type { Instruments } from '../observability/instruments.ts';
import { noMetrics } from '../observability/metrics.ts';
import type { Prometheus } from '../observability/prometheus.ts';
import {
  alsoRolling,
  createRollingHistograms,
  type RollingHistograms,
} from '../observability/rolling-histograms.ts';
import { noTracing } from '../observability/tracing.ts';

export interface ChosenInstruments extends Instruments {
  /** Where the metrics are, when there is a port to ask for them. */
  readonly prometheus?: Prometheus;
  /** What was measured in the last minutes; absent where nobody works. */
  readonly rolling?: RollingHistograms;
}

/** What the settings ask for, and what those who run the server look at. What is off is not loaded, and costs nothing. */
export async function instrumentsOf(
  { operationsPort, otlpEndpoint, traceSampling }: ServerSettings,
  { version, roles, monotonic }: { version: string; roles: readonly string[]; monotonic: () => number },
): Promise<ChosenInstruments> {
  const prometheus =
    operationsPort === undefined
      ? undefined
      : (await import('../observability/prometheus.ts')).createPrometheus();
  prometheus?.collect('speakr_info', async () => [{ labels: { version, roles: roles.join(',') }, value: 1 }]);
  const tracing =
    otlpEndpoint === undefined
      ? noTracing
      : (await import('../observability/open-telemetry.ts')).createOpenTelemetry({
          endpoint: otlpEndpoint,
          version,
          roles,
          sampled: traceSampling,
        });
  const rolling = createRollingHistograms(monotonic);
  return {
    on: true,
    metrics: alsoRolling(prometheus ?? noMetrics, rolling),
    rolling,
    tracing,
    ...(prometheus === undefined ? {} : { prometheus }),
  };
}
