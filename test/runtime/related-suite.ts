import { beforeAll, describe, expect, it } from 'vitest';
import { indexRows } from '../../src/fhir/search/index-rows.ts';
import { createSearchParameters } from '../../src/fhir/search/parameters.ts';
import { type ParseOptions, parseSearch } from '../../src/fhir/search/parse.ts';
import { type Database, sql } from '../../src/ports.ts';
import { createRepository, UNGUARDED } from '../../src/store/repository.ts';
import { migrate } from '../../src/store/schema.ts';
import { createSearch, type SearchScope } from '../../src/store/search.ts';
import type { Reach } from '../../src/store/search-request.ts';
import { coded, OBSERVATION_PARAMETERS, quantity, resourceOf } from '../fhir/search/observation.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const BASE_URL = 'https://facade.example/fhir';
const TYPES = [
  'Observation',
  'Patient',
  'Practitioner',
  'Organization',
  'Encounter',
  'RiskAssessment',
  'Provenance',
];
const parametersOf = createSearchParameters(OBSERVATION_PARAMETERS);

type Reaches = Readonly<Partial<Record<string, Reach | 'nothing'>>>;

const CODES: Readonly<Record<string, readonly { system: string; code: string }[]>> = {
  'http://vs/pressure': [
    { system: 'http://loinc.org', code: '85354-9' },
    { system: 'http://loinc.org', code: '8480-6' },
  ],
  'http://vs/empty': [],
};

const optionsWith = (reaches: Reaches): ParseOptions => ({
  handling: 'strict',
  now: NOW,
  baseUrl: BASE_URL,
  terminology: {
    expand: (url) => CODES[url],
    hierarchy: (system, code, direction) =>
      system === 'http://loinc.org' && code === 'BP'
        ? direction === 'below'
          ? ['BP', '85354-9']
          : ['BP']
        : undefined,
  },
  related: {
    types: TYPES,
    parametersOf,
    reachOf: (type) => {
      const reach = reaches[type];
      return reach === 'nothing' ? undefined : (reach ?? {});
    },
  },
});

interface Query {
  readonly reaches?: Reaches;
  readonly scope?: SearchScope;
}

const world = (db: Database, few?: number) => {
  const repository = createRepository(db);
  const search = createSearch(db, few);
  const put = async (reference: string, body: object, patient: string | null = null, version = 1) => {
    const [type = '', id = ''] = reference.split('/');
    const resource = resourceOf({ resourceType: type, id, ...body });
    const index = indexRows(resource, parametersOf(type), {
      baseUrl: BASE_URL,
      isPrivateSystem: () => false,
    });
    const statements = repository.versionStatements(
      {
        type,
        id,
        version,
        lastUpdated: NOW + version,
        deleted: false,
        method: 'PUT',
        content: JSON.stringify(resource),
        patient,
        owner: null,
        checkedAt: null,
        uniqueKey: null,
        index,
      },
      UNGUARDED,
    );
    await db.batch(statements);
  };
  const page = async (query: string, { reaches = {}, scope = {} }: Query = {}) => {
    const [type = '', parameters = ''] = query.split('?');
    const entries = [...new URLSearchParams(parameters.replaceAll('+', '%2B'))];
    const parsed = parseSearch(type, entries, parametersOf(type), optionsWith(reaches));
    if (!parsed.ok) throw new Error(parsed.failure.map((issue) => issue.diagnostics).join());
    return search.search(parsed.value.request, scope);
  };
  const find = async (query: string, more?: Query) =>
    (await page(query, more)).versions.map(({ id }) => id).join(' ');
  const included = async (query: string, more?: Query) =>
    ((await page(query, more)).included?.versions ?? [])
      .map(({ type, id, version }) => `${type}/${id}${version > 1 ? `@${version}` : ''}`)
      .join(' ');
  return { put, page, find, included };
};

type World = ReturnType<typeof world>;

const seed = async ({ put }: World) => {
  await put('Organization/trust', { name: 'Trust' });
  await put('Organization/ward', { name: 'Ward', partOf: { reference: 'Organization/trust' } });
  await put('Practitioner/dr', { name: [{ family: 'Doktor' }] });
  await put(
    'Patient/p1',
    {
      name: [{ family: 'Hansen', given: ['Åse'] }],
      gender: 'female',
      identifier: [{ system: 'urn:mrn', value: '7', type: { coding: [{ system: 'urn:v2', code: 'MR' }] } }],
      generalPractitioner: [{ reference: 'Organization/ward' }],
    },
    'p1',
  );
  await put(
    'Patient/p2',
    { name: [{ family: 'Olsen' }], gender: 'male', generalPractitioner: [{ reference: 'Practitioner/dr' }] },
    'p2',
  );
  await put('Patient/p3', { name: [{ family: 'Nobody' }] }, 'p3');
  await put('Encounter/e1', { class: { code: 'AMB' }, subject: { reference: 'Patient/p1' } }, 'p1');
  await put(
    'Observation/o1',
    {
      meta: { profile: ['http://p/bp|2'], tag: [{ system: 't', code: 'x' }] },
      status: 'final',
      code: coded('85354-9', { text: 'Blodtrykk' }),
      subject: { reference: 'Patient/p1' },
      encounter: { reference: 'Encounter/e1' },
      performer: [{ reference: 'Practitioner/dr' }],
      effectiveDateTime: '2020-05-01',
      component: [
        { code: coded('8480-6'), valueQuantity: quantity(120) },
        { code: coded('8462-4'), valueQuantity: quantity(80) },
      ],
    },
    'p1',
  );
  await put(
    'Observation/o2',
    {
      status: 'final',
      code: coded('8480-6'),
      subject: { reference: 'Patient/p2' },
      performer: [{ reference: 'Organization/ward' }],
      valueQuantity: quantity(5.4, 'mg', { unit: 'milligram' }),
    },
    'p2',
  );
  await put(
    'Observation/o3',
    {
      status: 'preliminary',
      code: coded('1234-5'),
      subject: { reference: 'Patient/p1' },
      valueQuantity: quantity(99.7, 'mg'),
    },
    'p1',
  );
  await put('Observation/o4', {
    status: 'preliminary',
    code: coded('1234-5'),
    subject: { reference: 'Patient/gone' },
    valueQuantity: { value: 100.5, unit: 'mg', comparator: '>=' },
  });
  await put('RiskAssessment/r1', { prediction: [{ probabilityDecimal: 100 }] });
  await put('RiskAssessment/r2', { prediction: [{ probabilityDecimal: 99.5 }] });
  await put('RiskAssessment/r3', { prediction: [{ probabilityDecimal: 100.5 }] });
  await put('RiskAssessment/r4', {});
  await put('Provenance/v1', {
    target: [{ reference: 'Observation/o2' }, { reference: 'Patient/p2/_history/1' }],
  });
  await put('Patient/p2', { name: [{ family: 'Olsen-Ny' }], gender: 'male' }, 'p2', 2);
};

/** What each query finds among the resources of `seed`, in order. */
const FOUND: readonly (readonly [rule: string, query: string, found: string])[] = [
  ['100 is "searching for values in the range [99.5 ... 100.5)"', 'RiskAssessment?probability=100', 'r1 r2'],
  ['100.00 is "in the range [99.995 ... 100.005)"', 'RiskAssessment?probability=100.00', 'r1'],
  ['1e2 is "in the range [95 ... 105)"', 'RiskAssessment?probability=1e2', 'r1 r2 r3'],
  ['lt100: "less than exactly 100"', 'RiskAssessment?probability=lt100', 'r2'],
  ['le100: "less or equal to exactly 100"', 'RiskAssessment?probability=le100', 'r1 r2'],
  ['gt100: "greater than exactly 100"', 'RiskAssessment?probability=gt100', 'r3'],
  ['ge100: "greater or equal to exactly 100"', 'RiskAssessment?probability=ge100', 'r1 r3'],
  [
    'ne100: "not equal to 100 (actually, in the range 99.5 to 100.5)"',
    'RiskAssessment?probability=ne100',
    'r3',
  ],
  ['sa: "starts after"', 'RiskAssessment?probability=sa100', 'r3'],
  ['eb: "ends before"', 'RiskAssessment?probability=eb100', 'r2'],
  ['ap: "10% of the stated value"', 'RiskAssessment?probability=ap95', 'r1 r2 r3'],
  ['a number, missing', 'RiskAssessment?probability:missing=true', 'r4'],
  ['one of several numbers', 'RiskAssessment?probability=100.0,100.50', 'r1 r3'],

  ['a quantity with system and code', 'Observation?value-quantity=5.4|http://unitsofmeasure.org|mg', 'o2'],
  ['a quantity with any unit', 'Observation?value-quantity=5.4', 'o2'],
  ['a quantity whose code is given without system', 'Observation?value-quantity=5.4||mg', 'o2'],
  ['a quantity whose unit is given in words', 'Observation?value-quantity=5.4||milligram', 'o2'],
  ['a quantity with another unit', 'Observation?value-quantity=5.4|http://unitsofmeasure.org|kg', ''],
  ['a quantity with a prefix', 'Observation?value-quantity=lt99.8||mg', 'o2 o3'],
  ['a comparator opens the range', 'Observation?value-quantity=gt5000', 'o4'],
  ['a comparator bounds the range', 'Observation?value-quantity=eb100.5', 'o2 o3'],
  ['quantities near a value', 'Observation?value-quantity=ap105||mg', 'o3 o4'],
  ['a quantity, not missing', 'Observation?value-quantity:missing=false', 'o2 o3 o4'],

  [
    'a composite, its components in the same element',
    'Observation?component-code-value-quantity=http://loinc.org|8480-6$gt100',
    'o1',
  ],
  [
    'a composite is not met by components of different elements',
    'Observation?component-code-value-quantity=http://loinc.org|8462-4$gt100',
    '',
  ],
  ['a composite by bare code', 'Observation?component-code-value-quantity=8462-4$80', 'o1'],
  [
    'one of several composites',
    'Observation?code-value-quantity=http://loinc.org|1234-5$lt100,8480-6$5.4||mg',
    'o2 o3',
  ],
  ['a composite with a date', 'Observation?code-value-date=85354-9$2020', ''],
  ['a composite, missing', 'Observation?component-code-value-quantity:missing=true', 'o2 o3 o4'],

  [':text "searches text associated with the code"', 'Observation?code:text=blodt', 'o1'],
  [':of-type with all three parts', 'Patient?identifier:of-type=urn:v2|MR|7', 'p1'],
  [':of-type with another type', 'Patient?identifier:of-type=urn:v2|SS|7', ''],
  [':in a value set', 'Observation?code:in=http://vs/pressure', 'o1 o2'],
  [':not-in a value set', 'Observation?code:not-in=http://vs/pressure', 'o3 o4'],
  [':in an empty value set', 'Observation?code:in=http://vs/empty', ''],
  [':not-in an empty value set', 'Observation?code:not-in=http://vs/empty', 'o1 o2 o3 o4'],
  [':below in a code system', 'Observation?code:below=http://loinc.org|BP', 'o1'],
  [':above in a code system', 'Observation?code:above=http://loinc.org|BP', ''],
  ['_profile without its version', 'Observation?_profile=http://p/bp', 'o1'],
  ['_profile with its version', 'Observation?_profile=http://p/bp|2', 'o1'],
  ['_tag', 'Observation?_tag=t|x', 'o1'],

  ['a chain', 'Observation?subject:Patient.name=hansen', 'o1 o3'],
  ['a chain whose type is not named', 'Observation?subject.name=ols', 'o2'],
  ['a chain by the patient parameter', 'Observation?patient.gender=female', 'o1 o3'],
  ['a chain with a modifier at its end', 'Observation?subject:Patient.name:exact=Hansen', 'o1 o3'],
  [
    'a chain with :not: what is only pointed at is no Patient',
    'Observation?subject:Patient.gender:not=male',
    'o1 o3',
  ],
  ['a chain with :missing', 'Observation?subject:Patient.gender:missing=true', ''],
  ['a chain by _id', 'Observation?subject:Patient._id=p2', 'o2'],
  ['a chain into several types', 'Observation?performer.name=d,w', 'o1 o2'],
  ['a chain of chains', 'Observation?subject:Patient.general-practitioner:Organization.name=ward', 'o1 o3'],
  ['a chain of three', 'Observation?patient.general-practitioner:Organization.partof.name=trust', 'o1 o3'],
  ['chains are independent of each other', 'Observation?patient.name=hansen&patient.gender=female', 'o1 o3'],
  ['chains that contradict each other', 'Observation?patient.name=hansen&patient.gender=male', ''],
  ['a chain and a criterion', 'Observation?patient.name=hansen&status=final', 'o1'],
  ['a chain to nobody', 'Observation?patient.name=zzz', ''],

  ['_has', 'Patient?_has:Observation:patient:code=http://loinc.org|1234-5', 'p1'],
  ['_has by another parameter', 'Patient?_has:Observation:subject:status=final', 'p1 p2'],
  ['_has with :not', 'Patient?_has:Observation:patient:status:not=final', 'p1'],
  ['_has with nothing that fits', 'Patient?_has:Observation:patient:code=none', ''],
  [
    '_has within _has',
    'Organization?_has:Patient:general-practitioner:_has:Observation:patient:status=final',
    'ward',
  ],
  ['_has with a chain', 'Patient?_has:Observation:patient:performer:Practitioner.name=dok', 'p1'],
  ['a chain that ends in _has', 'Encounter?subject:Patient._has:Observation:patient:code=1234-5', 'e1'],
  ['_has and a criterion', 'Patient?_has:Observation:subject:status=final&gender=male', 'p2'],

  ['sorted by a string', 'Patient?_sort=name', 'p1 p3 p2'],
  ['sorted by a string, descending', 'Patient?_sort=-name', 'p2 p3 p1'],
  ['sorted by a token', 'Observation?_sort=status,_id', 'o1 o2 o3 o4'],
  ['sorted by a token, descending', 'Observation?_sort=-status', 'o4 o3 o2 o1'],
  ['sorted by a number; those without it come last', 'RiskAssessment?_sort=probability', 'r2 r1 r3 r4'],
  [
    'sorted by a number, descending; those without it come last',
    'RiskAssessment?_sort=-probability',
    'r3 r1 r2 r4',
  ],
  ['sorted by a quantity', 'Observation?_sort=value-quantity', 'o2 o3 o4 o1'],
  ['sorted by a reference', 'Observation?_sort=subject,-_id', 'o4 o3 o1 o2'],
  ['sorted by two kinds', 'Observation?_sort=status,-value-quantity', 'o2 o1 o4 o3'],
];

const INCLUDED: readonly (readonly [rule: string, query: string, included: string])[] = [
  ['_include', 'Observation?_id=o1&_include=Observation:patient', 'Patient/p1'],
  [
    '_include of several types',
    'Observation?_include=Observation:performer',
    'Organization/ward Practitioner/dr',
  ],
  [
    '_include of one of several types',
    'Observation?_include=Observation:performer:Practitioner',
    'Practitioner/dr',
  ],
  ['_include of what is not there', 'Observation?_id=o4&_include=Observation:subject', ''],
  [
    'each resource once',
    'Observation?_include=Observation:patient&_include=Observation:subject',
    'Patient/p1 Patient/p2@2',
  ],
  [
    '_include of every reference',
    'Observation?_id=o1&_include=Observation:*',
    'Encounter/e1 Patient/p1 Practitioner/dr',
  ],
  ['_include=* is that of the type searched', 'Encounter?_include=*', 'Patient/p1'],
  [
    'without :iterate only the matches are looked at',
    'Observation?_id=o1&_include=Observation:patient&_include=Patient:general-practitioner',
    'Patient/p1',
  ],
  [
    ':iterate goes on from what came along',
    'Observation?_id=o1&_include=Observation:patient&_include:iterate=Patient:general-practitioner&_include:iterate=Organization:partof',
    'Patient/p1 Organization/ward Organization/trust',
  ],
  ['_revinclude', 'Patient?_id=p1&_revinclude=Observation:patient', 'Observation/o1 Observation/o3'],
  [
    '_revinclude from several types',
    'Patient?_id=p1&_revinclude=Encounter:subject&_revinclude=Observation:subject',
    'Encounter/e1 Observation/o1 Observation/o3',
  ],
  [
    '_revinclude:iterate',
    'Organization?_id=ward&_revinclude=Patient:general-practitioner&_revinclude:iterate=Observation:patient',
    'Patient/p1 Observation/o1 Observation/o3',
  ],
  ['a match does not come along once more', 'Organization?_include=Organization:partof', ''],
  [
    'of a reference to a version that version comes along',
    'Provenance?_include=Provenance:target',
    'Observation/o2 Patient/p2',
  ],
  ['_revinclude by a versioned reference', 'Patient?_id=p2&_revinclude=Provenance:target', 'Provenance/v1'],
];

const REFUSED: readonly (readonly [rule: string, query: string, says: RegExp])[] = [
  ['an unknown parameter at the end of a chain', 'Observation?patient.bogus=1', /patient\.bogus is unknown/],
  ['a chain through what is no reference', 'Observation?status.name=1', /status\.name is unknown/],
  [
    'a chain into a type that the reference cannot have',
    'Observation?subject:Encounter.class=x',
    /may point at Patient/,
  ],
  ['a malformed value at the end of a chain', 'Encounter?subject:Patient._lastUpdated=x', /malformed/],
  ['too many links', `Organization?${'partof.'.repeat(5)}name=x`, /more than 4 links/],
  ['_has of an unknown type', 'Patient?_has:Bogus:patient:code=x', /unknown/],
  [
    '_has by a parameter that is no reference to it',
    'Patient?_has:Observation:encounter:code=x',
    /no reference to Patient/,
  ],
  ['an unknown _include', 'Observation?_include=Observation:bogus', /Known are: encounter/],
  ['a malformed _include', 'Observation?_include=patient', /takes Type:parameter/],
  ['_revinclude=*', 'Patient?_revinclude=*', /takes Type:parameter/],
  [
    '_revinclude by what does not point here',
    'Patient?_revinclude=Observation:encounter',
    /no such reference/,
  ],
  ['an unknown value set', 'Observation?code:in=http://vs/unknown', /value set/],
  ['a code whose hierarchy is unknown', 'Observation?code:below=http://loinc.org|1', /hierarchy/],
  ['a component too few', 'Observation?code-value-quantity=8480-6', /components/],
  ['a malformed component', 'Observation?code-value-quantity=8480-6$x', /malformed/],
  ['_sort by a composite', 'Observation?_sort=code-value-quantity', /_sort takes/],
];

const searches = (open: () => Promise<Database>) => {
  let collecting: World;
  let following: World;
  let db: Database;
  beforeAll(async () => {
    db = await open();
    await migrate(db);
    collecting = world(db);
    following = world(db, 0);
    await seed(collecting);
  });

  it.each(FOUND)('%s', async (_rule, query, found) => {
    expect(await collecting.find(query)).toBe(found);
    expect(await following.find(query), 'however a search goes about it').toBe(found);
    expect((await following.page(`${query}&_summary=count`)).total).toBe(
      found === '' ? 0 : found.split(' ').length,
    );
  });

  it.each(INCLUDED)('%s', async (_rule, query, included) => {
    expect(await collecting.included(query)).toBe(included);
  });

  it.each(REFUSED)('refuses %s', async (_rule, query, says) => {
    await expect(collecting.find(query)).rejects.toThrow(says);
  });

  it('pages are the whole, sorted by any kind', async () => {
    for (const sort of [
      'status',
      '-status',
      'value-quantity',
      '-value-quantity',
      'subject',
      '-code',
      'performer',
    ]) {
      const whole = await collecting.find(`Observation?_sort=${sort}`);
      const seen: string[] = [];
      let scope: SearchScope = {};
      for (let round = 0; round < 5; round += 1) {
        const { versions, next } = await following.page(`Observation?_sort=${sort}&_count=1`, { scope });
        seen.push(...versions.map(({ id }) => id));
        if (next === undefined) break;
        scope = { after: next };
      }
      expect(seen.join(' '), sort).toBe(whole);
    }
  });

  const OWN: Reaches = {
    Patient: { within: { patients: ['p1'] } },
    Observation: { within: { patients: ['p1'] } },
  };

  it('a chain follows only what the caller could have found itself', async () => {
    for (const made of [collecting, following]) {
      expect(await made.find('Observation?patient.gender=male', { reaches: OWN })).toBe('');
      expect(await made.find('Observation?patient.gender=female', { reaches: OWN })).toBe('o1 o3');
      expect(await made.find('Observation?patient.gender:not=female', { reaches: OWN })).toBe('');
      expect(await made.find('Patient?_has:Observation:patient:status=final', { reaches: OWN })).toBe('p1');
      const finals: Reaches = {
        Observation: {
          criteria: [{ kind: 'token', param: 'status', anyOf: [{ code: 'final' }], not: false }],
        },
      };
      expect(await made.find('Patient?_has:Observation:patient:code=1234-5', { reaches: finals })).toBe('');
    }
  });

  it('what comes along is only what the caller could have found itself', async () => {
    expect(await collecting.included('Observation?_include=Observation:patient', { reaches: OWN })).toBe(
      'Patient/p1',
    );
    expect(await collecting.included('Provenance?_include=Provenance:target', { reaches: OWN })).toBe('');
    expect(
      await collecting.included('Practitioner?_revinclude=Observation:performer', { reaches: OWN }),
    ).toBe('Observation/o1');
    expect(
      await collecting.included('Organization?_revinclude=Observation:performer', { reaches: OWN }),
    ).toBe('');
    const finals: Reaches = {
      Observation: { criteria: [{ kind: 'token', param: 'status', anyOf: [{ code: 'final' }], not: false }] },
    };
    expect(await collecting.included('Patient?_revinclude=Observation:patient', { reaches: finals })).toBe(
      'Observation/o1 Observation/o2',
    );
  });

  it('nothing leads into a type that the caller may not search', async () => {
    const reaches: Reaches = { Patient: 'nothing', Observation: 'nothing' };
    const refusals = [
      'Encounter?subject:Patient.name=x',
      'Patient?_has:Observation:patient:status=final',
      'Encounter?_include=Encounter:subject:Patient',
      'Patient?_revinclude=Observation:patient',
    ];
    for (const query of refusals) {
      await expect(collecting.find(query, { reaches }), query).rejects.toThrow(/may (not )?search/);
    }
  });

  it('finds who refers to a resource by an index', async () => {
    const plan = await db.query(
      sql(
        'explain query plan select type, id from idx_reference where target_type = ? and target_id = ? and type <> ? limit 1',
        'Patient',
        'p1',
        'Provenance',
      ),
    );
    expect(JSON.stringify(plan)).toContain('idx_reference_by_target');
  });

  it('replaces the rows of a former version, of every kind', async () => {
    const own = world(db);
    await own.put('Observation/x', { code: coded('x-1'), valueQuantity: quantity(1) });
    expect(await own.find('Observation?code-value-quantity=x-1$1')).toBe('x');
    await own.put('Observation/x', { code: coded('x-2'), valueQuantity: quantity(2) }, null, 2);
    expect(await own.find('Observation?code-value-quantity=x-1$1')).toBe('');
    expect(await own.find('Observation?value-quantity=1')).toBe('');
    expect(await own.find('Observation?code-value-quantity=x-2$2')).toBe('x');
  });
};

/** Numbers, quantities, composites, chains and includes, the same on every store. */
export const relatedSuite = (name: string, open: () => Promise<Database>): void => {
  describe(`store on ${name}: related resources and numbers`, () => searches(open));
};
