import type { BenchRun, Spread } from '@speakr/contracts/bench-run';
import type { Output } from '../output.ts';
import { byteSize, clockTime } from '../time-format.ts';

interface Row {
  readonly name: string;
  value(run: BenchRun): string | null | undefined;
  /** The figure whose change is shown. */
  compared?(run: BenchRun): number | null | undefined;
}

const percent = (value: number | null | undefined) =>
  value === null || value === undefined ? undefined : `${(100 * value).toFixed(1)} %`;
const seconds = (spread: Spread | null | undefined) =>
  spread ? `${(spread.p50 / 1000).toFixed(2)} / ${(spread.p95 / 1000).toFixed(2)} s` : undefined;
const plain = (value: number | null | undefined, digits: number) => value?.toFixed(digits);

const rows: readonly Row[] = [
  { name: 'files', value: ({ files }) => files && `${files.clips}, ${clockTime(files.audioMs)}` },
  {
    name: 'word error rate',
    value: ({ files }) => percent(files?.wordErrorRate),
    compared: ({ files }) => files?.wordErrorRate,
  },
  {
    name: '  replaced / left out / put in',
    value: ({ files }) => files && `${files.substitutions} / ${files.deletions} / ${files.insertions}`,
  },
  {
    name: 'real-time factor',
    value: ({ files }) => plain(files?.realTimeFactor, 3),
    compared: ({ files }) => files?.realTimeFactor,
  },
  {
    name: 'processor s per s of audio',
    value: ({ files }) => plain(files?.cpuPerSecond, 3),
    compared: ({ files }) => files?.cpuPerSecond,
  },
  {
    name: 'memory of the server',
    value: ({ files }) => (files?.memoryBytes ? byteSize(files.memoryBytes) : undefined),
    compared: ({ files }) => files?.memoryBytes,
  },
  { name: 'played live', value: ({ live }) => live && `${live.clips}, ${clockTime(live.audioMs)}` },
  {
    name: 'word error rate, live',
    value: ({ live }) => percent(live?.wordErrorRate),
    compared: ({ live }) => live?.wordErrorRate,
  },
  {
    name: 'the same, as it is kept',
    value: ({ live }) => percent(live?.keptWordErrorRate),
    compared: ({ live }) => live?.keptWordErrorRate,
  },
  ...(
    [
      ['word end → shown', 'firstDisplayMs'],
      ['word end → stable', 'stabilisationMs'],
      ['phrase end → final', 'finalisationMs'],
      ['phrase start → first word', 'firstTextMs'],
      ['stop → last final', 'stopToFinalMs'],
      ['stop → notes', 'stopToNotesMs'],
    ] as const
  ).map(
    ([name, key]): Row => ({
      name: `${name}, p50 / p95`,
      value: ({ live }) => seconds(live?.[key]),
      compared: ({ live }) => live?.[key]?.p95,
    }),
  ),
  {
    name: 'flicker, revised per final word',
    value: ({ live }) => plain(live?.flicker, 2),
    compared: ({ live }) => live?.flicker,
  },
  { name: 'phrases missed', value: ({ live }) => live?.missedPhrases.toString() },
  {
    name: 'processor s per s, live',
    value: ({ live }) => plain(live?.cpuPerSecond, 3),
    compared: ({ live }) => live?.cpuPerSecond,
  },
  {
    name: 'streams at once',
    value: ({ streams }) => streams && `${streams.most} (${streams.perCore} a core)`,
    compared: ({ streams }) => streams?.most,
  },
  { name: 'files that failed', value: ({ failed }) => (failed.length > 0 ? `${failed.length}` : undefined) },
];

/**
 * Runs side by side; of two, how the second compares with the first.
 * @param columns of the terminal; where the table is wider, each figure has a line of its own below its name
 */
export function showRuns(runs: readonly BenchRun[], output: Output, columns = 80): void {
  const body = rows.flatMap((row) => {
    const values = runs.map((run) => row.value(run) ?? '–');
    if (values.every((value) => value === '–')) return [];
    return [[row.name, ...values, ...(runs.length === 2 ? [change(row, runs)] : [])]];
  });
  const several = runs.length > 1;
  const headings = ['', ...runs.map((_, index) => (several ? `${index + 1}` : ''))];
  if (runs.length === 2) headings.push('change');
  if (output.tty)
    for (const [index, { engine }] of runs.entries())
      output.line(output.style('bold', several ? `${index + 1}  ${engine}` : engine));
  const widths = headings.map((heading, at) =>
    Math.max(heading.length, ...body.map((cells) => (cells[at] ?? '').length)),
  );
  if (output.tty && widths.reduce((sum, width) => sum + width + 2, -2) > columns)
    for (const [name = '', ...values] of body) {
      output.line(output.style('dim', name));
      output.line(`  ${values.filter((value) => value !== '').join('   ')}`);
    }
  else
    output.table(
      headings.map((heading, index) => (index === 0 ? { heading } : { heading, right: true })),
      body,
    );
}

function change(row: Row, [first, second]: readonly BenchRun[]): string {
  const [before, after] = [first && row.compared?.(first), second && row.compared?.(second)];
  if (!before || after === null || after === undefined) return '';
  const part = (100 * (after - before)) / Math.abs(before);
  const sign = part > 0 ? '+' : part < 0 ? '−' : '±';
  return `${sign}${Math.abs(part).toFixed(0)} %`;
}
