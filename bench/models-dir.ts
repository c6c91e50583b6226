import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where benches and tests look for models: as the product does on Linux. */
export function defaultModelsDir(): string {
  return process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models');
}
