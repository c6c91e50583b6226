import { FLOAT, type NetworkMemory, up } from './moonshine-memory.ts';
import { COLUMNS, FLOAT_COLUMNS, FLOAT_ROWS } from './moonshine-products.ts';
import { type Convolution, HEAD, type Linear, TURNING, WIDTH } from './moonshine-weights.ts';

export const WIDTH_BYTES = WIDTH * FLOAT;
const HEAD_BYTES = HEAD * FLOAT;
const PANEL_BYTES = FLOAT_COLUMNS * FLOAT;
/** What scores are multiplied with: the model was trained with keys that have room for 36 values. */
const SCORE_SCALE = 1 / Math.sqrt(HEAD);

/** Rows rounded to digits. */
export interface Digits {
  readonly digits: number;
  /** Scale and sum of each row. */
  readonly info: number;
}

/** Keys `[WIDTH][room]` and values `[room][WIDTH]` of what can be looked at. */
export interface Seen {
  readonly keys: number;
  readonly room: number;
  readonly values: number;
}

/** What both halves of the network are made of. Addresses are of float32 rows. */
export interface Layers {
  /** Room for the digits of rows. */
  digits(count: number, width: number): Digits;
  quantize(from: number, width: number, count: number, to: Digits): void;
  /** The product of rows that are digits with a matrix. An odd count writes one row more. */
  multiply(matrix: Linear, rows: Digits, count: number, to: number): void;
  convolve(from: number, weights: number, bias: number, to: number, frames: number, shape: Convolution): void;
  normalize(from: number, to: number, weight: number, count: number): void;
  /** Room for keys and values of `length` places, empty. */
  see(length: number): Seen;
  /** Turns rows of queries or keys by their positions, in place (rotary embedding of neighbouring pairs). */
  turn(rows: number, count: number, position: number): void;
  placeKeys(rows: number, count: number, seen: Seen, position: number): void;
  /**
   * Each of `count` rows of queries looks at the first `length` keys, and gets the values it looks at.
   * @param scores room for `count` rows of `seen.room`
   */
  attend(queries: number, count: number, seen: Seen, length: number, scores: number, to: number): void;
}

/** @param turns angle of each pair from one position to the next */
export function createLayers(memory: NetworkMemory, turns: Float32Array): Layers {
  const { kernel } = memory;
  const nothing = memory.place(new Float32Array(FLOAT_COLUMNS));
  const share = memory.place(new Float32Array(4).fill(1 / WIDTH));
  /** cos and sin of each position and pair. */
  const table: number[] = [];
  const fillTable = (positions: number) => {
    for (let position = table.length / TURNING; position < positions; position++)
      for (const turn of turns) {
        const angle = Math.fround(position * turn);
        table.push(Math.cos(angle), Math.sin(angle));
      }
  };

  const multiplyPairs = (
    { weights, columns, matrix, inputs, outputs }: Linear,
    rows: Digits,
    count: number,
    to: number,
  ) => {
    for (let column = 0; column < outputs; column += 8)
      kernel.multiplyPairs(
        rows.digits,
        inputs * 4,
        rows.info,
        weights + Math.floor(column / COLUMNS) * inputs * COLUMNS + (column % COLUMNS) * 4,
        columns + column * 8,
        matrix,
        to + column * FLOAT,
        outputs * FLOAT,
        Math.ceil(count / 2),
      );
  };
  const multiplySingle = ({ weights, columns, matrix, inputs, outputs }: Linear, row: Digits, to: number) => {
    for (let column = 0; column < outputs; column += COLUMNS)
      kernel.multiplySingles(
        row.digits,
        inputs * 2,
        row.info,
        weights + column * inputs,
        columns + column * 8,
        matrix,
        to + column * FLOAT,
        outputs * FLOAT,
        1,
      );
  };

  return {
    digits: (count, width) => ({
      digits: memory.allocate(up(count, 2) * width * 2),
      info: memory.allocate(up(count, 2) * 8),
    }),
    quantize(from, width, count, { digits, info }) {
      const bytes = width * FLOAT;
      if (count === 1) return kernel.quantize(from, bytes, digits, 8, info);
      for (let row = 0; row < count; row++)
        kernel.quantize(
          from + row * bytes,
          bytes,
          digits + (row >> 1) * bytes + (row & 1) * 8,
          16,
          info + row * 8,
        );
      // The row that makes an odd count even is nothing, whatever its digits are.
      if (count % 2 === 1) memory.floats.fill(0, info / FLOAT + count * 2, info / FLOAT + count * 2 + 2);
    },
    multiply(matrix, rows, count, to) {
      if (count === 1) multiplySingle(matrix, rows, to);
      else multiplyPairs(matrix, rows, count, to);
    },
    convolve(from, weights, bias, to, frames, { kernel: size, stride, inputs, outputs }) {
      const length = up(size * inputs, 4);
      for (let column = 0; column < outputs; column += FLOAT_COLUMNS)
        kernel.multiplyFloats(
          from,
          stride * inputs * FLOAT,
          length * FLOAT,
          weights + column * length * FLOAT,
          PANEL_BYTES,
          bias === 0 ? nothing : bias + column * FLOAT,
          to + column * FLOAT,
          outputs * FLOAT,
          Math.ceil(frames / FLOAT_ROWS),
        );
    },
    normalize(from, to, weight, count) {
      kernel.normalize(from, to, WIDTH_BYTES, weight, share, count);
    },
    see(length) {
      const room = up(length, FLOAT_COLUMNS);
      const keys = memory.allocate(WIDTH * room * FLOAT);
      const values = memory.rows(room, WIDTH);
      // What is looked at in passing gets no share, but must be finite.
      memory.floats.fill(0, keys / FLOAT, memory.used / FLOAT);
      return { keys, room, values };
    },
    turn(rows, count, position) {
      fillTable(position + count);
      const { floats } = memory;
      for (let row = 0; row < count; row++) {
        const first = rows / FLOAT + row * WIDTH;
        const angles = (position + row) * TURNING;
        for (let head = first; head < first + WIDTH; head += HEAD)
          for (let i = 0; i < TURNING; i += 2) {
            const cos = table[angles + i] as number;
            const sin = table[angles + i + 1] as number;
            const a = floats[head + i] as number;
            const b = floats[head + i + 1] as number;
            floats[head + i] = a * cos - b * sin;
            floats[head + i + 1] = b * cos + a * sin;
          }
      }
    },
    placeKeys(rows, count, { keys, room }, position) {
      const { floats } = memory;
      for (let row = 0; row < count; row++) {
        const from = rows / FLOAT + row * WIDTH;
        const to = keys / FLOAT + position + row;
        for (let i = 0; i < WIDTH; i++) floats[to + i * room] = (floats[from + i] as number) * SCORE_SCALE;
      }
    },
    attend(queries, count, { keys, room, values }, length, scores, to) {
      const visible = up(length, FLOAT_COLUMNS);
      const visibleBytes = visible * FLOAT;
      const product = count === 1 ? kernel.multiplyFloatRow : kernel.multiplyFloats;
      const turns = count === 1 ? 1 : Math.ceil(count / FLOAT_ROWS);
      const { floats } = memory;
      for (let head = 0; head < WIDTH_BYTES; head += HEAD_BYTES) {
        for (let column = 0; column < visibleBytes; column += PANEL_BYTES)
          product(
            queries + head,
            WIDTH_BYTES,
            HEAD_BYTES,
            keys + head * room + column,
            room * FLOAT,
            nothing,
            scores + column,
            visibleBytes,
            turns,
          );
        if (visible > length)
          for (let row = 0; row < count; row++) {
            const end = scores / FLOAT + (row + 1) * visible;
            floats.fill(-1e30, end - visible + length, end);
          }
        kernel.softmax(scores, visibleBytes, count);
        for (let column = head; column < head + HEAD_BYTES; column += PANEL_BYTES)
          product(
            scores,
            visibleBytes,
            visibleBytes,
            values + column,
            WIDTH_BYTES,
            nothing,
            to + column,
            WIDTH_BYTES,
            turns,
          );
      }
    },
  };
}
