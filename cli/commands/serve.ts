import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, type OptionsOf } from '../definition.ts';

export const definition = define({
  name: 'serve',
  summary: 'Run the server of this machine in the foreground',
  details:
    'Other commands start it by themselves when they need it. It listens on this machine only; the token is printed once.',
  group: 'Care',
  options: [
    { name: 'port', value: 'PORT', number: true, summary: 'Port to listen on; a free one when absent' },
    { name: 'background', hidden: true, summary: 'End when there is nothing to do' },
  ],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'backend' | 'io' | 'output'>,
): Promise<void> {
  const { io, output } = context;
  if (options.port !== undefined && options.port > 65_535)
    throw new SpeakrError('usage', '--port must be below 65536.');
  const abort = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const end = () => abort.abort();
  for (const name of names) io.signals.once(name, end);
  try {
    await (await context.backend()).serve({
      ...(options.port === undefined ? {} : { port: options.port }),
      mode: options.background ? 'background' : 'foreground',
      signal: abort.signal,
      onReady: ({ url, token }) => {
        output.line(url === undefined ? 'ready' : `url    ${url}`);
        if (token !== undefined) output.line(`token  ${token}`);
        output.talk('Ctrl-C ends it.');
      },
    });
  } finally {
    for (const name of names) io.signals.removeListener(name, end);
  }
}
