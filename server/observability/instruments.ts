import { type Metrics, noMetrics } from './metrics.ts';
import { noTracing, type Tracing } from './tracing.ts';

/** With what the parts of the server are measured; they do not know of it. */
export interface Instruments {
  /** Whether anything is measured: else nothing is put between the parts. */
  readonly on: boolean;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

export const instrumentsOff: Instruments = { on: false, metrics: noMetrics, tracing: noTracing };
