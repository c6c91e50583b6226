import { SpeakrError } from '@speakr/contracts/problem';
import { rememberSetting } from '../config-file.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';

export const definition = define({
  name: 'logout',
  summary: 'Log out, and use the server of this machine again',
  group: 'Care',
  options: [jsonOption],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'config' | 'backend' | 'output'>,
): Promise<void> {
  const { output } = context;
  const { paths, sources, values } = context.config();
  const { elsewhere } = await context.backend();
  const credential = elsewhere?.credentials.find(elsewhere.address);
  if (elsewhere === undefined || credential === undefined)
    throw new SpeakrError('usage', 'You are not logged in.', { hint: 'Nothing has to be done.' });
  const { address: server, credentials, fetch } = elsewhere;
  const { revoke } = await import('../login/access-token.ts');
  const revoked = await revoke(credential, fetch);
  credentials.keep(server, undefined);
  if (sources.server === 'file') rememberSetting(paths.configFile, 'server', undefined);
  if (options.json) return output.json({ server, revoked });
  output.talk(`Logged out from ${server}.`);
  if (!revoked) output.talk(`${credential.issuer} could not be told; its login may go on elsewhere.`);
  if (sources.server === 'environment') output.talk('SPEAKR_SERVER still names that server.');
  if (values.token !== undefined) output.talk('SPEAKR_TOKEN or the setting `token` is still there.');
}
