import { SpeakrError } from '@speakr/contracts/problem';
import type { LocalProcessing } from '@speakr/contracts/stream';
import { captionsOfTwo } from './captions-of-two.ts';
import type { StartUpload, Upload, UploadEnd, UploadOptions } from './uploader.ts';

export interface FailoverOptions {
  /** To the server the recording is meant for. */
  readonly remote: StartUpload;
  /** To the server of this machine. */
  readonly embedded: StartUpload;
  /** Address of the former. */
  readonly server: string;
  /** How long it may stay away before the other one takes its place, ms. */
  readonly afterMs: number;
  /** What the server last said of processing on this machine; kept over recordings. */
  readonly policy: {
    read(): Promise<LocalProcessing>;
    write(policy: LocalProcessing): Promise<void>;
  };
  /** Removes what the server of this machine has of a recording. */
  discardLocal(recordingId: string): Promise<void>;
}

/** Whoever has pressed Enter waits for notes: then the server may stay away only this long, ms. */
const AFTER_STOP_MS = 5000;

/** Refusals that the server of this machine need not share. */
const refusedThere = new Set([
  'unauthorized',
  'forbidden',
  'protocol_unsupported',
  'model_missing',
  'model_invalid',
]);

/**
 * Uploads to a server elsewhere. While that stays away, the same audio goes to the server of this machine, from its
 * first sample on, so that captions and notes go on. When the server is back it gets everything and takes over; when it
 * is not back at the end, the end says to whom the recording is owed.
 */
export const failingOver =
  (ways: FailoverOptions): StartUpload =>
  (options) =>
    startFailover(options, ways);

function startFailover(options: UploadOptions, ways: FailoverOptions): Upload {
  const { server } = ways;
  const { recordingId } = options.start;
  const ending = Promise.withResolvers<UploadEnd>();
  ending.promise.catch(() => undefined);
  const notice = (text: string) => options.onNotice?.(text);
  const captions = captionsOfTwo(options.onMessage);
  const asides: Parameters<Upload['say']>[0][] = [];
  let claims: Parameters<Upload['finish']>[0] | undefined;
  let local: Upload | undefined;
  let localUsed = false;
  /** Grows when this machine takes over and when it hands back: who is behind it is not in use any more. */
  let takeOvers = 0;
  /** Why the server of this machine cannot help either. */
  let helpless: string | undefined;
  let leaving = false;
  let timer: NodeJS.Timeout | undefined;
  let refusal: SpeakrError | undefined;

  const remote = ways.remote({
    ...options,
    onMessage(message) {
      if (message.type === 'ready') void ways.policy.write(message.localProcessing ?? 'allowed');
      if (local === undefined) captions.tell('remote', message);
    },
    onConnection(state, cause) {
      if (state === 'connected') {
        clearTimeout(timer);
        timer = undefined;
        if (local !== undefined) handBack(local);
      } else if (state === 'lost') waitFor(ways.afterMs);
      if (local === undefined) options.onConnection(state, cause);
    },
  });
  waitFor(ways.afterMs);
  remote.done.then(
    async (finished) => {
      if (localUsed) await ways.discardLocal(recordingId).catch(() => undefined);
      ending.resolve(finished);
    },
    (error: SpeakrError) => {
      if (local !== undefined || leaving) return leaving ? ending.reject(error) : undefined;
      refusal = error;
      if (refusedThere.has(error.code)) {
        notice(`${error.message} ${error.hint}`);
        void takeOver();
      } else ending.reject(error);
    },
  );

  function waitFor(ms: number): void {
    timer ??= setTimeout(() => void takeOver(), ms);
  }

  async function takeOver(): Promise<void> {
    clearTimeout(timer);
    if (local !== undefined || leaving || helpless !== undefined) return;
    if ((await ways.policy.read()) === 'forbidden') {
      helpless = `${server} does not allow this machine to process its audio.`;
      notice(`${helpless} The recording is kept here, encrypted, until the server is back.`);
      if (refusal !== undefined) ending.reject(refusal);
      return;
    }
    // It may have come back while the policy was read.
    if (timer === undefined && refusal === undefined) return;
    localUsed = true;
    options.onTakeOver?.();
    takeOvers += 1;
    const mine = takeOvers;
    const isInUse = () => mine === takeOvers;
    const upload = ways.embedded({
      ...options,
      onMessage: (message) => {
        if (isInUse()) captions.tell('embedded', message);
      },
      onConnection: (state, cause) => {
        if (isInUse()) options.onConnection(state, cause);
      },
    });
    local = upload;
    notice(`${server} stays away: this machine goes on in its place.`);
    for (const aside of asides) upload.say(aside);
    if (claims !== undefined) upload.finish(claims);
    upload.done.then(
      (finished) => {
        if (!isInUse()) return;
        remote.abandon();
        ending.resolve({ ...finished, owedTo: server });
      },
      (error: SpeakrError) => {
        if (!isInUse()) return;
        local = undefined;
        helpless = error.message;
        notice(`This machine cannot go on in its place: ${error.message}`);
        options.onConnection('lost', refusal ?? error);
        if (refusal !== undefined) ending.reject(refusal);
      },
    );
  }

  function handBack(was: Upload): void {
    // This machine has all of it and is about to finish: the user waits for notes, the server can get them later.
    if (claims !== undefined) {
      remote.abandon();
      return;
    }
    local = undefined;
    takeOvers += 1;
    was.abandon();
    notice(`${server} is back: it gets everything, and goes on.`);
  }

  return {
    done: ending.promise,
    say(message) {
      asides.push(message);
      remote.say(message);
      local?.say(message);
    },
    finish(claimed) {
      claims = claimed;
      remote.finish(claimed);
      local?.finish(claimed);
      if (timer === undefined || local !== undefined) return;
      clearTimeout(timer);
      timer = setTimeout(() => void takeOver(), Math.min(AFTER_STOP_MS, ways.afterMs));
    },
    async cancel() {
      leaving = true;
      clearTimeout(timer);
      await Promise.all([remote.cancel(), local?.cancel()]);
      if (localUsed) await ways.discardLocal(recordingId).catch(() => undefined);
    },
    abandon() {
      leaving = true;
      clearTimeout(timer);
      local?.abandon();
      remote.abandon();
      ending.reject(refusal ?? new SpeakrError('unreachable', `${server} cannot be reached.`));
    },
  };
}
