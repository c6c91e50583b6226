import type { Notes } from '@speakr/contracts/notes';
import type { Segment } from '@speakr/contracts/transcript';
import { v7 as uuidv7 } from 'uuid';
import type { NewRecording, OwnerStore, Passage, Store } from '../store.ts';

export const OWNER = 'local';
export const EMBEDDER = 'embedder-a';

export interface StoreFixture {
  readonly store: Store;
  close(): Promise<void>;
}

export type MakeStore = () => Promise<StoreFixture>;

/** A test body that gets a fresh store. */
export const withStore = (make: MakeStore, work: (store: Store) => Promise<void>) => async () => {
  const { store, close } = await make();
  try {
    await work(store);
  } finally {
    await close();
  }
};

export function newRecording(other: Partial<NewRecording> = {}): NewRecording {
  return {
    id: uuidv7(),
    tags: [],
    mode: 'live',
    language: 'en',
    model: 'moonshine-tiny-en',
    template: 'meeting',
    source: 'microphone',
    startedAt: 1_795_262_400_000,
    tracks: [{ track: 0, label: 'me', samples: 0 }],
    ...other,
  };
}

export async function create(
  store: Store,
  other: Partial<NewRecording> = {},
  owner = OWNER,
): Promise<string> {
  const recording = newRecording(other);
  await store.transaction(owner, (tx) => tx.createRecording(recording));
  return recording.id;
}

export const read = <T>(store: Store, work: (store: OwnerStore) => Promise<T>, owner = OWNER): Promise<T> =>
  store.read(owner, work);

export const write = <T>(store: Store, work: (store: OwnerStore) => Promise<T>, owner = OWNER): Promise<T> =>
  store.transaction(owner, work);

export function segment(index: number, text: string, other: Partial<Segment> = {}): Segment {
  return { id: `1.0.${index}`, track: 0, startMs: index * 1000, endMs: index * 1000 + 900, text, ...other };
}

/** A recording with a first revision of these segments. */
export async function createSpoken(
  store: Store,
  texts: readonly string[],
  other: Partial<NewRecording> = {},
  owner = OWNER,
): Promise<string> {
  const id = await create(store, other, owner);
  const spoken = texts.map((text, index) => segment(index, text));
  await write(
    store,
    async (tx) => {
      await tx.beginRevision(id, { revision: 1, origin: 'live', language: 'en', model: 'moonshine-tiny-en' });
      await tx.putSegments(id, 1, spoken);
    },
    owner,
  );
  return id;
}

export function passage(recordingId: string, index: number, other: Partial<Passage> = {}): Passage {
  return {
    recordingId,
    revision: 1,
    index,
    startMs: index * 1000,
    endMs: index * 1000 + 900,
    text: `passage ${index}`,
    vector: Float32Array.of(index, 1, 0.5),
    model: EMBEDDER,
    terms: ['passage', String(index)],
    ...other,
  };
}

export const passages = (recordingId: string, count: number, from = 0): Passage[] =>
  Array.from({ length: count }, (_, index) => passage(recordingId, from + index));

export function notes(recordingId: string, actions: readonly string[], other: Partial<Notes> = {}): Notes {
  const evidence = [{ revision: 1, segmentId: '1.0.0', startMs: 0, endMs: 900 }];
  return {
    recordingId,
    revision: 1,
    template: 'meeting',
    writer: 'extractive',
    fellBack: false,
    droppedLines: 0,
    generatedAt: 1_795_262_500_000,
    sections: [{ id: 'summary', heading: 'Summary', lines: [{ text: 'We launch in March.', evidence }] }],
    actions: actions.map((text, index) => ({
      id: `${recordingId}.${index}`,
      text,
      what: text,
      who: 'Alex',
      when: 'by Friday',
      done: false,
      evidence,
    })),
    markdown: '# Launch planning\n',
    ...other,
  };
}
