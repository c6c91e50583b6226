/**
 * Checks that the documentation is about what is there: relative links lead to files, and named scripts
 * (`npm run x`) exist. What the docs say of commands, error codes and exit codes is checked by the tests beside them.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const LINK = /\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g;
const SCRIPT = /npm run ([\w:-]+)/g;

/** Headings of a Markdown text as the anchors that GitHub gives them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutFences(markdown).matchAll(/^#{1,6}\s+(.+)$/gm))
    anchors.add(
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    );
  for (const [, id = ''] of markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/** What is wrong in one Markdown file, one line each. */
export function checkDocument(file: string, markdown: string, scripts: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  for (const [, link = ''] of withoutCode(markdown).matchAll(LINK)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [target = '', anchor] = link.split('#');
    const destination = target === '' ? file : path.join(path.dirname(file), decodeURIComponent(target));
    if (!existsSync(destination)) problems.push(`the link ${link} leads nowhere`);
    else if (anchor !== undefined && destination.endsWith('.md')) {
      const text = target === '' ? markdown : readFileSync(destination, 'utf8');
      if (!anchorsOf(text).has(anchor))
        problems.push(`the link ${link} leads to a heading that is not there`);
    }
  }
  for (const [, script = ''] of markdown.matchAll(SCRIPT))
    if (!scripts.has(script)) problems.push(`npm run ${script} does not exist`);
  return problems;
}

const withoutFences = (markdown: string) => markdown.replace(/^```[\s\S]*?^```/gm, '');
const withoutCode = (markdown: string) => withoutFences(markdown).replace(/`[^`\n]*`/g, 'code');

if (import.meta.main) {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const scripts = new Set(
    Object.keys(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).scripts),
  );
  const documents = globSync('{*.md,{docs,contracts,server,cli,client,e2e,bench,samples}/**/*.md}', {
    cwd: root,
    exclude: ['**/node_modules/**'],
  });
  for (const document of documents) {
    const file = path.join(root, document);
    for (const problem of checkDocument(file, readFileSync(file, 'utf8'), scripts)) {
      process.stderr.write(`${document}: ${problem}.\n`);
      process.exitCode = 1;
    }
  }
}
