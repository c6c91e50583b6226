import type { Segment, Transcript } from '@speakr/contracts/transcript';
import { alignWords } from './bench/scoring/word-errors.ts';

/** A run of words: in both, only in the earlier, or only in the later revision. */
export interface DiffPart {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** A stretch between two pauses that both revisions have. Times in ms from the start of the recording. */
export interface DiffBlock {
  readonly track: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly parts: readonly DiffPart[];
}

export interface TranscriptDiff {
  readonly blocks: readonly DiffBlock[];
  /** Words, counted over all blocks. */
  readonly same: number;
  readonly removed: number;
  readonly added: number;
}

/** Words that are compared with each other at once: bounds memory, which grows with the product. */
const MOST_WORDS = 1500;

/**
 * Differences of two revisions word by word. Case and punctuation count, as they are what was written. Each pause that
 * both revisions have is kept, so that five hours are compared in pieces.
 */
export function diffTranscripts(before: Transcript, after: Transcript): TranscriptDiff {
  const tracks = [...new Set([...before.segments, ...after.segments].map(({ track }) => track))].sort();
  const blocks = tracks
    .flatMap((track) => {
      const of = ({ segments }: Transcript) => segments.filter((segment) => segment.track === track);
      return blocksOf(track, of(before), of(after));
    })
    .sort((a, b) => a.startMs - b.startMs || a.track - b.track);
  const count = (kind: DiffPart['kind']) =>
    blocks
      .flatMap(({ parts }) => parts)
      .reduce((sum, part) => sum + (part.kind === kind ? part.text.split(' ').length : 0), 0);
  return { blocks, same: count('same'), removed: count('removed'), added: count('added') };
}

const wordsOf = (segments: readonly Segment[]) =>
  segments.flatMap(({ text }) => text.split(/\s+/).filter(Boolean));

function blocksOf(track: number, before: readonly Segment[], after: readonly Segment[]): DiffBlock[] {
  const all = [
    ...before.map((segment) => ({ segment, earlier: true })),
    ...after.map((segment) => ({ segment, earlier: false })),
  ].sort((a, b) => a.segment.startMs - b.segment.startMs);
  const blocks: DiffBlock[] = [];
  let open: { segment: Segment; earlier: boolean }[] = [];
  let words = 0;
  const close = () => {
    if (open.length === 0) return;
    const side = (earlier: boolean) =>
      wordsOf(open.filter((each) => each.earlier === earlier).map(({ segment }) => segment));
    blocks.push({
      track,
      startMs: open[0]!.segment.startMs,
      endMs: Math.max(...open.map(({ segment }) => segment.endMs)),
      parts: diffWords(side(true), side(false)),
    });
    open = [];
    words = 0;
  };
  let endMs = Number.NEGATIVE_INFINITY;
  for (const each of all) {
    if (each.segment.startMs >= endMs || words > MOST_WORDS) close();
    endMs = Math.max(open.length === 0 ? Number.NEGATIVE_INFINITY : endMs, each.segment.endMs);
    open.push(each);
    words += wordsOf([each.segment]).length;
  }
  close();
  return blocks.filter(({ parts }) => parts.length > 0);
}

/** What was taken away comes before what was put in its place. */
function diffWords(before: readonly string[], after: readonly string[]): DiffPart[] {
  const parts: { kind: DiffPart['kind']; words: string[] }[] = [];
  let [removed, added]: [string[], string[]] = [[], []];
  const changed = () => {
    if (removed.length > 0) parts.push({ kind: 'removed', words: removed });
    if (added.length > 0) parts.push({ kind: 'added', words: added });
    [removed, added] = [[], []];
  };
  for (const { reference, hypothesis } of alignWords(before, after)) {
    const [old, fresh] = [before[reference ?? -1], after[hypothesis ?? -1]];
    if (old !== undefined && old === fresh) {
      changed();
      const last = parts.at(-1);
      if (last?.kind === 'same') last.words.push(old);
      else parts.push({ kind: 'same', words: [old] });
      continue;
    }
    if (old !== undefined) removed.push(old);
    if (fresh !== undefined) added.push(fresh);
  }
  changed();
  return parts.map(({ kind, words }) => ({ kind, text: words.join(' ') }));
}
