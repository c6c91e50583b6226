/**
 * Which lines of the sources ran inside the bundle. End-to-end tests run dist/ in processes of their own; the test
 * runner leaves it out, because its files are none of those that are measured and their source maps are not followed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** For each source file (absolute path) its lines that have code in the bundle, from 1, and whether they ran. */
export type BundleCoverage = ReadonlyMap<string, ReadonlyMap<number, boolean>>;

interface CoveredFunction {
  /** The whole function first, then the blocks in it whose count differs, outer ones first. */
  readonly ranges: readonly {
    readonly startOffset: number;
    readonly endOffset: number;
    readonly count: number;
  }[];
}

interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/**
 * @param dist the folder of the bundle; other scripts that a process loaded are left out
 * @param directory what processes wrote that ran with `NODE_V8_COVERAGE`; a broken file is of one that was killed
 */
export function readBundleCoverage(dist: string, directory: string): BundleCoverage {
  const ran = new Map<string, Uint8Array>();
  for (const name of readdirSync(directory)) {
    for (const { url, functions } of readScripts(path.join(directory, name))) {
      if (!url.startsWith('file:')) continue;
      const file = fileURLToPath(url);
      if (path.dirname(file) !== dist || !existsSync(`${file}.map`)) continue;
      const length = Math.max(...functions.flatMap(({ ranges }) => ranges.map((range) => range.endOffset)));
      const here = paint(functions, length);
      const before = ran.get(file);
      if (before === undefined) ran.set(file, here);
      else for (let at = 0; at < length; at++) before[at] ||= here[at] ?? 0;
    }
  }
  const coverage = new Map<string, Map<number, boolean>>();
  for (const [file, offsets] of ran) addLines(coverage, file, offsets);
  return coverage;
}

function readScripts(file: string): readonly { url: string; functions: readonly CoveredFunction[] }[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).result;
  } catch {
    return [];
  }
}

/** Whether what stands at each offset ran. Functions come in the order of the source, so inner ones paint over outer. */
function paint(functions: readonly CoveredFunction[], length: number): Uint8Array {
  const ran = new Uint8Array(length);
  for (const { ranges } of functions)
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return ran;
}

function addLines(coverage: Map<string, Map<number, boolean>>, file: string, ran: Uint8Array): void {
  const { sources, mappings } = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMap;
  const paths = sources.map((source) => path.resolve(path.dirname(file), source));
  const starts = lineStarts(readFileSync(file, 'utf8'));
  for (const { generatedLine, generatedColumn, source, line } of decodeMappings(mappings)) {
    const name = paths[source] ?? '';
    const lines = coverage.get(name) ?? new Map<number, boolean>();
    coverage.set(name, lines);
    const offset = (starts[generatedLine] ?? 0) + generatedColumn;
    lines.set(line + 1, lines.get(line + 1) === true || ran[offset] === 1);
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The mappings of a source map (ECMA-426), all counted from 0; those without a source are left out. */
function* decodeMappings(mappings: string) {
  let [source, line] = [0, 0];
  for (const [generatedLine, segments] of mappings.split(';').entries()) {
    let generatedColumn = 0;
    for (const segment of segments.split(',')) {
      const [columns = 0, sources, lines = 0] = decodeNumbers(segment);
      generatedColumn += columns;
      if (sources === undefined) continue;
      source += sources;
      line += lines;
      yield { generatedLine, generatedColumn, source, line };
    }
  }
}

/** Base 64 VLQ: five bits a digit, lowest first, the sixth says that more follow; the sign is the lowest bit of all. */
function decodeNumbers(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
