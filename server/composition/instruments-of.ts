import type { ServerSettings } from '../config.ts';
import { type Instruments, instrumentsOff } from '../observability/instruments.ts';
import { noMetrics } from '../observability/metrics.ts';
import type { Prometheus } from '../observability/prometheus.ts';
import { noTracing } from '../observability/tracing.ts';

export interface ChosenInstruments extends Instruments {
  /** Where the metrics are, when there is a port to ask for them. */
  readonly prometheus?: Prometheus;
}

/** What the settings ask for. What is off is not loaded, and costs nothing. */
export async function instrumentsOf(
  { operationsPort, otlpEndpoint, traceSampling }: ServerSettings,
  { version, roles }: { version: string; roles: readonly string[] },
): Promise<ChosenInstruments> {
  if (operationsPort === undefined && otlpEndpoint === undefined) return instrumentsOff;
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
  return {
    on: true,
    metrics: prometheus ?? noMetrics,
    tracing,
    ...(prometheus === undefined ? {} : { prometheus }),
  };
}
