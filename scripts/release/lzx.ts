/**
 * LZX, the better of the two compressions of cabinets: LZ77 over 2 MiB with Huffman codes, as [MS-PATCH] describes it
 * (https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-patch/), in the form that cabinets hold:
 * frames of 32 KiB, each of which begins on a word of 16 bits, and no match across two frames.
 */
const WINDOW_BITS = 21;
const WINDOW = 2 ** WINDOW_BITS;
export const FRAME_BYTES = 32_768;
/** What a cabinet calls this: kind 3, and the size of the window. */
export const LZX_TYPE = 3 | (WINDOW_BITS << 8);
const POSITION_SLOTS = 50;
const MAIN_SYMBOLS = 256 + POSITION_SLOTS * 8;
const LENGTH_SYMBOLS = 249;
const PRETREE_SYMBOLS = 20;
const LONGEST_CODE = 16;
const LONGEST_PRETREE_CODE = 15;
const SHORTEST_MATCH = 3;
const LONGEST_MATCH = 257;
/** Symbols of one block: new codes for each cost some hundred bytes, and fit what is in it. */
const BLOCK_FRAMES = 4;
/** How many earlier places are looked at for a match, and from which length on none is sought. */
const CHAIN = 32;
const GOOD_ENOUGH = 64;
const HASH_BITS = 17;

/** Extra bits and first offset of each position slot. */
const extraBits = Uint8Array.from({ length: POSITION_SLOTS + 1 }, (_, slot) =>
  slot < 4 ? 0 : Math.min(17, (slot >> 1) - 1),
);
const firstOffsets = new Uint32Array(POSITION_SLOTS + 1);
for (let slot = 0; slot < POSITION_SLOTS; slot += 1)
  firstOffsets[slot + 1] = (firstOffsets[slot] ?? 0) + 2 ** (extraBits[slot] ?? 0);

function slotOf(formatted: number): number {
  let [low, high] = [0, POSITION_SLOTS - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((firstOffsets[middle] ?? 0) <= formatted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Bits from the highest down into words of 16 bits, little-endian. */
class BitWriter {
  readonly #bytes: number[] = [];
  #word = 0;
  #free = 16;

  write(value: number, bits: number): void {
    for (let left = bits; left > 0; ) {
      const take = Math.min(left, this.#free);
      const part = (value >>> (left - take)) & (2 ** take - 1);
      this.#word = (this.#word << take) | part;
      this.#free -= take;
      left -= take;
      if (this.#free === 0) this.#flush();
    }
  }
  #flush(): void {
    this.#bytes.push(this.#word & 255, this.#word >> 8);
    this.#word = 0;
    this.#free = 16;
  }
  /** Fills up the word. @returns everything since the last call */
  take(): Buffer {
    if (this.#free < 16) this.write(0, this.#free);
    return Buffer.from(this.#bytes.splice(0));
  }
}

/** Lengths of Huffman codes for how often each symbol comes, none longer than `longest`. */
export function codeLengths(counts: Uint32Array, longest: number): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  for (let least = 1; ; least *= 2) {
    const weights: number[] = [];
    const parents: number[] = [];
    const heap: number[] = [];
    const before = (a: number, b: number) => (weights[a] ?? 0) < (weights[b] ?? 0);
    const push = (node: number) => {
      let at = heap.push(node) - 1;
      for (let up = (at - 1) >> 1; at > 0 && before(node, heap[up] ?? 0); up = (at - 1) >> 1) {
        heap[at] = heap[up] ?? 0;
        at = up;
      }
      heap[at] = node;
    };
    const pop = () => {
      const top = heap[0] ?? 0;
      const last = heap.pop() ?? 0;
      if (heap.length === 0) return top;
      let at = 0;
      for (let down = 1; down < heap.length; down = 2 * at + 1) {
        if (down + 1 < heap.length && before(heap[down + 1] ?? 0, heap[down] ?? 0)) down += 1;
        if (!before(heap[down] ?? 0, last)) break;
        heap[at] = heap[down] ?? 0;
        at = down;
      }
      heap[at] = last;
      return top;
    };
    const symbols: number[] = [];
    for (const [symbol, count] of counts.entries()) {
      if (count === 0) continue;
      weights.push(Math.max(count, least === 1 ? 1 : least));
      push(symbols.push(symbol) - 1);
    }
    // A code of one symbol is no whole tree; a second one makes it one.
    if (symbols.length === 0) return lengths;
    if (symbols.length === 1) {
      const [only = 0] = symbols;
      lengths[only] = 1;
      lengths[only === 0 ? 1 : 0] = 1;
      return lengths;
    }
    while (heap.length > 1) {
      const [one, other] = [pop(), pop()];
      const parent = weights.push((weights[one] ?? 0) + (weights[other] ?? 0)) - 1;
      parents[one] = parent;
      parents[other] = parent;
      push(parent);
    }
    const depths = new Uint8Array(weights.length);
    for (let node = weights.length - 2; node >= 0; node -= 1)
      depths[node] = (depths[parents[node] ?? 0] ?? 0) + 1;
    if (symbols.every((_, node) => (depths[node] ?? 0) <= longest)) {
      for (const [node, symbol] of symbols.entries()) lengths[symbol] = depths[node] ?? 0;
      return lengths;
    }
  }
}

/** Codes for lengths: the shorter first, and of one length the lower symbol first. */
function codesOf(lengths: Uint8Array): Uint32Array {
  const codes = new Uint32Array(lengths.length);
  let code = 0;
  for (let bits = 1; bits <= LONGEST_CODE; bits += 1) {
    for (const [symbol, length] of lengths.entries()) if (length === bits) codes[symbol] = code++;
    code *= 2;
  }
  return codes;
}

/** Writes the lengths of a code as differences to those of the block before, run-length and Huffman coded. */
function writeLengths(out: BitWriter, lengths: Uint8Array, before: Uint8Array): void {
  const words: { symbol: number; extra?: readonly [number, number]; delta?: number }[] = [];
  for (let at = 0; at < lengths.length; ) {
    let run = 1;
    while (at + run < lengths.length && lengths[at + run] === lengths[at]) run += 1;
    const delta = ((before[at] ?? 0) - (lengths[at] ?? 0) + 17) % 17;
    if (lengths[at] === 0 && run >= 4) {
      const long = Math.min(run, 51);
      if (long >= 20) words.push({ symbol: 18, extra: [long - 20, 5] });
      else words.push({ symbol: 17, extra: [long - 4, 4] });
      at += long;
    } else if (run >= 4) {
      const long = Math.min(run, 5);
      words.push({ symbol: 19, extra: [long - 4, 1], delta });
      at += long;
    } else {
      words.push({ symbol: delta });
      at += 1;
    }
  }
  const counts = new Uint32Array(PRETREE_SYMBOLS);
  for (const { symbol, delta } of words) {
    counts[symbol] = (counts[symbol] ?? 0) + 1;
    if (delta !== undefined) counts[delta] = (counts[delta] ?? 0) + 1;
  }
  const pretree = codeLengths(counts, LONGEST_PRETREE_CODE);
  const codes = codesOf(pretree);
  for (const length of pretree) out.write(length, 4);
  const write = (symbol: number) => out.write(codes[symbol] ?? 0, pretree[symbol] ?? 0);
  for (const { symbol, extra, delta } of words) {
    write(symbol);
    if (extra !== undefined) out.write(...extra);
    if (delta !== undefined) write(delta);
  }
}

/** Where matches are: each literal as itself, each match as length << 8 with its offset beside it. */
interface Frame {
  readonly symbols: Uint16Array;
  /** Length of the match less two, as what the length code holds; 0 when there is nothing in it. */
  readonly lengths: Uint16Array;
  /** Extra bits of the offset, and how many. */
  readonly footers: Uint32Array;
  readonly footerBits: Uint8Array;
  readonly count: number;
}

/** @returns one compressed frame after the other, of FRAME_BYTES of `content` each */
export function lzxFrames(content: Buffer): Buffer[] {
  const out = new BitWriter();
  const find = matchFinder(content);
  const recent: [number, number, number] = [1, 1, 1];
  let mainBefore = new Uint8Array(MAIN_SYMBOLS);
  let lengthBefore = new Uint8Array(LENGTH_SYMBOLS);
  const packed: Buffer[] = [];
  // No translation of addresses.
  out.write(0, 1);
  for (let at = 0; at < content.length; at += BLOCK_FRAMES * FRAME_BYTES) {
    const end = Math.min(content.length, at + BLOCK_FRAMES * FRAME_BYTES);
    const frames: Frame[] = [];
    for (let start = at; start < end; start += FRAME_BYTES)
      frames.push(parse(content, start, Math.min(end, start + FRAME_BYTES), find, recent));
    const mainCounts = new Uint32Array(MAIN_SYMBOLS);
    const lengthCounts = new Uint32Array(LENGTH_SYMBOLS);
    for (const { symbols, lengths, count } of frames)
      for (let index = 0; index < count; index += 1) {
        const symbol = symbols[index] ?? 0;
        mainCounts[symbol] = (mainCounts[symbol] ?? 0) + 1;
        if (symbol < 256 || (symbol & 7) !== 7) continue;
        const length = lengths[index] ?? 0;
        lengthCounts[length] = (lengthCounts[length] ?? 0) + 1;
      }
    const main = codeLengths(mainCounts, LONGEST_CODE);
    const length = codeLengths(lengthCounts, LONGEST_CODE);
    out.write(1, 3);
    out.write(end - at, 24);
    writeLengths(out, main.subarray(0, 256), mainBefore.subarray(0, 256));
    writeLengths(out, main.subarray(256), mainBefore.subarray(256));
    writeLengths(out, length, lengthBefore);
    const mainCodes = codesOf(main);
    const lengthCodes = codesOf(length);
    for (const frame of frames) {
      for (let index = 0; index < frame.count; index += 1) {
        const symbol = frame.symbols[index] ?? 0;
        out.write(mainCodes[symbol] ?? 0, main[symbol] ?? 0);
        if (symbol < 256) continue;
        if ((symbol & 7) === 7) {
          const rest = frame.lengths[index] ?? 0;
          out.write(lengthCodes[rest] ?? 0, length[rest] ?? 0);
        }
        out.write(frame.footers[index] ?? 0, frame.footerBits[index] ?? 0);
      }
      packed.push(out.take());
    }
    mainBefore = main as typeof mainBefore;
    lengthBefore = length as typeof lengthBefore;
  }
  return packed;
}

interface Match {
  length: number;
  offset: number;
}
type Find = (at: number, limit: number, match: Match) => void;

/** Chains of places that begin with the same three bytes. Every place has to be asked for, one after the other. */
function matchFinder(content: Buffer): Find {
  const heads = new Int32Array(2 ** HASH_BITS).fill(-1);
  const previous = new Int32Array(WINDOW);
  return (at, limit, match) => {
    match.length = 0;
    if (at + SHORTEST_MATCH > content.length) return;
    const hash =
      Math.imul((content[at]! << 16) | (content[at + 1]! << 8) | content[at + 2]!, 0x9e3779b1) >>>
      (32 - HASH_BITS);
    let place = heads[hash]!;
    previous[at & (WINDOW - 1)] = place;
    heads[hash] = at;
    const longest = Math.min(LONGEST_MATCH, limit - at);
    if (longest < SHORTEST_MATCH) return;
    const oldest = at - WINDOW + 4;
    let best = SHORTEST_MATCH - 1;
    for (let tries = CHAIN; place >= 0 && place > oldest && tries > 0; tries -= 1) {
      if (content[place + best] === content[at + best] && content[place] === content[at]) {
        let length = 0;
        while (length < longest && content[place + length] === content[at + length]) length += 1;
        if (length > best) {
          best = length;
          match.length = length;
          match.offset = at - place;
          if (length >= longest || length >= GOOD_ENOUGH) return;
        }
      }
      place = previous[place & (WINDOW - 1)]!;
    }
  };
}

/** What a match saves, roughly, in bits: far offsets cost more. */
const worth = (length: number, offset: number, recent: readonly number[]) =>
  length * 7 -
  (offset === recent[0] || offset === recent[1] || offset === recent[2] ? 2 : 36 - Math.clz32(offset + 2));

/** Splits one frame into literals and matches; a match waits for a better one that begins at the next byte. */
function parse(
  content: Buffer,
  start: number,
  end: number,
  find: Find,
  recent: [number, number, number],
): Frame {
  const room = end - start;
  const symbols = new Uint16Array(room);
  const lengths = new Uint16Array(room);
  const footers = new Uint32Array(room);
  const footerBits = new Uint8Array(room);
  let count = 0;
  const match: Match = { length: 0, offset: 0 };
  const best = (at: number): Match | undefined => {
    find(at, end, match);
    const found: Match = { length: match.length, offset: match.offset };
    // The last three offsets cost next to nothing.
    const longest = Math.min(LONGEST_MATCH, end - at);
    for (const offset of recent) {
      if (offset > at) continue;
      let length = 0;
      while (length < longest && content[at - offset + length] === content[at + length]) length += 1;
      if (length < 2 || worth(length, offset, recent) < worth(found.length, found.offset, recent)) continue;
      found.length = length;
      found.offset = offset;
    }
    if (found.length < 2 || worth(found.length, found.offset, recent) <= 9) return undefined;
    return found;
  };

  let at = start;
  let current = at < end ? best(at) : undefined;
  while (at < end) {
    const next = at + 1 < end ? best(at + 1) : undefined;
    const waits =
      current === undefined ||
      (next !== undefined &&
        current.length < GOOD_ENOUGH &&
        worth(next.length, next.offset, recent) > worth(current.length, current.offset, recent) + 7);
    if (waits || current === undefined) {
      symbols[count++] = content[at]!;
      at += 1;
      current = next;
      continue;
    }
    const { length, offset } = current;
    let formatted = offset + 2;
    const known = recent.indexOf(offset);
    if (known === 0) formatted = 0;
    else if (known > 0) {
      formatted = known;
      recent[known] = recent[0];
      recent[0] = offset;
    } else {
      recent[2] = recent[1];
      recent[1] = recent[0];
      recent[0] = offset;
    }
    const slot = slotOf(formatted);
    symbols[count] = 256 + slot * 8 + Math.min(length - 2, 7);
    lengths[count] = Math.max(0, length - 9);
    footers[count] = formatted - firstOffsets[slot]!;
    footerBits[count] = extraBits[slot]!;
    count += 1;
    // The byte after the first was looked up above; the others are only remembered.
    for (let skipped = at + 2; skipped < at + length; skipped += 1) find(skipped, skipped, match);
    at += length;
    current = at < end ? best(at) : undefined;
  }
  return { symbols, lengths, footers, footerBits, count };
}
