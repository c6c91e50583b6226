import { checkMicrophone } from './check-microphone.ts';
import { checkClipboard, checkFfmpeg } from './check-programs.ts';
import { checkModels, checkServer } from './check-services.ts';
import { checkDisk, checkPermissions } from './check-storage.ts';
import { type Check, type CheckName, type Finding, type Patient, troubleOf } from './finding.ts';

interface Step {
  readonly check: Check;
  /** Cannot be tried when this failed. */
  readonly after?: CheckName;
}

const steps: Readonly<Record<CheckName, Step>> = {
  configuration: { check: async ({ config }) => ({ state: 'ok', detail: config().paths.configFile }) },
  permissions: { check: checkPermissions, after: 'configuration' },
  disk: { check: checkDisk, after: 'configuration' },
  ffmpeg: { check: checkFfmpeg, after: 'configuration' },
  microphone: { check: checkMicrophone, after: 'ffmpeg' },
  models: { check: checkModels, after: 'configuration' },
  server: { check: checkServer, after: 'permissions' },
  clipboard: { check: checkClipboard, after: 'configuration' },
};

/** Names of the checks, in their order. */
export const checkNames = Object.keys(steps) as CheckName[];

/** Looks at everything, one after the other. A check that needs what is broken is left out. */
export async function* examine(patient: Patient, skip: readonly string[]): AsyncGenerator<Finding> {
  const broken = new Set<CheckName>();
  for (const name of checkNames) {
    if (skip.includes(name)) continue;
    const { check, after } = steps[name];
    if (after !== undefined && broken.has(after)) {
      broken.add(name);
      continue;
    }
    const found = await check(patient).catch(troubleOf);
    if (found.state === 'problem') broken.add(name);
    yield { name, ...found };
  }
}
