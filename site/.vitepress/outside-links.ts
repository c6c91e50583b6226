import path from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/**
 * Links of a page that lead out of docs/ go to the file in the repository.
 * @param repository address of the repository, without a slash at its end
 */
export function linkOutside(markdown: MarkdownRenderer, repository: string): void {
  const render = markdown.renderer.rules.link_open;
  markdown.renderer.rules.link_open = (tokens, index, options, environment, renderer) => {
    const token = tokens[index];
    const href = token?.attrGet('href') ?? '';
    const target = path.posix.join('docs', path.posix.dirname(environment.relativePath ?? ''), href);
    if (/^\.\.?\//.test(href) && !target.startsWith('docs/')) {
      // A folder has no ending.
      const kind = path.posix.extname(target.split('#')[0] ?? '') === '' ? 'tree' : 'blob';
      token?.attrSet('href', `${repository}/${kind}/main/${target}`);
    }
    return render === undefined
      ? renderer.renderToken(tokens, index, options)
      : render(tokens, index, options, environment, renderer);
  };
}
