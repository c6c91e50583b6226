import type { DoctorReport } from '@speakr/contracts/cli-json';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';

/** What a check found: all is well, it works but something is missing, or it does not work. */
export type Finding = DoctorReport['checks'][number];
export type CheckName = Finding['name'];

/** What the checks look at. */
export type Patient = Pick<
  Context,
  'io' | 'config' | 'output' | 'clock' | 'ffmpeg' | 'models' | 'backend' | 'api' | 'clipboard'
> & {
  /** Microphone to listen to instead of the configured one. */
  readonly device?: string;
};

/** Looks at one thing. Expected errors that it throws become its finding. */
export type Check = (patient: Patient) => Promise<Omit<Finding, 'name'>>;

/** An expected error as a finding. */
export function troubleOf(error: unknown): Omit<Finding, 'name'> {
  if (!(error instanceof SpeakrError)) throw error;
  return { state: 'problem', detail: error.message, fix: error.hint };
}
