import type { Command } from './command.ts';
import { type Argument, globalOptions, groups, type Option } from './definition.ts';

/** The manual page speakr(1) in the man macros (man-pages(7)), printed from the definitions. */
export function manPage(commands: readonly Command[], version: string): string {
  const lines = [
    '.\\" Printed from the command definitions by `npm run gen`; do not edit.',
    `.TH SPEAKR 1 "" "speakr ${version}" "User Commands"`,
    '.SH NAME',
    'speakr \\- record, transcribe and search what was said',
    '.SH SYNOPSIS',
    '.B speakr',
    '[\\fIcommand\\fR] [\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    escaped(
      'Records, transcribes, writes notes and finds what was said. Everything stays on this machine unless a server is configured. Without a command speakr records.',
    ),
    '.SH OPTIONS',
    ...optionLines([
      ...globalOptions,
      { name: 'help', short: 'h', summary: 'Print help' },
      { name: 'version', short: 'V', summary: 'Print the version' },
    ]),
  ];
  for (const group of groups) {
    lines.push(`.SH ${escaped(group.toUpperCase())}`);
    for (const command of commands)
      if (command.definition.group === group) lines.push(...section(command, 'speakr'));
  }
  lines.push(
    '.SH FILES',
    '`speakr config` prints where everything is, and every setting with its source.',
    '.SH EXIT STATUS',
    '0 well; 1 it failed; 2 it was called in a wrong way; 3 part of the audio is missing; 130 interrupted.',
    'All of them, with every error: docs/errors.md.',
  );
  return `${lines.join('\n')}\n`;
}

function section({ definition, subcommands = [] }: Command, parent: string): string[] {
  const path = `${parent} ${definition.name}`;
  const { details, examples = [], options = [] } = definition;
  const words = [...(definition.arguments ?? []).map(shape), ...(options.length > 0 ? ['[options]'] : [])];
  return [
    `.SS ${escaped([path, ...words].join(' '))}`,
    escaped(`${definition.summary}.${details === undefined ? '' : ` ${details}`}`),
    ...(definition.arguments ?? []).flatMap(({ name, summary }) => item(name, summary)),
    ...optionLines(options),
    ...examples.flatMap((example) => ['.PP', '.EX', escaped(example), '.EE']),
    ...subcommands.flatMap((subcommand) => section(subcommand, path)),
  ];
}

function optionLines(options: readonly Option[]): string[] {
  return options
    .filter(({ hidden }) => !hidden)
    .flatMap(({ name, short, value, summary, choices }) => {
      const flag = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
      return item(flag, choices === undefined ? summary : `${summary} (${choices.join(', ')})`);
    });
}

const item = (term: string, text: string) => ['.TP', `\\fB${escaped(term)}\\fR`, escaped(text)];

function shape({ name, optional, repeat }: Argument): string {
  const dots = repeat ? '...' : '';
  return optional ? `[${name}${dots}]` : `<${name}${dots}>`;
}

/** Backslashes, hyphens that shall stay hyphens, and lines that would be requests. */
const escaped = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replace(/[^\x20-\x7e\n]/gu, (sign) => `\\[u${codePoint(sign)}]`);

const codePoint = (sign: string) => (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
