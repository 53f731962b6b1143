import type { Tool } from '@modelcontextprotocol/sdk/types.js';

/** What an operation of the OpenAPI document needs to be a tool. */
interface Operation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, unknown>> }>
  >;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Readonly<Record<string, unknown>>;
}

export interface OpenApiDocument {
  readonly paths?: Readonly<Record<string, { readonly get?: unknown }>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

/** A read of the REST API as a tool. */
export interface ApiTool {
  readonly tool: Tool;
  /** The path and query of a call, below `{base}/api`. */
  address(given: Readonly<Record<string, unknown>>): string;
}

/** Links, visitors and reports; keys, domains and settings are nobody's business here. */
const tags = new Set([
  'Links',
  'Visitors',
  'Sessions',
  'Analytics',
  'Attribution',
  'Funnels',
  'Projects',
]);

/** Every reading operation that answers JSON, but for exports, with the words and the parameters of the document. */
export function apiTools(document: OpenApiDocument): ReadonlyMap<string, ApiTool> {
  const tools = new Map<string, ApiTool>();
  for (const [path, { get }] of Object.entries(document.paths ?? {})) {
    const operation = get as Operation | undefined;
    if (operation === undefined || !operation.tags?.some((tag) => tags.has(tag))) continue;
    const { content = {} } = operation.responses['200'] ?? {};
    const isExport = operation.operationId.startsWith('export');
    if (isExport || content['application/json'] === undefined) continue;
    tools.set(operation.operationId, toTool(path, operation, document.components?.schemas ?? {}));
  }
  return tools;
}

function toTool(
  path: string,
  operation: Operation,
  schemas: Readonly<Record<string, unknown>>,
): ApiTool {
  const parameters = (operation.parameters ?? []).filter(
    (parameter) => parameter.in === 'path' || parameter.in === 'query',
  );
  const required = parameters.filter(({ required: isRequired }) => isRequired).map(nameOf);
  const { operationId: name, summary = '', description = '' } = operation;
  return {
    tool: {
      name,
      title: summary,
      description: `${summary}. ${description}`.trim(),
      inputSchema: {
        type: 'object',
        properties: Object.fromEntries(
          parameters.map((parameter) => [parameter.name, describe(parameter, schemas)]),
        ),
        ...(required.length > 0 && { required }),
        additionalProperties: false,
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    address(given) {
      const query = new URLSearchParams();
      let target = path;
      for (const parameter of parameters) {
        const value = given[parameter.name];
        if (value === undefined || value === null) continue;
        if (parameter.in === 'path')
          target = target.replace(`{${parameter.name}}`, encodeURIComponent(toText(value)));
        else
          for (const each of Array.isArray(value) ? value : [value])
            query.append(parameter.name, toText(each));
      }
      return query.size === 0 ? target : `${target}?${query.toString()}`;
    },
  };
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function nameOf({ name }: Parameter): string {
  return name;
}

/** Whoever reads a tool has no components to look into. */
function describe(
  { schema = {}, description }: Parameter,
  schemas: Readonly<Record<string, unknown>>,
): object {
  const reference = schema['$ref'];
  const own =
    typeof reference === 'string'
      ? (schemas[reference.replace('#/components/schemas/', '')] as object | undefined)
      : schema;
  return { ...own, ...(description !== undefined && { description }) };
}
