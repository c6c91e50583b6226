import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';

export const definition = define({
  name: 'whoami',
  summary: 'Show who you are for the server, and what you may do there',
  details: 'Others share recordings with you by the name that stands here.',
  group: 'Care',
  options: [jsonOption],
});

const methods = {
  token: 'by its token',
  login: 'by login',
  key: 'by an API key',
  header: 'by the header X-User-ID',
} as const;

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'config' | 'output'>,
): Promise<void> {
  const { output } = context;
  const server = context.config().values.server;
  const identity = await (await context.api('read')).getIdentity();
  if (options.json) return output.json({ ...identity, server: server ?? null });
  output.line(identity.user);
  output.talk(
    `At ${server ?? 'the server of this machine'}, ${methods[identity.method]}; may ${identity.scopes.join(', ')}${(identity.roles ?? []).map((role) => `; has the role ${role}`).join('')}.`,
  );
}
