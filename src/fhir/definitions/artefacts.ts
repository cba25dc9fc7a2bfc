import type { Resource } from '@medplum/fhirtypes';
import profiles from './profiles.generated.json' with { type: 'json' };

/** The project's own artefacts (`profiles/`, examples left out), but for those that only Basic uses. */
export const PROFILES = profiles as readonly Resource[];

/** The artefacts that only Basic uses: loaded where a system behind it is connected. */
export const loadProfilesOfBasic = async (): Promise<readonly Resource[]> =>
  (await import('./profiles-of-basic.generated.json', { with: { type: 'json' } }))
    .default as readonly Resource[];
