import { SpeakrError } from '@speakr/contracts/problem';
import { allPages } from '../all-pages.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { dateTime } from '../time-format.ts';

export const definition = define({
  name: 'share',
  summary: 'Let another user of your server read a recording, or see who may',
  group: 'Change',
  arguments: [
    { name: 'recording', summary: 'Id, its last characters, or "last"' },
    { name: 'user', optional: true, summary: 'Who may read it; without one, those who may are listed' },
  ],
  options: [
    { name: 'revoke', summary: 'Take it back from this user, at once' },
    { name: 'trail', summary: 'Show who shared and read it, and when' },
    jsonOption,
  ],
  examples: ['speakr share last ada', 'speakr share last ada --revoke', 'speakr list --shared'],
});

const actions = {
  'recording.shared': 'shared with',
  'recording.unshared': 'taken back from',
  'recording.read': 'read',
  'transcript.read': 'read the transcript',
  'notes.read': 'read the notes',
  'audio.read': 'heard the audio',
  'document.read': 'exported it',
  'search.hit': 'found it in a search',
  'actions.read': 'read the action items',
  'captions.read': 'read the captions',
  'key.created': 'made key',
  'key.revoked': 'revoked key',
  'account.exported': 'exported everything',
  'account.erased': 'erased an account',
  'recording.expired': 'deleted it by retention',
  'policy.changed': 'changed what holds for it',
  'model.registered': 'registered a model',
  'model.removed': 'removed a model',
  'model.evaluated': 'evaluated a model',
  'model.promoted': 'promoted a model',
  'model.rolled_back': 'took a model back',
  'dead_letters.replayed': 'replayed messages',
} as const;

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output'>,
): Promise<void> {
  const { output } = context;
  const { user } = options;
  if (user === undefined && options.revoke)
    throw new SpeakrError('usage', 'Say from whom: `speakr share RECORDING USER --revoke`.');
  const api = await context.api(user === undefined ? 'read' : 'write');
  const params = { recording: options.recording };

  if (options.trail) {
    const entries = await allPages(
      (query) => api.getAuditTrail({ params, query }),
      (page) => page.entries,
    );
    if (options.json) output.json({ entries });
    else
      output.table(
        [{ heading: 'when' }, { heading: 'who' }, { heading: 'what' }],
        entries.map(({ at, actor, action, reader }) => [
          dateTime(at),
          actor,
          [actions[action], reader].filter(Boolean).join(' '),
        ]),
      );
    return;
  }
  if (user === undefined) {
    const shares = await allPages(
      (query) => api.listShares({ params, query }),
      (page) => page.shares,
    );
    if (options.json) output.json({ shares });
    else if (shares.length === 0 && output.tty) output.talk('Nobody else may read it.');
    else
      output.table(
        [{ heading: 'user' }, { heading: 'since' }],
        shares.map(({ reader, sharedAt }) => [reader, dateTime(sharedAt)]),
      );
    return;
  }
  if (options.revoke) {
    await api.unshareRecording({ params: { ...params, user } });
    output.talk(`${user} may no longer read it.`);
    return;
  }
  const { profile } = await api.getStatus();
  if (profile === 'embedded')
    throw new SpeakrError('usage', 'This server is yours alone: there is nobody to share with.', {
      hint: 'Sharing works on a server that several people use.',
    });
  const share = await api.shareRecording({ params: { ...params, user } });
  if (options.json) output.json(share);
  else
    output.talk(`${user} may read it now. \`speakr share ${options.recording} ${user} --revoke\` ends that.`);
}
