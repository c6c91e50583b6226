import type { DoctorReport } from '@speakr/contracts/cli-json';
import { type ExitCode, SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { checkNames, examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Style } from '../output.ts';

export const definition = define({
  name: 'doctor',
  summary: 'Check microphone, ffmpeg, models, disk, permissions, server and clipboard',
  details:
    'Records two seconds to see how loud the microphone is, and keeps nothing of it. Starts the server of this machine. Ends with 1 when something does not work.',
  group: 'Care',
  options: [
    { name: 'device', value: 'NAME', summary: 'Microphone to listen to' },
    {
      name: 'skip',
      value: 'CHECK',
      repeat: true,
      summary: `Leave out a check; may be repeated (${checkNames.join(', ')})`,
    },
    jsonOption,
  ],
  examples: ['speakr doctor', 'speakr doctor --skip microphone --json'],
});

const marks: Record<Finding['state'], readonly [string, Style]> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  problem: ['✗', 'red'],
};

export async function run(options: OptionsOf<typeof definition>, context: Context): Promise<ExitCode> {
  const { output } = context;
  const skip = (options.skip ?? []).flatMap((list) => list.split(','));
  const unknown = skip.find((name) => !checkNames.some((known) => known === name));
  if (unknown !== undefined)
    throw new SpeakrError('usage', `There is no check ${unknown}.`, {
      hint: `Checks are: ${checkNames.join(', ')}.`,
    });
  const patient = { ...context, ...(options.device === undefined ? {} : { device: options.device }) };
  const checks: Finding[] = [];
  for await (const finding of examine(patient, skip)) {
    checks.push(finding);
    if (options.json) continue;
    const [mark, style] = marks[finding.state];
    output.line(`${output.style(style, mark)} ${finding.name}: ${finding.detail}`);
    if (finding.fix !== undefined) output.line(`  → ${finding.fix}`);
  }
  const problems = checks.filter(({ state }) => state === 'problem').length;
  if (options.json) output.json({ ok: problems === 0, checks } satisfies DoctorReport);
  else if (problems === 0) output.talk('speakr is ready.');
  return problems === 0 ? 0 : 1;
}
