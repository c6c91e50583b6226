import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

/** Serves a folder on the loopback interface, as the place where a release is downloaded from. */
export interface DownloadServer extends AsyncDisposable {
  readonly url: string;
}

export interface DownloadServerOptions {
  /** Changes the bytes of a file on their way. */
  readonly tamper?: { readonly name: string; readonly with: Buffer };
  /** Serves what is in folders below, too. */
  readonly deep?: boolean;
  /** Ends the connection in the middle of this file. */
  readonly cutOff?: string;
  /** Takes forever over this file, and says when somebody has begun to wait for it. */
  readonly stall?: { readonly name: string; readonly onWaiting: () => void };
}

export async function startDownloadServer(
  folder: string,
  { tamper, cutOff, deep = false, stall }: DownloadServerOptions = {},
): Promise<DownloadServer> {
  const server = createServer((request, response) => {
    const wanted = path.posix.normalize(`/${request.url}`);
    const name = deep ? wanted : path.basename(wanted);
    const file = path.join(folder, name);
    if (name === tamper?.name) return response.end(tamper.with);
    if (!existsSync(file)) return response.writeHead(404).end();
    const { size } = statSync(file);
    response.writeHead(200, { 'content-length': size });
    if (name === stall?.name) {
      response.write('…');
      return stall.onWaiting();
    }
    if (name !== cutOff) return createReadStream(file).pipe(response);
    return createReadStream(file, { end: Math.floor(size / 2) })
      .on('end', () => response.destroy())
      .pipe(response, { end: false });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
