/** What a metric is: this table is the source of the registry and of the one in docs/operations.md. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What it says, with its unit. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
}

/** Seconds: answers that somebody waits for. */
const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds: work that may take long. */
const LONG = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** Labels are few and of few values: never an id, never a user. */
export const metricTable = {
  speakr_info: {
    type: 'gauge',
    help: 'Always 1: version and roles of the process',
    labels: ['version', 'roles'],
  },
  speakr_http_request_duration_seconds: {
    type: 'histogram',
    help: 'From the first byte of a request to the last of its answer; `route` is the template, not the path',
    labels: ['method', 'route', 'status'],
    buckets: QUICK,
  },
  speakr_deprecated_requests_total: {
    type: 'counter',
    help: 'Requests of older clients: paths without a version (`uploads`, `jobs`) that were `redirected` or are `gone`, and those that `X-User-ID` let in (`user-header`, `admitted`)',
    labels: ['what', 'outcome'],
  },
  speakr_sockets: { type: 'gauge', help: 'Open connections to the live socket', labels: [] },
  speakr_live_sessions: { type: 'gauge', help: 'Connections that feed a recording', labels: [] },
  speakr_audio_received_seconds_total: {
    type: 'counter',
    help: 'Audio appended to the log, seconds; all tracks together',
    labels: [],
  },
  speakr_audio_ack_seconds: {
    type: 'histogram',
    help: 'From appending audio to its acknowledgement: until it is durable',
    labels: [],
    buckets: QUICK,
  },
  speakr_live_transcriptions: {
    type: 'gauge',
    help: 'Recordings under recognition, by what is left out for want of time: `live` nothing, `finals-only` partials, `deferred` waits for others',
    labels: ['mode'],
  },
  speakr_live_lag_seconds: {
    type: 'gauge',
    help: 'Audio that the recording furthest behind has not recognized yet, seconds',
    labels: [],
  },
  speakr_decode_seconds: {
    type: 'histogram',
    help: 'Decoder time of one decode, by priority',
    labels: ['priority'],
    buckets: QUICK,
  },
  speakr_decode_wait_seconds: {
    type: 'histogram',
    help: 'What a decode waited for a worker, by priority',
    labels: ['priority'],
    buckets: QUICK,
  },
  speakr_decoded_audio_seconds_total: {
    type: 'counter',
    help: 'Audio given to the decoder, seconds, by priority',
    labels: ['priority'],
  },
  speakr_embedded_texts_total: { type: 'counter', help: 'Texts turned into vectors', labels: [] },
  speakr_embed_seconds: {
    type: 'histogram',
    help: 'One call of the embedder, however many texts',
    labels: [],
    buckets: QUICK,
  },
  speakr_deliveries_total: {
    type: 'counter',
    help: 'Messages that a consumer has had, by outcome: `done`, `failed`, or `handed-back` to another process',
    labels: ['consumer', 'outcome'],
  },
  speakr_delivery_seconds: {
    type: 'histogram',
    help: 'Time of a consumer for one message; of `transcriber` the whole recording',
    labels: ['consumer'],
    buckets: LONG,
  },
  speakr_queue_messages: {
    type: 'gauge',
    help: 'Messages of a consumer of the whole fleet, `waiting` or `under-way`',
    labels: ['consumer', 'state'],
  },
  speakr_dead_letters: { type: 'gauge', help: 'Messages that a consumer has given up', labels: ['consumer'] },
  speakr_outbox_messages: {
    type: 'gauge',
    help: 'Messages written by transactions that the broker does not have yet',
    labels: [],
  },
  speakr_redacted_total: {
    type: 'counter',
    help: 'What was left out of transcripts, notes and titles before they were stored, by kind',
    labels: ['kind'],
  },
  speakr_transaction_seconds: {
    type: 'histogram',
    help: 'One transaction of the store with its waits, `read` or `write`',
    labels: ['kind', 'outcome'],
    buckets: QUICK,
  },
  speakr_storage_seconds: {
    type: 'histogram',
    help: 'One operation of the object storage; of `read` until the first bytes',
    labels: ['operation', 'outcome'],
    buckets: LONG,
  },
} as const satisfies Record<string, MetricDefinition>;

type Table = typeof metricTable;
export type MetricName = keyof Table;
type NamesOf<T extends MetricDefinition['type']> = {
  [N in MetricName]: Table[N]['type'] extends T ? N : never;
}[MetricName];
export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;
export type LabelsOf<N extends MetricName> = Readonly<Record<Table[N]['labels'][number], string>>;

export interface Sample<N extends GaugeName> {
  readonly labels: LabelsOf<N>;
  readonly value: number;
}

/** Where the server says what it measures. */
export interface Metrics {
  count<N extends CounterName>(name: N, labels: LabelsOf<N>, by?: number): void;
  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void;
  /** Asked whenever somebody looks; one who fails, or takes too long, leaves the metric out. */
  collect<N extends GaugeName>(name: N, samples: () => Promise<readonly Sample<N>[]>): void;
}

/** Measures nothing. */
export const noMetrics: Metrics = { count() {}, observe() {}, collect() {} };
