import type { Basic } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../../../failure.ts';
import { ok, type Result } from '../../../result.ts';
import { hasErrors } from '../../findings.ts';
import type { Plan, SystemWrite } from '../../system.ts';
import { CONNECTION_IDENTIFIER, EVENT, STATE } from '../codes.ts';
import { finding, refusal } from '../findings.ts';
import { type Connection, type ConnectionEvent, deliveryIsOpen } from '../model.ts';
import type { MappingContext } from './context.ts';
import { readConnection } from './read.ts';
import { sameJson } from './same.ts';
import { writeConnection } from './write.ts';

type Planned = Result<Plan<Basic>, Failure>;

export interface PlanDeps {
  readonly settings: MappingContext['settings'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A reference that no other connection has. */
  readonly newReference: () => string;
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

const pathOf = (basic: Basic, url: string): string => {
  const index = basic.extension?.findIndex((one) => one.url === url) ?? -1;
  return index < 0 ? 'Basic.extension' : `Basic.extension[${index}]`;
};

const serverWritten = (basic: Basic, current: Basic | undefined): readonly Issue[] => {
  const own = basic.identifier?.find(({ system }) => system === CONNECTION_IDENTIFIER)?.value;
  const kept = current?.identifier?.find(({ system }) => system === CONNECTION_IDENTIFIER)?.value;
  const issues: Issue[] = [];
  if (own !== undefined && own !== kept) {
    const why = 'The server gives each connection its reference; the one sent is not used.';
    issues.push(finding('server-written', 'Basic.identifier', why, 'warning'));
  }
  if (basic.created !== undefined && basic.created !== current?.created) {
    issues.push(
      finding('server-written', 'Basic.created', 'The server writes the day of creation.', 'warning'),
    );
  }
  return issues;
};

const planCreate = (basic: Basic, context: MappingContext, deps: PlanDeps): Planned => {
  const { connection, issues: read } = readConnection(basic, context);
  const issues = [...read, ...serverWritten(basic, undefined)];
  const events = basic.extension?.filter(({ url }) => url === EVENT) ?? [];
  if (events.length > 0) {
    issues.push(finding('events-changed', pathOf(basic, EVENT), 'A new connection has no past events.'));
  }
  if (connection !== undefined && connection.state !== 'draft') {
    issues.push(
      finding('state-changed', 'Basic.extension', 'A new connection is a draft; $submit moves it on.'),
    );
  }
  if (connection === undefined || hasErrors(issues)) return refusal(issues);
  if (connection.environment === 'PRODUKTION') {
    const why = 'PRODUKTION can be submitted once a TEST connection of this system is in state test-passed.';
    issues.push(finding('test-first', 'Basic.extension', why, 'information'));
  }
  const reference = deps.newReference();
  const stored = writeConnection({ ...basic, created: day(context.now) }, { ...connection, reference });
  return ok({ resource: stored, onUnchanged: 'commit', issues });
};

/** What the mail said, besides the contact person. */
const mailFields = ({ kind, environment, system, serial, careProviders, region }: Connection) => ({
  kind,
  environment,
  system,
  serial,
  careProviders: careProviders.map(({ name }) => name),
  region: region.hsaId.toLowerCase(),
  regionName: region.name,
});

const isLocked = (current: Connection): boolean => current.state !== 'draft' || deliveryIsOpen(current);

const judgeUpdate = (next: Connection, current: Connection, basic: Basic): readonly Issue[] => {
  const issues: Issue[] = [];
  const stated = basic.extension?.some(({ url }) => url === STATE) === true;
  if (stated && next.state !== current.state) {
    const why = 'Only the operations ($submit, $region-approve, …) change the state.';
    issues.push(finding('state-changed', pathOf(basic, STATE), why));
  }
  if (!sameJson(next.events, current.events)) {
    issues.push(
      finding(
        'events-changed',
        pathOf(basic, EVENT),
        'Past events are read only: send them as they were read.',
      ),
    );
  }
  if (isLocked(current) && !sameJson(mailFields(next), mailFields(current))) {
    const why =
      'The mail has gone, or may have: only the contact person may still change. Cancel and make a new connection for anything else.';
    issues.push(finding('fields-locked', 'Basic', why));
  }
  return issues;
};

/** After the mail has gone, another contact person is an event; nothing is sent again. */
const contactEvent = (next: Connection, current: Connection, now: number): readonly ConnectionEvent[] => {
  if (!isLocked(current) || sameJson(next.contact, current.contact)) return [];
  const kind = next.contact === undefined ? 'contact-removed' : 'contact-changed';
  return [{ state: current.state, time: new Date(now).toISOString(), kind }];
};

const planUpdate = (basic: Basic, current: Basic, context: MappingContext): Planned => {
  const before = readConnection(current, context).connection;
  if (before === undefined) throw new Error('a stored connection cannot be read');
  // Whoever leaves the state out does not change it.
  const stated = basic.extension?.some(({ url }) => url === STATE) === true;
  const kept = current.extension?.filter(({ url }) => url === STATE) ?? [];
  const asked: Basic = stated ? basic : { ...basic, extension: [...(basic.extension ?? []), ...kept] };
  const { connection, issues: read } = readConnection(asked, context);
  const issues = [...read, ...serverWritten(basic, current)];
  if (connection !== undefined) issues.push(...judgeUpdate(connection, before, basic));
  if (connection === undefined || hasErrors(issues)) return refusal(issues);
  const events = [...before.events, ...contactEvent(connection, before, context.now)];
  const { created: _created, ...rest } = basic;
  const stored = writeConnection(
    { ...rest, ...(current.created === undefined ? {} : { created: current.created }) },
    {
      ...connection,
      state: before.state,
      events,
      ...(before.reference === undefined ? {} : { reference: before.reference }),
    },
  );
  return ok({ resource: stored, onUnchanged: 'keep', issues });
};

const planDelete = (current: Basic, context: MappingContext): Planned => {
  const connection = readConnection(current, context).connection;
  if (connection !== undefined && isLocked(connection)) {
    const why = 'Only a draft that was never sent may be deleted; use $cancel or $revoke.';
    return refusal([finding('delete-refused', 'Basic', why)], 'conflict');
  }
  return ok({ onUnchanged: 'commit', issues: [] });
};

/**
 * `NationalSystem.plan` for a connection. Creating, changing and deleting one sends nothing: only `$submit` does.
 * Failures: `unprocessable` with every fault at once; `conflict` for the delete of what is no draft.
 */
export const createPlan =
  (deps: PlanDeps) =>
  (write: SystemWrite<Basic>): Planned => {
    const context: MappingContext = { settings: deps.settings, now: deps.now() };
    switch (write.interaction) {
      case 'create':
        return planCreate(write.resource, context, deps);
      case 'update':
        return planUpdate(write.resource, write.current, context);
      case 'delete':
        return planDelete(write.current, context);
    }
  };

const withoutServer = (basic: Basic): object => {
  const { id: _id, meta, identifier, created: _created, ...rest } = basic;
  const { versionId: _version, lastUpdated: _updated, ...kept } = meta ?? {};
  const others = identifier?.filter(({ system }) => system !== CONNECTION_IDENTIFIER) ?? [];
  return {
    ...rest,
    ...(Object.keys(kept).length === 0 ? {} : { meta: kept }),
    ...(others.length === 0 ? {} : { identifier: others }),
  };
};

/** Equal but for what the server writes (id, version, time, reference, day of creation). */
export const sameContent = (a: Basic, b: Basic): boolean => sameJson(withoutServer(a), withoutServer(b));
