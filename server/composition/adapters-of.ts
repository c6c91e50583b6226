import type { Adapters } from './adapters.ts';
import type { Foundation } from './app-options.ts';

/** What serves each port in the profile of the settings. */
export async function adaptersOf(foundation: Foundation): Promise<Adapters> {
  if (foundation.settings.profile === 'hosted') {
    const { hostedAdapters } = await import('./hosted-adapters.ts');
    return hostedAdapters(foundation);
  }
  const { embeddedAdapters } = await import('./embedded-adapters.ts');
  return embeddedAdapters(foundation);
}
