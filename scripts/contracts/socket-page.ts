import { STREAM_PATH } from '../../contracts/api.ts';
import { commandTypes, eventTypes, messageData, subjectOf } from '../../contracts/events.ts';
import {
  CHUNK_HEADER_BYTES,
  ClientMessage,
  MAX_CHUNK_SAMPLES,
  SAMPLE_RATE,
  ServerMessage,
} from '../../contracts/stream.ts';
import { namedSchemas, schemaOf } from './json-schema.ts';
import { reachable } from './openapi.ts';
import { schemaSections, schemaTable } from './schema-table.ts';

const messages = (union: typeof ClientMessage | typeof ServerMessage) =>
  union.options
    .map((option) => `### ${option.shape.type.value}\n\n${schemaTable(schemaOf(option))}\n`)
    .join('\n');

/** docs/live-socket.md: every message of the live socket, every event and command of the bus. */
export function socketPage(): string {
  const types = [...eventTypes, ...commandTypes];
  const used = [
    ...[ClientMessage, ServerMessage].flatMap((union) => union.options.map((option) => schemaOf(option))),
    ...types.map((type) => schemaOf(messageData[type])),
  ];
  return `# Live socket and events

<!-- Written by scripts/generate-contracts.ts from contracts/stream.ts and contracts/events.ts. Do not edit. -->

Also as [AsyncAPI](../contracts/generated/asyncapi.json); what is promised is in [CONTRACT.md](../CONTRACT.md).

## Audio

\`${STREAM_PATH}\` is a WebSocket with the subprotocols \`speakr.v1\` and \`speakr.token.<token>\`. Messages are JSON texts.
Audio is sent as binary frames: ${CHUNK_HEADER_BYTES} bytes of header (u8 version 1, u8 track, u16 flags 0, u64 offset of the first
sample, big-endian), then at most ${MAX_CHUNK_SAMPLES} samples of PCM16LE, mono, ${SAMPLE_RATE} Hz.

The client begins with \`start\`; after any break it connects again and goes on at \`resumeFrom\`. \`finished\` is always
last.

## From client to server

${messages(ClientMessage)}
## From server to client

${messages(ServerMessage)}
## Events and commands of the bus

CloudEvents, delivered at least once. They carry ids and numbers, never what was said.

${types.map((type) => `### ${type}\n\nSubject \`${subjectOf(type)}\`\n\n${schemaTable(schemaOf(messageData[type]))}\n`).join('\n')}
## Schemas

${schemaSections(reachable(namedSchemas(), used))}`;
}
