import { badInput } from './bad-input.ts';
import { brokenBodies } from './broken-bodies.ts';
import { bundleAddresses } from './bundle-addresses.ts';
import { bundleRights } from './bundle-rights.ts';
import { bundles } from './bundles.ts';
import { conditional } from './conditional.ts';
import { conditionalAndBundles } from './conditional-and-bundles.ts';
import { consentCreate } from './consent-create.ts';
import { consentDelete } from './consent-delete.ts';
import { consentUpdate } from './consent-update.ts';
import { efrikort } from './efrikort.ts';
import { efrikortRules } from './efrikort-rules.ts';
import { efrikortStory } from './efrikort-story.ts';
import { exitStatuses } from './exit-statuses.ts';
import { faults } from './faults.ts';
import { focesSearch } from './foces-search.ts';
import { focesWhitelisting } from './foces-whitelisting.ts';
import { headerBasic } from './header-basic.ts';
import { headerOperations } from './header-operations.ts';
import { headerReports } from './header-reports.ts';
import { headerRules } from './header-rules.ts';
import { idempotency } from './idempotency.ts';
import { mediaTypes } from './media-types.ts';
import { metadata } from './metadata.ts';
import { openapi } from './openapi.ts';
import { organizationAndBasic } from './organization-and-basic.ts';
import { pages } from './pages.ts';
import { patchAndHistory } from './patch-and-history.ts';
import { patientIndex } from './patient-index.ts';
import { preconditions } from './preconditions.ts';
import { preview } from './preview.ts';
import { privacy } from './privacy.ts';
import { provenanceAndAudit } from './provenance-and-audit.ts';
import { readFaults } from './read-faults.ts';
import { readParameters } from './read-parameters.ts';
import { reads } from './reads.ts';
import { roles } from './roles.ts';
import { sandbox } from './sandbox.ts';
import { search } from './search.ts';
import { searchSystem } from './search-system.ts';
import type { Theme } from './server.ts';
import { smart } from './smart.ts';
import { tokens } from './tokens.ts';
import { treatmentRelation } from './treatment-relation.ts';
import { treatmentRelationOdds } from './treatment-relation-odds.ts';
import { updateCreate } from './update-create.ts';
import { validateOperation } from './validate.ts';
import { xmlOnly } from './xml-only.ts';

export const THEMES: readonly Theme[] = [
  consentCreate,
  consentUpdate,
  consentDelete,
  badInput,
  reads,
  search,
  searchSystem,
  patientIndex,
  privacy,
  tokens,
  roles,
  headerRules,
  headerBasic,
  headerOperations,
  headerReports,
  mediaTypes,
  preview,
  metadata,
  organizationAndBasic,
  conditionalAndBundles,
  provenanceAndAudit,
  sandbox,
  idempotency,
  faults,
  readFaults,
  conditional,
  bundleRights,
  bundles,
  patchAndHistory,
  preconditions,
  exitStatuses,
  brokenBodies,
  bundleAddresses,
  validateOperation,
  xmlOnly,
  openapi,
  smart,
  updateCreate,
  readParameters,
  pages,
  treatmentRelation,
  treatmentRelationOdds,
  focesWhitelisting,
  focesSearch,
  efrikort,
  efrikortRules,
  efrikortStory,
];
