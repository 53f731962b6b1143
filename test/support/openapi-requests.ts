import { fc } from './properties.ts';

/** A part of an OpenAPI 3.1 document, as far as requests need it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly example?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema?: Schema }>>;
  };
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly method: string;
  /** As the document has it: `/links/{id}`. */
  readonly path: string;
  readonly described: Described;
}

export interface GeneratedRequest {
  readonly path: string;
  readonly query: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body?: unknown;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'];

export function listOperations(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, byMethod]) =>
    methods.flatMap((method) => {
      const described = byMethod[method];
      return described === undefined ? [] : [{ method: method.toUpperCase(), path, described }];
    }),
  );
}

const deep = JSON.parse('{"a":'.repeat(200) + '1' + '}'.repeat(200)) as unknown;
const tooMany = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`key ${at}`, at]));

/** What no schema asks for. */
const unexpected: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e300,
    2 ** 53,
    '',
    ' ',
    '\0',
    'a\0b',
    '\uD800',
    '\uFFFE',
    '漢字 ひらがな',
    '👩‍👩‍👧'.repeat(50),
    'x'.repeat(100_000),
    '..%2f..%2f',
    '%',
    '%00',
    "' or 1=1 --",
    '{}',
    '-0',
    '1e400',
    'NaN',
    '2026-02-30T25:61:61Z',
    '0000-00-00',
    '9999999-01-01T00:00:00Z',
    '-271821-04-19T23:59:59Z',
    '99999999-9999-9999-9999-999999999999',
    'javascript:alert(1)',
    'http://[::1',
    'https://user:password@host/',
    'Europe/Nowhere',
    [],
    {},
    [null],
    [[[[]]]],
    { __proto__: null, constructor: 1, toString: 2 },
  ),
  fc.constantFrom<unknown>(deep, tooMany),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer(),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values that a schema allows, for the most part; `ids` are those that exist. */
function allowed(
  document: OpenApiDocument,
  schema: Schema | undefined,
  ids: fc.Arbitrary<string>,
  depth = 0,
): fc.Arbitrary<unknown> {
  const within = (inner: Schema | undefined): fc.Arbitrary<unknown> =>
    allowed(document, inner, ids, depth + 1);
  if (schema === undefined || depth > 8) return fc.jsonValue({ maxDepth: 1 });
  if (schema.$ref !== undefined)
    return within(document.components.schemas[schema.$ref.split('/').at(-1)!]);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(within));
  if (schema.allOf !== undefined)
    return fc
      .tuple(...schema.allOf.map(within))
      .map((parts) => Object.assign({}, ...parts) as unknown);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const types = schema.type === undefined ? ['object'] : [schema.type].flat();
  return fc.oneof(...types.map((type) => ofType(type)));

  function ofType(type: string): fc.Arbitrary<unknown> {
    if (type === 'string') return texts(schema!, ids);
    if (type === 'boolean') return fc.boolean();
    if (type === 'null') return fc.constant(null);
    if (type === 'integer' || type === 'number')
      return fc.integer({
        min: Math.ceil(schema!.minimum ?? -1_000),
        max: Math.floor(Math.min(schema!.maximum ?? 100_000, 2 ** 31)),
      });
    if (type === 'array')
      return fc.array(within(schema!.items), { maxLength: Math.min(schema!.maxItems ?? 3, 3) });
    const { properties, required = [], additionalProperties } = schema!;
    if (properties === undefined)
      return fc.dictionary(
        fc.string({ maxLength: 10 }),
        within(typeof additionalProperties === 'object' ? additionalProperties : undefined),
        { maxKeys: 3 },
      );
    return fc.record(
      Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, within(property)]),
      ),
      { requiredKeys: [...required] },
    );
  }
}

function texts({ format, maxLength = 60, example }: Schema, ids: fc.Arbitrary<string>) {
  const time = fc
    .date({ min: new Date('2020-01-01'), max: new Date('2027-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString());
  const known: fc.Arbitrary<string> | undefined = {
    uuid: ids,
    'date-time': time,
    date: time.map((text) => text.slice(0, 10)),
    email: fc.constantFrom('ann@people.test', 'bob@people.test'),
    uri: fc.constantFrom('https://shop.example/?a=1#b', 'http://127.0.0.1:1/'),
  }[format ?? ''];
  const free = fc.string({ maxLength: Math.min(maxLength, 60) });
  const examples = typeof example === 'string' ? [fc.constant(example)] : [];
  return known === undefined ? fc.oneof(free, ...examples, ids) : fc.oneof(known, ...examples);
}

/**
 * Requests to an operation: as its description allows them, with one part or several that it does not allow. Reference:
 * the bad input of the design's laws, from NUL bytes to ten thousand properties.
 */
export function requestsTo(
  document: OpenApiDocument,
  { path, described }: Operation,
  ids: fc.Arbitrary<string>,
): fc.Arbitrary<GeneratedRequest> {
  const { parameters = [], requestBody } = described;
  const mostly = (schema: Schema | undefined): fc.Arbitrary<unknown> =>
    fc.oneof(
      { weight: 8, arbitrary: allowed(document, schema, ids) },
      { weight: 1, arbitrary: unexpected },
    );
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const pathValues = fc.tuple(
    ...inPath.map((parameter) => fc.oneof(ids, ids, mostly(parameter.schema))),
  );
  const query = fc.tuple(
    ...inQuery.map((parameter) => {
      const value = mostly(parameter.schema).map(
        (given) => [parameter.name, textOf(given)] as const,
      );
      return parameter.required === true
        ? fc.option(value, { freq: 20 })
        : fc.option(value, { freq: 1 });
    }),
  );
  const schema = requestBody?.content['application/json']?.schema;
  const body =
    schema === undefined
      ? fc.constant(undefined)
      : fc
          .tuple(mostly(schema), fc.nat(), fc.option(unexpected, { freq: 2 }))
          .map(([value, at, wrong]) => (wrong === null ? value : spoil(value, at, wrong)));
  return fc.record({ pathValues, query, body }).map((drawn) => ({
    path: inPath.reduce(
      (text, parameter, at) =>
        text.replace(`{${parameter.name}}`, encode(textOf(drawn.pathValues[at])) || '%20'),
      path,
    ),
    query: drawn.query.filter((pair) => pair !== null),
    body: drawn.body,
  }));
}

/** Puts a wrong value in the place of one part of a body. */
function spoil(value: unknown, at: number, wrong: unknown): unknown {
  if (typeof value !== 'object' || value === null) return wrong;
  const names = Object.keys(value);
  const name = names[at % Math.max(names.length, 1)];
  if (name === undefined) return wrong;
  const inner = (value as Record<string, unknown>)[name];
  const goesOn = typeof inner === 'object' && inner !== null && at % 3 === 0;
  const next = goesOn ? spoil(inner, Math.floor(at / 3), wrong) : wrong;
  return Array.isArray(value) ? value.with(names.indexOf(name), next) : { ...value, [name]: next };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function encode(text: string): string {
  // A lone surrogate has no form in an address.
  return encodeURIComponent(text.slice(0, 2_000).toWellFormed());
}
