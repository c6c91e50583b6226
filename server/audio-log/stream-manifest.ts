import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { askBroker } from '../nats/ask-broker.ts';
import { apiCode, type Nats, WRONG_LAST_SEQUENCE } from '../nats/nats.ts';
import type { AudioPlace } from './audio-streams.ts';

const Manifest = z.object({
  owner: z.string(),
  /** Tells this log from an earlier one of the same recording. */
  logId: z.string(),
  tracks: z.array(z.int()),
  /** Track and samples, once the log is complete. */
  sealed: z.array(z.tuple([z.int(), z.int()])).optional(),
});
export type StreamManifest = z.infer<typeof Manifest>;

/** The manifests of the logs: the newest message on a subject of the recording counts. */
export function createManifests({ js, jsm }: Pick<Nats, 'js' | 'jsm'>) {
  async function load({
    stream,
    manifest,
  }: AudioPlace): Promise<{ manifest: StreamManifest; seq: number } | undefined> {
    const stored = await askBroker(jsm.direct.getMessage(stream, { last_by_subj: manifest }));
    return stored === null ? undefined : { manifest: Manifest.parse(stored.json()), seq: stored.seq };
  }

  /**
   * Changes the manifest; when somebody else was faster, what they wrote is changed.
   * @param change undefined leaves it as it is
   */
  async function update(
    place: AudioPlace,
    change: (manifest: StreamManifest | undefined) => StreamManifest | undefined,
  ): Promise<StreamManifest | undefined> {
    for (;;) {
      const found = await load(place);
      const changed = change(found?.manifest);
      if (changed === undefined) return found?.manifest;
      try {
        const expect = { lastSubjectSequence: found?.seq ?? 0 };
        await askBroker(js.publish(place.manifest, JSON.stringify(changed), { expect }));
        return changed;
      } catch (error) {
        if (!WRONG_LAST_SEQUENCE.has(apiCode(error) ?? 0)) throw error;
      }
    }
  }

  return {
    load: async (place: AudioPlace) => (await load(place))?.manifest,

    /** Of a subject that was listed. */
    async at(stream: string, subject: string): Promise<StreamManifest | undefined> {
      const stored = await askBroker(jsm.direct.getMessage(stream, { last_by_subj: subject }));
      return stored === null ? undefined : Manifest.parse(stored.json());
    },

    /** Creates the manifest, or adds tracks to it. Of a sealed log it stays as it is. */
    async open(owner: string, place: AudioPlace, tracks: readonly number[]): Promise<StreamManifest> {
      const opened = await update(place, (known) => {
        if (known === undefined) return { owner, logId: randomUUID().slice(0, 8), tracks: [...tracks] };
        const all = [...new Set([...known.tracks, ...tracks])];
        if (known.sealed !== undefined || all.length === known.tracks.length) return undefined;
        return { ...known, tracks: all };
      });
      return opened as StreamManifest;
    },

    async seal(place: AudioPlace, samples: ReadonlyMap<number, number>): Promise<void> {
      await update(place, (known) =>
        known === undefined || known.sealed !== undefined ? undefined : { ...known, sealed: [...samples] },
      );
    },
  };
}
