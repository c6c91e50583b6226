import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { SpanOptions, Tracing } from './tracing.ts';
import { within } from './within.ts';

export interface OpenTelemetryOptions {
  /** Of the collector, without `/v1/traces`. */
  readonly endpoint: string;
  readonly version: string;
  readonly roles: readonly string[];
  /** Part of the traces that is kept, from 0 to 1. */
  readonly sampled: number;
}

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** How long a collector may take, ms, and how long sending what waits may take at the end. */
const SEND_MS = 2000;
const CLOSE_MS = 3000;

/** Traces to a collector that speaks OTLP over HTTP, in JSON. A collector that is away costs the spans, nothing else. */
export function createOpenTelemetry({ endpoint, version, roles, sampled }: OpenTelemetryOptions): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: SEND_MS,
  });
  const ratio = new TraceIdRatioBasedSampler(sampled);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'speakr',
      'service.version': version,
      'service.instance.id': `${process.pid}`,
      'speakr.roles': roles.join(','),
    }),
    // By the id of the trace: all processes of a fleet decide the same, also for those who ask from elsewhere.
    sampler: new ParentBasedSampler({ root: ratio, remoteParentSampled: ratio }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('speakr', version);
  // One of its own instead of the global one of the library: two servers in one process must not share it.
  const running = new AsyncLocalStorage<Context>();
  const here = () => running.getStore() ?? ROOT_CONTEXT;

  const start = (
    name: string,
    { attributes, parent, kind }: SpanOptions,
  ): { span: Span; context: Context } => {
    const remote = parseTraceparent(parent);
    const above = remote === undefined ? here() : trace.setSpanContext(ROOT_CONTEXT, remote);
    const span = tracer.startSpan(
      name,
      { ...(attributes === undefined ? {} : { attributes }), kind: kind ? kinds[kind] : SpanKind.INTERNAL },
      above,
    );
    return { span, context: trace.setSpan(above, span) };
  };
  const finish = (span: Span, failure?: string) => {
    if (failure !== undefined) {
      span.setAttribute('error.type', failure);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  };

  return {
    async span(name, options, work) {
      const { span, context } = start(name, options);
      try {
        const result = await running.run(context, work);
        finish(span);
        return result;
      } catch (error) {
        finish(span, codeOf(error));
        throw error;
      }
    },
    begin(name, options) {
      const { span, context } = start(name, options);
      return { run: (work) => running.run(context, work), end: (failure) => finish(span, failure) };
    },
    record(name, startMs, endMs, attributes = {}) {
      tracer.startSpan(name, { startTime: startMs, attributes }, here()).end(endMs);
    },
    traceparent() {
      const context = trace.getSpanContext(here());
      return context === undefined ? undefined : formatTraceparent(context);
    },
    async close() {
      await within(CLOSE_MS, provider.shutdown()).catch(() => {});
    },
  };
}

/** Its code or name only: what an error says may quote speech. */
const codeOf = (error: unknown): string =>
  String((error as { code?: unknown }).code ?? (error as Error).name ?? 'unknown');

/** Of version 00 of W3C Trace Context; later ones begin the same way. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** What is not a trace context counts as none: it comes from outside. */
function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16) & 1, isRemote: true };
}

const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
