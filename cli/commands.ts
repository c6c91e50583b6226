import type { Command } from './command.ts';
import * as actionsCommand from './commands/actions.ts';
import * as adminCommand from './commands/admin.ts';
import * as backupCommand from './commands/backup.ts';
import * as benchCommand from './commands/bench.ts';
import * as cancelCommand from './commands/cancel.ts';
import * as completionCommand from './commands/completion.ts';
import * as configCommand from './commands/config.ts';
import * as deleteCommand from './commands/delete.ts';
import * as devicesCommand from './commands/devices.ts';
import * as doctorCommand from './commands/doctor.ts';
import * as editCommand from './commands/edit.ts';
import * as exportCommand from './commands/export.ts';
import * as importCommand from './commands/import.ts';
import * as jobsCommand from './commands/jobs.ts';
import * as keysCommand from './commands/keys.ts';
import * as listCommand from './commands/list.ts';
import * as loginCommand from './commands/login.ts';
import * as logoutCommand from './commands/logout.ts';
import * as modelsCommand from './commands/models.ts';
import * as noteCommand from './commands/note.ts';
import * as notesCommand from './commands/notes.ts';
import * as playCommand from './commands/play.ts';
import * as privacyCommand from './commands/privacy.ts';
import * as queryCommand from './commands/query.ts';
import * as recordCommand from './commands/record.ts';
import * as recoverCommand from './commands/recover.ts';
import * as renameCommand from './commands/rename.ts';
import * as restoreCommand from './commands/restore.ts';
import * as retranscribeCommand from './commands/retranscribe.ts';
import * as serveCommand from './commands/serve.ts';
import * as shareCommand from './commands/share.ts';
import * as showCommand from './commands/show.ts';
import * as speakersCommand from './commands/speakers.ts';
import * as statusCommand from './commands/status.ts';
import * as stopCommand from './commands/stop.ts';
import * as storageCommand from './commands/storage.ts';
import * as tagCommand from './commands/tag.ts';
import * as transcribeCommand from './commands/transcribe.ts';
import * as verifyDownloadCommand from './commands/verify-download.ts';
import * as vocabCommand from './commands/vocab.ts';
import * as watchCommand from './commands/watch.ts';
import * as whoamiCommand from './commands/whoami.ts';

/** Every command, in the order in which help shows them within their groups. */
export const commands: readonly Command[] = [
  recordCommand,
  transcribeCommand,
  watchCommand,
  importCommand,
  devicesCommand,
  queryCommand,
  listCommand,
  showCommand,
  notesCommand,
  exportCommand,
  actionsCommand,
  playCommand,
  tagCommand,
  vocabCommand,
  renameCommand,
  speakersCommand,
  editCommand,
  retranscribeCommand,
  shareCommand,
  deleteCommand,
  statusCommand,
  stopCommand,
  cancelCommand,
  noteCommand,
  loginCommand,
  logoutCommand,
  whoamiCommand,
  keysCommand,
  doctorCommand,
  jobsCommand,
  benchCommand,
  modelsCommand,
  storageCommand,
  backupCommand,
  restoreCommand,
  recoverCommand,
  privacyCommand,
  serveCommand,
  adminCommand,
  verifyDownloadCommand,
  configCommand,
  completionCommand,
];
