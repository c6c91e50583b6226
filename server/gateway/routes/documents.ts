import { Readable } from 'node:stream';
import { exportTypes } from '@speakr/contracts/api';
import { SpeakrError } from '@speakr/contracts/problem';
import { withSpeakerNames } from '@speakr/contracts/speakers';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import { exporters } from '../export/exporters.ts';
import type { Handlers } from '../handler.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { OpenReadable } from '../readable.ts';
import type { GatewayServices } from '../services.ts';
import { wavFileFrom, wavHeader } from '../wav.ts';

export interface DocumentRoutesOptions {
  readonly readable: OpenReadable;
  readonly lifecycle: Lifecycle;
  readonly services: Pick<GatewayServices, 'openAudio'>;
}

const toSamples = (ms: number) => Math.round((ms * SAMPLE_RATE) / 1000);

/** What leaves as a file: exports and audio. */
export function documentRoutes({
  readable,
  lifecycle,
  services,
}: DocumentRoutesOptions): Handlers<'exportRecording' | 'getAudio'> {
  return {
    async exportRecording({ owner, params, query }) {
      const exported = await readable(
        owner,
        params.recording,
        async (found) => {
          const { recording } = found;
          const heard = await found.getTranscript();
          const transcript = heard && { ...heard, segments: withSpeakerNames(heard.segments, recording) };
          return { owner: found.owner, recording, transcript, notes: await found.getNotes() };
        },
        'document.read',
      );
      const recording = await lifecycle.withProgress(exported.owner, exported.recording);
      const filename = `speakr-${recording.id.slice(-6)}.${query.format}`;
      return {
        type: exportTypes[query.format],
        filename,
        content: exporters[query.format]({ ...exported, recording }),
      };
    },

    async getAudio({ owner, params, query, signal }) {
      const found = await readable(owner, params.recording, async (each) => each, 'audio.read');
      const { id, tracks } = await lifecycle.withProgress(found.owner, found.recording);
      const track = tracks.find((candidate) => candidate.track === (query.track ?? tracks[0]?.track));
      if (track === undefined) throw new SpeakrError('not_found', 'The recording has no such track.');
      const from = Math.min(toSamples(query.fromMs ?? 0), track.samples);
      const to = Math.min(query.toMs === undefined ? track.samples : toSamples(query.toMs), track.samples);
      const samples = Math.max(0, to - from);
      const open = (sample: number) =>
        services.openAudio(found.owner, id, track.track, from + sample, signal);
      return {
        type: 'audio/wav',
        bytes: wavHeader(samples).length + samples * 2,
        content: (byte: number) => Readable.from(wavFileFrom(byte, samples, open), { objectMode: false }),
      };
    },
  };
}
