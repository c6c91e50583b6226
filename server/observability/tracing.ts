/** Values that say more of a span: ids, numbers and codes, never text. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  readonly attributes?: SpanAttributes;
  /** W3C trace context of who asked for it, from another process; else the span that is running here. */
  readonly parent?: string | undefined;
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer';
}

/** Follows work over processes: spans with a beginning, an end and the one they belong to. */
export interface Tracing {
  /** Runs work as a span; what it starts belongs to it. A span whose work rejects has failed. */
  span<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T>;
  /** A span that nothing here waits for, begun now. @returns ends it; a code when it has failed */
  begin(name: string, options: SpanOptions): RunningSpan;
  /** A span of the running one that another thread has measured. Times in ms since the epoch. */
  record(name: string, startMs: number, endMs: number, attributes?: SpanAttributes): void;
  /** W3C trace context of the running span, for another process. */
  traceparent(): string | undefined;
  /** Sends what waits. */
  close(): Promise<void>;
}

export interface RunningSpan {
  /** Runs work with this span as the running one. */
  run<T>(work: () => T): T;
  end(failure?: string): void;
}

/** Costs a call. */
export const noTracing: Tracing = {
  span: (_name, _options, work) => work(),
  begin: () => ({ run: (work) => work(), end() {} }),
  record() {},
  traceparent: () => undefined,
  async close() {},
};
