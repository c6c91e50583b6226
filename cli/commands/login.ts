import { SpeakrError } from '@speakr/contracts/problem';
import { rememberSetting } from '../config-file.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';

export const definition = define({
  name: 'login',
  summary: 'Log in at a server that you share with others',
  details:
    'Shows an address and a code: open the address in a browser on any machine and confirm the code there. From then on every command works with that server. The login is kept in a file that only you can read, and renewed by itself.',
  group: 'Care',
  options: [jsonOption],
  examples: ['speakr login --server https://speakr.example.org'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'config' | 'backend' | 'clock' | 'io' | 'output'>,
): Promise<void> {
  const { clock, io, output } = context;
  const { values, paths, sources } = context.config();
  if (values.server === undefined)
    throw new SpeakrError('usage', 'Say where.', { hint: 'Run `speakr login --server URL`.' });
  const backend = await context.backend();
  const { address: server, credentials, fetch } = backend.elsewhere!;
  const { findLogin } = await import('../login/issuer.ts');
  const { deviceLogin } = await import('../login/device-login.ts');
  const interrupted = new AbortController();
  const end = () =>
    interrupted.abort(new SpeakrError('interrupted', undefined, { hint: 'Nothing changed.' }));
  io.signals.once('SIGINT', end);
  try {
    const credential = await deviceLogin({
      login: await findLogin(server, fetch),
      fetch,
      clock,
      signal: interrupted.signal,
      onCode({ url, completeUrl, code }) {
        output.talk(`Open ${completeUrl ?? url}`);
        output.talk(`and confirm the code ${output.style('bold', code, 'stderr')}`);
        output.progress('Waiting …');
      },
    });
    credentials.keep(server, credential);
  } finally {
    io.signals.removeListener('SIGINT', end);
    output.progress('');
  }
  if (sources.server !== 'environment') rememberSetting(paths.configFile, 'server', server);
  if (values.token !== undefined) output.talk('SPEAKR_TOKEN or the setting `token` goes before the login.');
  const { user } = await (await backend.api('read')).getIdentity();
  if (options.json) output.json({ server, user });
  else output.talk(`Logged in at ${server} as ${user}.`);
}
