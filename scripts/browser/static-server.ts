import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createGzip } from 'node:zlib';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

export interface StaticServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves a folder on loopback as a host of static pages does: compressed, `/page` is `page.html`, what is missing is 404.html. */
export async function serveFolder(folder: string): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const wanted = path.join(folder, decodeURIComponent(pathname));
    const file = [wanted, `${wanted}.html`, path.join(wanted, 'index.html')].find(
      (each) => each.startsWith(folder) && existsSync(each) && statSync(each).isFile(),
    );
    const shown = file ?? path.join(folder, '404.html');
    if (!existsSync(shown)) return response.writeHead(404).end();
    const type = TYPES[path.extname(shown)] ?? 'application/octet-stream';
    const small = /^(text|application\/json|image\/svg)/.test(type);
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': type,
      'cache-control': pathname.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
      ...(small ? { 'content-encoding': 'gzip' } : {}),
    });
    if (small) createReadStream(shown).pipe(createGzip()).pipe(response);
    else createReadStream(shown).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
