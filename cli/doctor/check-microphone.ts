import { startCapture } from '../recorder/capture.ts';
import { microphoneArguments } from '../recorder/capture-arguments.ts';
import { microphoneError } from '../recorder/capture-error.ts';
import { testLevel } from '../recorder/level-test.ts';
import { resolveMicrophone } from '../recorder/source.ts';
import { meter } from '../ui/meter.ts';
import type { Check } from './finding.ts';

const LISTEN_MS = 2000;
const METER_WIDTH = 20;

/** Records two seconds and tells how loud they were; nothing is kept. */
export const checkMicrophone: Check = async (patient) => {
  const { output, device, io } = patient;
  const microphone = await resolveMicrophone(device, patient);
  const capture = startCapture({
    ffmpeg: patient.ffmpeg(),
    arguments: microphoneArguments(microphone),
    env: io.env,
  });
  const { peakDb, rmsDb, silent, clipping } = await testLevel(capture, {
    durationMs: LISTEN_MS,
    onLevel: (peak) => output.progress(`Listening … ${meter(peak, METER_WIDTH).bar}`),
  });
  output.progress('');
  if (peakDb === undefined) throw microphoneError(capture.said, 0);
  if (silent)
    return {
      state: 'problem',
      detail: 'The microphone gives nothing but silence: it is muted, or the wrong one.',
      fix: 'Unmute it, or choose another one with `speakr devices`.',
    };
  const level = `${rmsDb} dB, peak ${peakDb} dB`;
  if (clipping)
    return { state: 'warning', detail: `Too loud (${level}).`, fix: 'Turn its input level down.' };
  return { state: 'ok', detail: `${meter(10 ** (peakDb / 20), METER_WIDTH).bar} ${level}` };
};
