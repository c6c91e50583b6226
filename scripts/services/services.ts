/**
 * `npm run services`: PostgreSQL with pgvector, NATS with JetStream and an S3 server for development. Prints where they
 * are, as lines for a shell, and runs until Ctrl-C. Data stay below .cache/services/data.
 */
import { askFor, startServices } from './client.ts';
import type { ServiceName } from './compose.ts';
import { VARIABLES } from './provide.ts';
import { S3_DEVELOPMENT_KEYS } from './s3.ts';

const services = await startServices('development');
const leave = async () => {
  await services.stop();
  process.exit();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void leave());

const names = Object.keys(VARIABLES) as ServiceName[];
await Promise.all(
  names.map(async (name) => {
    const answer = await askFor(services.url, name);
    if ('missing' in answer) {
      process.stderr.write(`There is no ${name}: ${answer.missing}.\n`);
      process.exitCode = 1;
      return;
    }
    process.stdout.write(`export ${VARIABLES[name]}=${answer.url}\n`);
    if (name === 's3' && answer.from !== 'environment')
      process.stdout.write(
        `export AWS_ACCESS_KEY_ID=${S3_DEVELOPMENT_KEYS.accessKeyId}\n` +
          `export AWS_SECRET_ACCESS_KEY=${S3_DEVELOPMENT_KEYS.secretAccessKey}\n`,
      );
  }),
);
if (process.exitCode === 1) await leave();
process.stderr.write('Ctrl-C ends them.\n');
setInterval(() => {}, 2 ** 30);
