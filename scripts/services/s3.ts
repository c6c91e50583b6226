import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { goInstall, installOnce } from './install.ts';
import { freePort } from './port.ts';
import { type RunningProgram, runProgram } from './program.ts';

/** A gateway from S3 to plain files, Apache-2.0. */
const PROGRAM = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
/** Of a server that only this machine reaches. */
export const S3_DEVELOPMENT_KEYS = { accessKeyId: 'speakr', secretAccessKey: 'speakr-development' } as const;

export interface S3Server extends RunningProgram {
  readonly url: string;
}

export interface S3Options {
  /** Folder of all programs. */
  readonly programs: string;
  /** For data, log and pid; kept data are used again. */
  readonly directory: string;
  readonly port?: number;
}

/** The folder of the S3 server, which is built when it is not there. @param programs folder of all programs */
export const installVersityGateway = (programs: string) =>
  installOnce({
    directory: programs,
    name: 'versitygw-1.8.0',
    fill: (folder) => goInstall(PROGRAM, folder),
  });

/**
 * An S3 server on a loopback port, built by Go.
 * @throws Error in words for the person at the keyboard
 */
export async function startS3({ programs, directory, port: preferred }: S3Options): Promise<S3Server> {
  const command = path.join(await installVersityGateway(programs), 'versitygw');
  const port = await freePort(preferred);
  // It insists on absolute folders of which none holds another.
  const [data, versions] = ['s3', 's3-versions'].map((name) => path.resolve(directory, name)) as [
    string,
    string,
  ];
  for (const folder of [data, versions]) mkdirSync(folder, { recursive: true });
  const url = `http://127.0.0.1:${port}`;
  const program = await runProgram(
    {
      name: 's3',
      command,
      args: ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--versioning-dir', versions, data],
      env: {
        ROOT_ACCESS_KEY: S3_DEVELOPMENT_KEYS.accessKeyId,
        ROOT_SECRET_KEY: S3_DEVELOPMENT_KEYS.secretAccessKey,
      },
      quitSignal: 'SIGTERM',
      // It refuses strangers, but it answers. An answer that nobody reads ends this process, when its connection is
      // closed: nodejs/undici#5360.
      ready: () =>
        fetch(url).then(
          async (answer) => {
            await answer.arrayBuffer();
            return true;
          },
          () => false,
        ),
    },
    directory,
  );
  return Object.assign(program, { url });
}
