/** The store of one user on one machine, filled for measurements of search. */
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { systemClock } from '../server/clock.ts';
import { createKeyFile } from '../server/keys/key-file.ts';
import { openSqliteStore } from '../server/store/sqlite-store.ts';
import {
  type MadePassage,
  MODEL,
  madePassages,
  PASSAGE_MS,
  PASSAGES_PER_RECORDING,
  vocabulary,
} from './store-passages.ts';

const OWNER = 'local';

/** Recordings with segments, and passages with vectors as the embedder that serves would have made them. */
export async function fillEmbedded(dataDir: string, passagesInAll: number): Promise<void> {
  const store = await openSqliteStore({
    path: join(dataDir, 'speakr.db'),
    keys: createKeyFile({ path: join(dataDir, 'keys', 'master.key') }),
    clock: systemClock,
  });
  const made = madePassages(1, passagesInAll);
  for (let first = 0; first < passagesInAll; first += PASSAGES_PER_RECORDING) {
    const id = uuidv7();
    const passages = Array.from({ length: PASSAGES_PER_RECORDING }, () => made.next().value as MadePassage);
    const textOf = (words: readonly number[]) => `${words.map((word) => vocabulary[word]!.word).join(' ')}.`;
    await store.transaction(OWNER, async (own) => {
      await own.createRecording({
        id,
        tags: [],
        mode: 'batch',
        language: 'en',
        model: 'moonshine-tiny-en',
        template: 'meeting',
        source: 'bench',
        startedAt: Date.now(),
        tracks: [],
      });
      await own.beginRevision(id, {
        revision: 1,
        origin: 'batch',
        language: 'en',
        model: 'moonshine-tiny-en',
      });
      await own.putSegments(
        id,
        1,
        passages.map(({ words }, index) => ({
          id: `1.0.${index}`,
          track: 0,
          startMs: index * PASSAGE_MS,
          endMs: (index + 1) * PASSAGE_MS - 100,
          text: textOf(words),
        })),
      );
      await own.completeRevision(id, 1);
      await own.putPassages(
        id,
        1,
        0,
        passages.map(({ vector, words }, index) => ({
          recordingId: id,
          revision: 1,
          index,
          startMs: index * PASSAGE_MS,
          endMs: (index + 1) * PASSAGE_MS - 100,
          text: textOf(words),
          vector,
          model: MODEL,
          terms: words.map((word) => vocabulary[word]!.stem),
        })),
      );
      await own.updateRecording(id, { state: 'ready' });
    });
  }
  await store.close();
}
