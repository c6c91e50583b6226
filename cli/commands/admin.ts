import { healthCommand, performanceCommand } from '../admin/health.ts';
import { jobsCommand } from '../admin/jobs.ts';
import { modelsCommand } from '../admin/models.ts';
import { policyCommand } from '../admin/policies.ts';
import { deadLettersCommand, prepareCommand, replayCommand, verifyCommand } from '../admin/stores.ts';
import { auditCommand, quotasCommand, usersCommand } from '../admin/users.ts';
import { define } from '../definition.ts';

export const definition = define({
  name: 'admin',
  summary: 'See and steer the server: health, jobs, users, what is stored, and messages that were given up',
  details:
    'Asks the server one is logged in to, which demands the role admin there, or the server of this machine. ' +
    '`prepare` and `verify` are for the environment of a hosted server: they reach its stores themselves, as do `dead-letters` and `replay` where SPEAKR_PROFILE is hosted. docs/admin.md says what each figure means.',
  group: 'Care',
  examples: [
    'speakr admin health',
    'speakr admin jobs --json',
    'speakr admin users',
    'speakr admin replay --consumer notes',
    'speakr admin prepare',
  ],
});

export const subcommands = [
  healthCommand,
  performanceCommand,
  jobsCommand,
  modelsCommand,
  usersCommand,
  quotasCommand,
  policyCommand,
  auditCommand,
  deadLettersCommand,
  replayCommand,
  prepareCommand,
  verifyCommand,
];
