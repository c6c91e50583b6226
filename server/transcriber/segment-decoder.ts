import { decodeContinued, type SpokenBefore } from './decode-continued.ts';
import { type DecodedWindow, decodeWindow, prepare, toSentences, wordsOf } from './decode-window.ts';
import { withoutInvention } from './hallucination.ts';
import type { LivePolicy } from './live-policy.ts';
import type { HeardSegment } from './live-segmenter.ts';
import type { DecodeOptions, Recognizer } from './recognizer.ts';
import { FRAME_MS } from './silero-frames.ts';
import { joinOverlapping } from './word-overlap.ts';

/**
 * Decodes one open segment again and again, each time to where it is heard by then. A long one is not decoded from its
 * start: what is known of it already, from a pause on the way, is joined with its newest seconds.
 */
export interface SegmentDecoder {
  decode(heard: HeardSegment, options: DecodeOptions): Promise<DecodedWindow>;
  /** End of the newest audio that has been given to be decoded. */
  readonly knownThrough: number;
}

export interface SegmentDecoderOptions {
  readonly recognizer: Recognizer;
  readonly policy: LivePolicy;
  /** Samples of frames. */
  readonly read: (start: number, end: number) => Int16Array;
  /** Frame at which a beginning is least likely to hit a word. */
  readonly weakest: (from: number, to: number) => number;
  /** What was said just before a segment, where it belongs together. */
  readonly spokenBefore: (heard: HeardSegment) => SpokenBefore | undefined;
}

interface Piece {
  readonly end: number;
  readonly decoding: Promise<DecodedWindow>;
}

export function createSegmentDecoder(options: SegmentDecoderOptions): SegmentDecoder {
  const { recognizer, policy, read, weakest, spokenBefore } = options;
  const pieces: Piece[] = [];

  const whole = (heard: HeardSegment, decode: DecodeOptions) => {
    const before = spokenBefore(heard);
    if (before !== undefined)
      return decodeContinued(
        read(before.start, heard.end),
        heard,
        before,
        recognizer,
        decode,
        policy.finalMargin,
      );
    return decodeWindow(read(heard.start, heard.end), heard, recognizer, decode, policy.finalMargin);
  };

  const newest = async (heard: HeardSegment, piece: Piece, decode: DecodeOptions): Promise<DecodedWindow> => {
    const start = weakest(piece.end - policy.mostOverlap, piece.end - policy.leastOverlap);
    const after = heard.end - heard.speechEnd;
    const [{ text, decodeSeconds }, { sentences }] = await Promise.all([
      recognizer.decode(prepare(read(start, heard.end), 0, after, policy.finalMargin), decode),
      piece.decoding,
    ]);
    const joined = joinOverlapping(wordsOf(sentences), text.split(/\s+/).filter(Boolean));
    if (joined === undefined) {
      const again = await whole(heard, decode);
      return { ...again, decodeSeconds: again.decodeSeconds + decodeSeconds };
    }
    const speech = (heard.speechEnd - heard.speechStart) * (FRAME_MS / 1000);
    const own = withoutInvention(joined.join(' '), speech);
    return { sentences: toSentences({ text: own }, heard, policy.finalMargin), decodeSeconds };
  };

  return {
    get knownThrough() {
      return pieces.at(-1)?.end ?? Number.NEGATIVE_INFINITY;
    },
    decode(heard, decode) {
      const piece =
        heard.end - heard.start > policy.wholeMost
          ? pieces.findLast(({ end }) => end <= heard.end && end - heard.start >= policy.pieceLeast)
          : undefined;
      const decoding = piece === undefined ? whole(heard, decode) : newest(heard, piece, decode);
      pieces.push({ end: heard.end, decoding });
      return decoding;
    },
  };
}
