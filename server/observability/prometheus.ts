import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import {
  type GaugeName,
  type MetricDefinition,
  type MetricName,
  type Metrics,
  metricTable,
  type Sample,
} from './metrics.ts';
import { within } from './within.ts';

export interface Prometheus extends Metrics {
  /** Everything in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** A gauge may ask the broker or the database; a scrape must not wait for one that is away. */
const COLLECT_MS = 2000;

/** A registry of its own with the metrics of the table, and those of Node: event loop, memory, garbage collection. */
export function createPrometheus(): Prometheus {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const asked = new Map<GaugeName, () => Promise<readonly Sample<GaugeName>[]>>();
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, Gauge>();
  const histograms = new Map<MetricName, Histogram>();
  for (const [name, definition] of Object.entries(metricTable) as [MetricName, MetricDefinition][]) {
    const { type, help, labels, buckets } = definition;
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'counter') counters.set(name, new Counter(common));
    else if (type === 'gauge') gauges.set(name, new Gauge(common));
    else histograms.set(name, new Histogram({ ...common, buckets: [...(buckets ?? [])] }));
  }

  const ask = async (name: GaugeName, samples: () => Promise<readonly Sample<GaugeName>[]>) => {
    const gauge = gauges.get(name);
    const found = await within(COLLECT_MS, samples()).catch(() => []);
    gauge?.reset();
    // Nobody knows: that is not 0.
    if (found.length === 0 && metricTable[name].labels.length === 0) gauge?.remove();
    for (const { labels, value } of found) gauge?.set(labels, value);
  };

  return {
    count: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    observe: (name, labels, value) => histograms.get(name)?.observe(labels, value),
    collect: (name, samples) => void asked.set(name, samples),
    async text() {
      await Promise.all([...asked].map(([name, samples]) => ask(name, samples)));
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
