/**
 * Writes the parts of the documentation that follow from the code: docs/cli.md from the command definitions, the table of
 * settings in docs/configuration.md, and that of metrics in docs/operations.md. `--check` only says whether they are up to date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commands } from '../cli/commands.ts';
import { manPage } from '../cli/man-page.ts';
import { referencePage } from '../cli/reference.ts';
import { type Setting, settings } from '../cli/settings.ts';
import { version } from '../cli/version.ts';
import { type MetricDefinition, metricTable } from '../server/observability/metrics.ts';

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
export function replaceBlock(page: string, name: string, content: string): string {
  const begin = `<!-- ${name} -->`;
  const end = `<!-- /${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`The page has no block "${name}".`);
  return `${page.slice(0, from + begin.length)}\n\n${content.trim()}\n\n${page.slice(to)}`;
}

/** Markdown table of the settings of `config.json`. */
export function settingsTable(table: Readonly<Record<string, Setting>>): string {
  const rows = Object.entries(table).map(([name, { env, kind, summary, choices, secret, ...setting }]) => {
    const value = choices === undefined ? kind : choices.map((choice) => `\`${choice}\``).join(' or ');
    const fallback = setting.default === undefined ? '' : `\`${setting.default}\``;
    return `| \`${name}\` | \`${env}\` | ${value} | ${fallback} | ${summary.replaceAll('<', '\\<')}${secret ? '; never shown' : ''} |`;
  });
  return [
    '| name | environment | value | default | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** Markdown table of what `/metrics` has. */
export function metricsTable(table: Readonly<Record<string, MetricDefinition>>): string {
  const rows = Object.entries(table).map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return ['| name | type | labels | what it says |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

if (import.meta.main) {
  const docs = path.join(path.dirname(import.meta.dirname), 'docs');
  const configuration = path.join(docs, 'configuration.md');
  const operations = path.join(docs, 'operations.md');
  const pages = new Map([
    [path.join(docs, 'cli.md'), referencePage(commands)],
    [path.join(docs, 'speakr.1'), manPage(commands, version)],
    [operations, replaceBlock(readFileSync(operations, 'utf8'), 'metrics', metricsTable(metricTable))],
    [configuration, replaceBlock(readFileSync(configuration, 'utf8'), 'settings', settingsTable(settings))],
  ]);
  for (const [file, content] of pages) {
    if (existsSync(file) && readFileSync(file, 'utf8') === content) continue;
    if (process.argv.includes('--check')) {
      process.stderr.write(`docs/${path.basename(file)} is not what the code says; run \`npm run gen\`.\n`);
      process.exitCode = 1;
    } else writeFileSync(file, content);
  }
}
