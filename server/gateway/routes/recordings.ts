import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { Store } from '../../store/store.ts';
import type { Handlers } from '../handler.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { OpenReadable } from '../readable.ts';
import type { GatewayServices } from '../services.ts';
import type { LiveSessions } from '../stream/live-sessions.ts';
import { demandVersion, recordingVersion } from '../versions.ts';

export interface RecordingRoutesOptions {
  readonly store: Store;
  readonly readable: OpenReadable;
  readonly lifecycle: Lifecycle;
  readonly liveSessions: LiveSessions;
  readonly services: Pick<GatewayServices, 'writeNotes'>;
}

/** Names after a change; an empty one takes a name back. */
function renameSpeakers(before: Recording['speakers'], names: Record<string, string>) {
  const all = Object.entries({ ...before, ...names }).map(([label, name]) => [label, name.trim()] as const);
  return Object.fromEntries(all.filter(([, name]) => name !== ''));
}

const listOf = (value: string | string[] | undefined) => (value === undefined ? undefined : [value].flat());

export function recordingRoutes({
  store,
  readable,
  lifecycle,
  liveSessions,
  services,
}: RecordingRoutesOptions): Handlers<
  | 'listRecordings'
  | 'importRecording'
  | 'getRecording'
  | 'updateRecording'
  | 'deleteRecording'
  | 'restoreRecording'
  | 'commandRecording'
> {
  const resolve = (owner: string, reference: string) =>
    store.read(owner, (own) => own.resolveRecording(reference));

  return {
    async listRecordings({ owner, query }) {
      const { limit = 50, cancelled, tag, ...filter } = query;
      const page = await store.read(owner, (own) =>
        own.listRecordings({ ...filter, limit, tags: listOf(tag), cancelled: cancelled === 'true' }),
      );
      return {
        ...page,
        recordings: await Promise.all(
          page.recordings.map((recording) => lifecycle.withProgress(owner, recording)),
        ),
      };
    },

    importRecording: ({ owner, body }) => lifecycle.importRecording(owner, body),

    getRecording: async ({ owner, params }) =>
      readable(owner, params.recording, async (found) => found).then((found) =>
        lifecycle.withProgress(found.owner, found.recording),
      ),

    async updateRecording({ owner, params, body, ifMatch }) {
      const { speakers: names, ...rest } = body;
      const { recording, hasNotes } = await store.transaction(owner, async (own) => {
        const before = await own.resolveRecording(params.recording);
        demandVersion(ifMatch, recordingVersion(before));
        const { id, speakers } = before;
        const title = body.title === undefined ? {} : { titleSource: 'user' as const };
        const renamed = names === undefined ? {} : { speakers: renameSpeakers(speakers, names) };
        const recording = await own.updateRecording(id, { ...rest, ...title, ...renamed });
        return { recording, hasNotes: names !== undefined && (await own.getNotes(id)) !== undefined };
      });
      // Everything else looks names up when it is read; notes have them in their text.
      if (!hasNotes) return recording;
      await services.writeNotes(owner, recording.id, {});
      return resolve(owner, recording.id);
    },

    async deleteRecording({ owner, params, ifMatch }) {
      await store.transaction(owner, async (own) => {
        const recording = await own.resolveRecording(params.recording);
        demandVersion(ifMatch, recordingVersion(recording));
        const { id, state } = recording;
        if (state === 'recording') throw new SpeakrError('recording_running');
        await own.deleteRecording(id);
      });
      return undefined;
    },

    async restoreRecording({ owner, params }) {
      const { id } = await resolve(owner, params.recording);
      return lifecycle.restore(owner, id);
    },

    async commandRecording({ owner, params, body }) {
      const recording = await resolve(owner, params.recording);
      if (recording.state !== 'recording')
        throw new SpeakrError('nothing_running', 'It is not running any more.');
      if (body.command === 'note' && !body.text) throw new SpeakrError('invalid_request', 'text: missing');
      if (!(await liveSessions.command(owner, recording.id, body))) {
        // Its client is gone: what arrived is all there is for now.
        const { durationMs } = await lifecycle.withProgress(owner, recording);
        if (body.command === 'stop') await lifecycle.finish(owner, recording.id);
        else if (body.command === 'cancel') await lifecycle.cancel(owner, recording.id);
        else
          await lifecycle.addMoment(owner, recording.id, {
            atMs: durationMs,
            kind: 'note',
            text: body.text ?? '',
          });
      }
      return lifecycle.withProgress(owner, await resolve(owner, recording.id));
    },
  };
}
