import type { AudioLog } from '../audio-log/audio-log.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import type { Store } from '../store/store.ts';
import { createAccessLog, type NoteAccess } from './access-log.ts';
import type { Handlers } from './handler.ts';
import { createLifecycle, type Lifecycle, type LifecycleOptions } from './lifecycle.ts';
import { openReadable } from './readable.ts';
import { accountRoutes } from './routes/account.ts';
import { adminRoutes } from './routes/admin.ts';
import { documentRoutes } from './routes/documents.ts';
import { jobRoutes } from './routes/jobs.ts';
import { keyRoutes } from './routes/keys.ts';
import { notesRoutes } from './routes/notes.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { sharingRoutes } from './routes/sharing.ts';
import { systemRoutes } from './routes/system.ts';
import { transcriptRoutes } from './routes/transcripts.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { vocabularyRoutes } from './routes/vocabulary.ts';
import type { GatewayServices } from './services.ts';
import { createLiveSessions, type LiveSessions } from './stream/live-sessions.ts';

export interface ApiOptions {
  readonly store: Store;
  readonly audioLog: AudioLog;
  readonly services: GatewayServices;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly unfinished?: LifecycleOptions['unfinished'];
  /** Of this process only when absent. */
  readonly liveSessions?: LiveSessions;
}

/** What the API does, whichever way it is asked. */
export interface Api {
  readonly handlers: Handlers;
  readonly lifecycle: Lifecycle;
  readonly liveSessions: LiveSessions;
  readonly noteAccess: NoteAccess;
}

export function createApi(options: ApiOptions): Api {
  const { store, audioLog, services, clock, log, version, unfinished } = options;
  const { liveSessions = createLiveSessions() } = options;
  const { demandRemoved } = services;
  const lifecycle = createLifecycle({ store, audioLog, demandRemoved, clock, unfinished });
  const noteAccess = createAccessLog({ store, mayFail: services.profile === 'embedded', log });
  const readable = openReadable(store, noteAccess);
  const handlers: Handlers = {
    ...recordingRoutes({ store, readable, lifecycle, liveSessions, services }),
    ...transcriptRoutes({ store, readable, services }),
    ...notesRoutes({ store, readable, services, noteAccess }),
    ...documentRoutes({ readable, lifecycle, services }),
    ...sharingRoutes({ store, lifecycle }),
    ...jobRoutes({ store }),
    ...uploadRoutes({ services }),
    ...vocabularyRoutes({ store }),
    ...keyRoutes({ store, clock }),
    ...accountRoutes({ store, lifecycle, liveSessions, services, clock, version }),
    ...systemRoutes({ store, clock, version, liveSessions, services, noteAccess }),
    ...adminRoutes({ services }),
  };
  return { handlers, lifecycle, liveSessions, noteAccess };
}
