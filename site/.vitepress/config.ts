import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitepress';
import { linkOutside } from './outside-links.ts';

/** The site shows docs/, copied to pages/; what the pages link to outside of it is in the repository. */
const docs = path.join(import.meta.dirname, '..', '..', 'docs');
const repository = process.env.SPEAKR_REPOSITORY_URL ?? 'https://github.com/OWNER/speakr';

const base = process.env.SPEAKR_SITE_BASE ?? '/';

const headingOf = (file: string) => /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? path.basename(file);

/** A link of the side bar, with the page's own heading. */
const page = (name: string) => ({ text: headingOf(path.join(docs, `${name}.md`)), link: `/${name}` });

const decisions = readdirSync(path.join(docs, 'adr'))
  .filter((name) => name.endsWith('.md'))
  .sort()
  .map((name) => page(`adr/${name.replace(/\.md$/, '')}`));

const chosen = {
  'Getting started': ['installation', 'tour', 'recording', 'templates', 'vocabulary'],
  'For a team': ['compose', 'hosted', 'operations', 'admin', 'models'],
  Reference: ['cli', 'configuration', 'http-api', 'live-socket', 'contracts', 'errors', 'examples'],
  'Trust it': ['security', 'privacy', 'reliability', 'benchmarks'],
};
const elsewhere = new Set(['index', ...Object.values(chosen).flat()]);
const others = readdirSync(docs)
  .filter((name) => name.endsWith('.md') && !elsewhere.has(name.replace(/\.md$/, '')))
  .map((name) => name.replace(/\.md$/, ''));

export default defineConfig({
  title: 'speakr',
  description:
    'Record what is said, read it while it is spoken, find it later. From the terminal, on your machine.',
  lang: 'en',
  srcDir: 'pages',
  outDir: path.join(import.meta.dirname, '..', 'dist'),
  cacheDir: path.join(import.meta.dirname, '..', '.cache'),
  base,
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}favicon.svg` }]],
  cleanUrls: true,
  lastUpdated: false,
  markdown: { config: (markdown) => linkOutside(markdown, repository) },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Install', link: '/installation' },
      { text: 'Commands', link: '/cli' },
      { text: 'Source', link: repository },
    ],
    sidebar: [
      ...Object.entries(chosen).map(([text, names]) => ({ text, items: names.map(page) })),
      ...(others.length > 0 ? [{ text: 'More', items: others.map(page) }] : []),
      { text: 'Decisions', collapsed: true, items: decisions },
    ],
    footer: { message: 'Apache-2.0' },
  },
});
