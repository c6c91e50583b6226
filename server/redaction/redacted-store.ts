import type { Notes } from '@speakr/contracts/notes';
import type { RedactionKind } from '@speakr/contracts/policies';
import type { Segment } from '@speakr/contracts/transcript';
import type { OwnerStore, Store } from '../store/store.ts';
import { redactSegments, redactText } from './redact.ts';

export interface RedactionOptions {
  /** What is left out of what a user says; nothing where it is empty. */
  kindsOf(owner: string): Promise<ReadonlySet<RedactionKind>>;
  /** Told of each that was left out of what is now stored. */
  readonly onRedacted: (kind: RedactionKind) => void;
}

/** A number is read out in pieces; what is this near may be another piece of it, ms. */
const NEAR_MS = 30_000;

/**
 * A store that keeps nothing personal: transcripts of every origin, titles, notes, and what is typed during a recording
 * are redacted in the transaction that would keep them. What is made of them (passages, terms, exports) has nothing to
 * leave out.
 */
export function redactedStore(store: Store, { kindsOf, onRedacted }: RedactionOptions): Store {
  return {
    ...store,
    async transaction(owner, work) {
      const kinds = await kindsOf(owner);
      if (kinds.size === 0) return store.transaction(owner, work);
      let found: RedactionKind[] = [];
      const result = await store.transaction(owner, (own) => {
        // It may run again.
        found = [];
        return work(redactedOwnerStore(own, kinds, (more) => found.push(...more)));
      });
      for (const kind of found) onRedacted(kind);
      return result;
    },
  };
}

function redactedOwnerStore(
  own: OwnerStore,
  kinds: ReadonlySet<RedactionKind>,
  note: (found: readonly RedactionKind[]) => void,
): OwnerStore {
  const redacted = (text: string, language: string): string => {
    const { text: left, found } = redactText(text, language, kinds);
    note(found);
    return left;
  };
  const languageOf = async (id: string) => (await own.getRecording(id))?.language ?? '';

  /** Segments as they may be kept, with those around them that are a part of the same. */
  async function keepable(
    id: string,
    revision: number,
    replaced: readonly string[],
    given: readonly Segment[],
  ) {
    const fromMs = Math.max(0, Math.min(...given.map(({ startMs }) => startMs)) - NEAR_MS);
    const untilMs = Math.max(...given.map(({ endMs }) => endMs)) + NEAR_MS;
    const known = await own.getTranscript(id, revision, fromMs);
    if (known === undefined) return { gone: [], segments: given };
    const leaving = new Set([...replaced, ...given.map((segment) => segment.id)]);
    const around = known.segments.filter((each) => !leaving.has(each.id) && each.startMs <= untilMs);
    const before = new Set(around);
    const changed: Segment[] = [];
    for (const track of new Set(given.map((segment) => segment.track))) {
      const all = [...around, ...given]
        .filter((segment) => segment.track === track)
        .sort((one, other) => one.startMs - other.startMs || one.endMs - other.endMs);
      const { segments, found } = redactSegments(all, known.language, kinds);
      note(found);
      changed.push(...segments.filter((segment) => !before.has(segment)));
    }
    return {
      gone: changed.filter(({ text }) => text === '').map((segment) => segment.id),
      segments: changed.filter(({ text }) => text !== ''),
    };
  }

  return {
    ...own,
    async createRecording(recording) {
      const { title, language } = recording;
      if (title === undefined) return own.createRecording(recording);
      return own.createRecording({ ...recording, title: redacted(title, language) });
    },
    async updateRecording(id, patch) {
      if (patch.title === undefined) return own.updateRecording(id, patch);
      return own.updateRecording(id, { ...patch, title: redacted(patch.title, await languageOf(id)) });
    },
    async addMoment(id, moment) {
      await own.addMoment(id, { ...moment, text: redacted(moment.text, await languageOf(id)) });
    },
    async putSegments(id, revision, given) {
      if (given.length === 0) return own.putSegments(id, revision, given);
      const { gone, segments } = await keepable(id, revision, [], given);
      if (gone.length > 0) await own.replaceSegments(id, revision, gone, segments);
      else await own.putSegments(id, revision, segments);
    },
    async replaceSegments(id, revision, replaced, given) {
      if (given.length === 0) return own.replaceSegments(id, revision, replaced, given);
      const { gone, segments } = await keepable(id, revision, replaced, given);
      await own.replaceSegments(id, revision, [...replaced, ...gone], segments);
    },
    async putNotes(notes) {
      const language = await languageOf(notes.recordingId);
      await own.putNotes(redactedNotes(notes, (text) => redacted(text, language)));
    },
    async createUpload(upload) {
      const { about } = upload;
      if (about.title === undefined) return own.createUpload(upload);
      return own.createUpload({
        ...upload,
        about: { ...about, title: redacted(about.title, about.language) },
      });
    },
  };
}

function redactedNotes(notes: Notes, redacted: (text: string) => string): Notes {
  const lines = (text: string) =>
    text
      .split('\n')
      .map((line) => {
        const [, indent = '', rest = ''] = /^(\s*)(.*)$/s.exec(line) ?? [];
        return indent + redacted(rest);
      })
      .join('\n');
  return {
    ...notes,
    sections: notes.sections.map((section) => ({
      ...section,
      lines: section.lines.map((line) => ({ ...line, text: redacted(line.text) })),
    })),
    actions: notes.actions.map((action) => ({
      ...action,
      text: redacted(action.text),
      what: redacted(action.what),
      who: redacted(action.who),
    })),
    markdown: lines(notes.markdown),
  };
}
