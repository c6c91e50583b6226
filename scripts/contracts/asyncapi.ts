import { STREAM_PATH } from '../../contracts/api.ts';
import {
  commandTypes,
  eventTypes,
  type MessageType,
  messageData,
  subjectOf,
} from '../../contracts/events.ts';
import {
  CHUNK_HEADER_BYTES,
  ClientMessage,
  MAX_CHUNK_SAMPLES,
  SAMPLE_RATE,
  ServerMessage,
} from '../../contracts/stream.ts';
import { namedSchemas, schemaOf } from './json-schema.ts';
import { reachable } from './openapi.ts';

const chunkMessage = {
  name: 'chunk',
  summary: 'Audio, as a binary frame',
  contentType: 'application/octet-stream',
  payload: {
    type: 'string',
    format: 'binary',
    description:
      `${CHUNK_HEADER_BYTES} bytes of header (u8 version 1, u8 track, u16 flags 0, u64 offset of the first sample, ` +
      `big-endian), then at most ${MAX_CHUNK_SAMPLES} samples of PCM16LE mono at ${SAMPLE_RATE} Hz.`,
  },
};

/** Messages of one direction by name; the names of both directions share one namespace. */
function streamMessages(union: typeof ClientMessage | typeof ServerMessage) {
  return Object.fromEntries(
    union.options.map((option) => {
      const name = option.shape.type.value;
      return [name, { name, contentType: 'application/json', payload: schemaOf(option) }];
    }),
  );
}

function eventMessage(type: MessageType) {
  const data = { type: 'object', properties: { type: { const: type }, data: schemaOf(messageData[type]) } };
  return {
    name: type,
    contentType: 'application/cloudevents+json',
    payload: { allOf: [{ $ref: '#/components/schemas/Envelope' }, data] },
  };
}

const reference = (channel: string, names: readonly string[]) =>
  names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }));

/** Live socket and bus as AsyncAPI 3.0. */
export function asyncApi(version: string): object {
  const said = { ...streamMessages(ClientMessage), chunk: chunkMessage };
  const told = streamMessages(ServerMessage);
  const types: readonly MessageType[] = [...eventTypes, ...commandTypes];
  const channels = {
    stream: {
      address: STREAM_PATH,
      title: 'Live socket',
      description:
        'WebSocket. The client begins with `start`; after any break it connects again and goes on at `resumeFrom`. ' +
        '`finished` is always last.',
      messages: { ...said, ...told },
    },
    ...Object.fromEntries(
      types.map((type) => [type, { address: subjectOf(type), messages: { [type]: eventMessage(type) } }]),
    ),
  };
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'speakr',
      version,
      description:
        'What travels over the live socket and over the bus. Events carry ids, never what was said.',
    },
    defaultContentType: 'application/json',
    channels,
    operations: {
      receiveFromClient: {
        action: 'receive',
        channel: { $ref: '#/channels/stream' },
        messages: reference('stream', Object.keys(said)),
      },
      sendToClient: {
        action: 'send',
        channel: { $ref: '#/channels/stream' },
        messages: reference('stream', Object.keys(told)),
      },
      ...Object.fromEntries(
        types.map((type) => [
          `publish.${type}`,
          { action: 'send', channel: { $ref: `#/channels/${type}` }, messages: reference(type, [type]) },
        ]),
      ),
    },
    components: { schemas: reachable(namedSchemas(), channels) },
  };
}
