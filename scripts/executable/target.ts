/** Systems that speakr has an executable for, as `<system>-<architecture>`. */
export const targets = ['linux-x64', 'linux-arm64', 'macos-x64', 'macos-arm64', 'windows-x64'] as const;
export type Target = (typeof targets)[number];

const platforms = { linux: 'linux', darwin: 'macos', win32: 'windows' } as const;

/** The target this process runs on; undefined where there is none. */
export function hostTarget(): Target | undefined {
  const system = platforms[process.platform as keyof typeof platforms];
  return targets.find((target) => target === `${system}-${process.arch}`);
}

/** Name of the program: `speakr`, on Windows `speakr.exe`. */
export const programName = (target: Target): string =>
  target.startsWith('windows') ? 'speakr.exe' : 'speakr';

/** @throws Error when there is no such target */
export function parseTarget(text: string): Target {
  const target = targets.find((each) => each === text);
  if (target === undefined) throw new Error(`There is no target ${text}. There is ${targets.join(', ')}.`);
  return target;
}
