/**
 * `npm run test:site`: the documentation site as readers have it, after `npm run docs`: no link that leads nowhere, three
 * pages in a real browser, light and dark, wide and narrow, by keyboard; the example for browsers with a microphone; and
 * with `--lighthouse` its scores. Pictures of the pages go to .cache/site-pictures.
 */
import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, startChromium } from './chromium.ts';
import { deadLinks } from './dead-links.ts';
import { lighthouseScores } from './lighthouse.ts';
import { serveFolder } from './static-server.ts';
import { tryBrowserExample } from './try-browser-example.ts';

const PAGES = ['', 'installation', 'cli'] as const;
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } } as const;
/** Of each category, on each page. */
const LEAST_SCORE = 95;

const root = path.dirname(path.dirname(import.meta.dirname));
const site = path.join(root, 'site', 'dist');
const pictures = path.join(root, '.cache', 'site-pictures');
const { values } = parseArgs({ options: { lighthouse: { type: 'boolean', default: false } } });
const done = (text: string) => process.stdout.write(`✔ ${text}\n`);

mkdirSync(pictures, { recursive: true });
const files = globSync('**/*.html', { cwd: site });
assert.ok(files.length > 20, 'the site is built: npm run docs');
assert.deepEqual(
  deadLinks(new Map(files.map((file) => [file, readFileSync(path.join(site, file), 'utf8')])), site),
  [],
);
done(`${files.length} pages, and every link leads somewhere`);

await using server = await serveFolder(site);
{
  await using browser = await startChromium();
  for (const page of PAGES) await lookAt(browser, page);
  done('three pages: light and dark, wide and narrow, without errors');
  await byKeyboard(browser);
  done('search and navigation by keyboard');
}
await tryBrowserExample(root);
done('the example for browsers: captions of what its microphone hears');
if (values.lighthouse)
  for (const page of PAGES) {
    const scores = await lighthouseScores(`${server.url}/${page}`);
    const text = Object.entries(scores).map(([category, score]) => `${category} ${score}`);
    for (const [category, score] of Object.entries(scores))
      assert.ok(score >= LEAST_SCORE, `/${page}: ${category} ${score}`);
    done(`/${page}: ${text.join(', ')}`);
  }

async function lookAt(browser: Browser, name: string): Promise<void> {
  const page = await browser.open(`${server.url}/${name}`, SIZES.wide);
  const colours: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await page.prefer(scheme);
    await page.goTo(`${server.url}/${name}`);
    await page.until('document.fonts.status === "loaded" && document.querySelector("main h1")');
    colours.push(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'));
    for (const [width, size] of Object.entries(SIZES)) {
      await page.resize(size);
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.equal(overflow, 0, `/${name} is as wide as a ${width} window`);
      const broken = await page.evaluate<string[]>(
        '[...document.images].filter((image) => image.complete && image.naturalWidth === 0).map((image) => image.src)',
      );
      assert.deepEqual(broken, []);
      await page.until('document.getAnimations().every(({ playState }) => playState !== "running")');
      const picture = await page.picture();
      // A page with nothing on it is a few kilobytes.
      assert.ok(picture.length > 15_000, `/${name} shows something`);
      writeFileSync(path.join(pictures, `${name || 'index'}-${scheme}-${width}.png`), picture);
    }
    await page.resize(SIZES.wide);
  }
  assert.notEqual(colours[0], colours[1], 'dark is another background');
  assert.deepEqual(page.errors, []);
}

async function byKeyboard(browser: Browser): Promise<void> {
  const page = await browser.open(`${server.url}/installation`, SIZES.wide);
  await page.until('document.querySelector("#app").__vue_app__');
  await page.press('Tab');
  assert.match(await page.evaluate<string>('document.activeElement.textContent'), /Skip to content/);
  await page.press('k', { control: true });
  await page.until('document.querySelector("#localsearch-input") === document.activeElement');
  await page.type('dead letters');
  await page.until('document.querySelectorAll("#localsearch-list a").length > 0');
  await page.press('Enter');
  await page.until('/dead.letters/i.test(document.querySelector("main").textContent)');
  assert.deepEqual(page.errors, []);
}
