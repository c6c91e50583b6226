import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Links, pictures and scripts of built pages that lead nowhere inside the site, one line each.
 * @param pages path in the site → HTML
 * @param site folder of everything that is served
 */
export function deadLinks(pages: ReadonlyMap<string, string>, site: string): string[] {
  const anchors = new Map(
    [...pages].map(([file, html]) => [
      file,
      new Set([...html.matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id]) => id)),
    ]),
  );
  const problems: string[] = [];
  for (const [file, html] of pages)
    for (const [, link = ''] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^[a-z]+:|^\/\//.test(link)) continue;
      const { pathname, hash } = new URL(link.replaceAll('&amp;', '&'), `http://site/${file}`);
      const wanted = decodeURIComponent(pathname).replace(/^\//, '');
      const target = [wanted, `${wanted}.html`, path.posix.join(wanted, 'index.html')].find(
        (each) => pages.has(each) || (path.extname(each) !== '' && existsSync(path.join(site, each))),
      );
      if (target === undefined) problems.push(`${file}: ${link} leads nowhere`);
      else if (
        hash !== '' &&
        pages.has(target) &&
        !anchors.get(target)?.has(decodeURIComponent(hash.slice(1)))
      )
        problems.push(`${file}: ${link} leads to a heading that is not there`);
    }
  return problems;
}
