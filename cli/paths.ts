import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** Where speakr keeps things on this machine. */
export interface Paths {
  /** `config.json` and user templates. */
  readonly configDir: string;
  readonly configFile: string;
  /** Logins at servers; readable for the user only. */
  readonly credentialsFile: string;
  /** Database, keys, audio. */
  readonly dataDir: string;
  /** Audio of recordings that the server has not covered yet. */
  readonly spoolDir: string;
  readonly modelsDir: string;
  /** Runtime file and lock of the background server. */
  readonly runtimeDir: string;
}

/**
 * XDG base directories on Linux and other Unixes (freedesktop.org basedir 0.8), `~/Library` on macOS, `%APPDATA%` and
 * `%LOCALAPPDATA%` on Windows.
 * @param overrides `dataDir` and `modelsDir` of the configuration
 */
export function resolvePaths(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  overrides: { dataDir?: string; modelsDir?: string; configFile?: string } = {},
): Paths {
  const { join, isAbsolute } = platform === 'win32' ? win32 : posix;
  const home = (platform === 'win32' ? env.USERPROFILE : env.HOME) || homedir();
  // The standard says that relative paths in these variables are to be ignored.
  const base = (name: string, ...fallback: string[]) => {
    const value = env[name];
    return value !== undefined && isAbsolute(value) ? value : join(home, ...fallback);
  };
  const library = ['Library', 'Application Support'];
  const configDir =
    platform === 'win32'
      ? join(base('APPDATA', 'AppData', 'Roaming'), 'speakr')
      : platform === 'darwin' && !env.XDG_CONFIG_HOME
        ? join(home, ...library, 'speakr')
        : join(base('XDG_CONFIG_HOME', '.config'), 'speakr');
  const ownDataDir =
    platform === 'win32'
      ? join(base('LOCALAPPDATA', 'AppData', 'Local'), 'speakr')
      : platform === 'darwin' && !env.XDG_DATA_HOME
        ? join(home, ...library, 'speakr')
        : join(base('XDG_DATA_HOME', '.local', 'share'), 'speakr');
  const dataDir = overrides.dataDir ?? ownDataDir;
  return {
    configDir,
    configFile: overrides.configFile ?? join(configDir, 'config.json'),
    credentialsFile: join(configDir, 'credentials.json'),
    dataDir,
    spoolDir: join(dataDir, 'spool'),
    // Models are worth sharing between data directories.
    modelsDir: overrides.modelsDir ?? join(ownDataDir, 'models'),
    runtimeDir: join(dataDir, 'run'),
  };
}

/** What can be made again at any time: the system's place for caches, in the same terms as `resolvePaths`. */
export function cacheDirectory(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const { join, isAbsolute } = platform === 'win32' ? win32 : posix;
  const home = (platform === 'win32' ? env.USERPROFILE : env.HOME) || homedir();
  const named = platform === 'win32' ? env.LOCALAPPDATA : env.XDG_CACHE_HOME;
  if (named !== undefined && isAbsolute(named))
    return platform === 'win32' ? join(named, 'speakr', 'cache') : join(named, 'speakr');
  if (platform === 'win32') return join(home, 'AppData', 'Local', 'speakr', 'cache');
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'speakr') : join(home, '.cache', 'speakr');
}
