import path from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/**
 * Links of a page that lead out of docs/, or to a file that is no page, go to the file in the repository.
 * @param repository address of the repository, without a slash at its end
 */
export function linkOutside(markdown: MarkdownRenderer, repository: string): void {
  const render = markdown.renderer.rules.link_open;
  markdown.renderer.rules.link_open = (tokens, index, options, environment, renderer) => {
    const token = tokens[index];
    const href = token?.attrGet('href') ?? '';
    const target = path.posix.join('docs', path.posix.dirname(environment.relativePath ?? ''), href);
    // A folder has no ending.
    const ending = path.posix.extname(target.split('#')[0] ?? '');
    const isPage = target.startsWith('docs/') && (ending === '' || ending === '.md');
    if (!/^([a-z]+:|[/#]|$)/.test(href) && !isPage) {
      const kind = ending === '' ? 'tree' : 'blob';
      token?.attrSet('href', `${repository}/${kind}/main/${target}`);
    }
    return render === undefined
      ? renderer.renderToken(tokens, index, options)
      : render(tokens, index, options, environment, renderer);
  };
}
