/** The REST API as a page: its operations by topic, what each takes, answers and refuses. */
import { openApiDocument } from '../../packages/engine/src/contract.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Answer {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Answer;
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Document {
  readonly info: { readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The page without its title. */
export function restPage(): string {
  const document = openApiDocument({ basePath: '/hw' }) as unknown as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const shared = sharedRefusals(operations.map(({ operation }) => operation));
  const tagNames = new Set(operations.map(({ operation }) => operation.tags?.[0] ?? 'More'));
  const topics = [...tagNames].map((tag) => {
    const words = document.tags.find(({ name }) => name === tag)?.description;
    const sections = operations
      .filter(({ operation }) => (operation.tags?.[0] ?? 'More') === tag)
      .map(({ method, path, operation }) => describeOperation(method, path, operation, shared));
    return [`## ${tag}`, words, ...sections].filter(Boolean).join('\n\n');
  });
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) =>
    [`### ${name}`, schema.description, bullets(schema, 0) || typeOf(schema)]
      .filter(Boolean)
      .join('\n\n'),
  );
  return [
    document.info.description,
    'Paths are below `{base}/api`; [client.md](../client.md#the-rest-api) calls each operation by its name. Any of them may also refuse with:',
    [...shared].map((words) => `- ${words}`).join('\n'),
    ...topics,
    '## Bodies',
    ...schemas,
  ].join('\n\n');
}

/** What more than half of all operations refuse with in the same words is told once. */
function sharedRefusals(operations: readonly Operation[]): Set<string> {
  const counts = new Map<string, number>();
  for (const words of operations.flatMap(refusalsOf))
    counts.set(words, (counts.get(words) ?? 0) + 1);
  return new Set(
    [...counts].filter(([, count]) => count * 2 > operations.length).map(([words]) => words),
  );
}

function refusalsOf({ responses }: Operation): string[] {
  return Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, { description = '' }]) => `${status}: ${description}`);
}

function describeOperation(
  method: string,
  path: string,
  operation: Operation,
  shared: ReadonlySet<string>,
): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const taken = parameters.map(
    ({ name, in: place, required = false, schema, description: words = schema.description }) =>
      bullet(`${name}\` (${place})`, schema, required, words),
  );
  const answered = Object.entries(responses)
    .filter(([status]) => Number(status) < 400)
    .map(([status, answer]) => `${status}: ${answer.description ?? ''}${bodyOf(answer)}`);
  const refused = refusalsOf(operation).filter((words) => !shared.has(words));
  return [
    `### \`${method.toUpperCase()} ${path}\``,
    `\`${operationId}\`: ${summary ?? ''}. ${description ?? ''}`.trim(),
    taken.length > 0 && taken.join('\n'),
    requestBody && `The body${bodyOf(requestBody)}`,
    [...answered, ...refused].map((words) => `- ${words}`).join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function bodyOf({ content = {} }: Answer): string {
  const bodies = Object.entries(content).map(([mediaType, { schema }]) => {
    const type = schema === undefined ? mediaType : typeOf(schema);
    const fields = schema?.$ref === undefined && schema?.properties ? bullets(schema, 1) : '';
    return [mediaType === 'application/json' ? type : `\`${mediaType}\``, fields]
      .filter(Boolean)
      .join('\n');
  });
  return bodies.length === 0 ? '' : `: ${bodies.join(', ')}`;
}

/** The fields of an object, each in a line, with those of the objects in it below. */
function bullets(schema: Schema, depth: number): string {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties)
    .map(([name, field]) => {
      const line = bullet(`${name}\``, field, required.includes(name), field.description);
      const inner = [field, field.items].map((each) => each && bullets(each, depth + 1));
      return [`${'  '.repeat(depth)}${line}`, ...inner].filter(Boolean).join('\n');
    })
    .join('\n');
}

function bullet(name: string, schema: Schema, isRequired: boolean, words = ''): string {
  const facts = [
    typeOf(schema),
    isRequired ? 'required' : '',
    schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\` by default`,
  ].filter(Boolean);
  return `- \`${name}: ${facts.join(', ')}${words === '' ? '' : `. ${words.replaceAll(/\s+/g, ' ')}`}`;
}

function typeOf(schema: Schema): string {
  const { $ref, const: constant, enum: values, type, items } = schema;
  if ($ref !== undefined) {
    const name = $ref.replace('#/components/schemas/', '');
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``;
  if (values !== undefined) return values.map((each) => `\`${JSON.stringify(each)}\``).join(' or ');
  const choices = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (choices !== undefined) {
    const named = choices.map(typeOf).filter((each) => each !== 'object or null');
    return [...new Set(named)].join(schema.allOf === undefined ? ' or ' : ' and ');
  }
  const types = [type ?? (schema.properties ? 'object' : 'anything')].flat();
  return types
    .map((each) => (each === 'array' ? `list of ${typeOf(items ?? {})}` : each))
    .join(' or ');
}
