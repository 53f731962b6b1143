import { operations, type Operations } from './api-types.ts';
import { sendRequest, type ApiOptions, type RequestOptions, type Sent } from './send-request.ts';

/** The id of an operation, as in the OpenAPI document. */
export type OperationName = keyof Operations;

/** What an operation takes: its parameters, and its body as `body`. */
export type Input<Name extends OperationName> = Operations[Name]['input'];

/** What an operation answers. What is no JSON is a `Response`. */
export type Answer<Name extends OperationName> = Operations[Name]['answer'];

/** An operation whose answers come in pages. */
export type PagedName = {
  [Name in OperationName]: Operations[Name]['paged'] extends true ? Name : never;
}[OperationName];

/** A paged operation whose answer is a list. */
export type ListName = {
  [Name in PagedName]: Answer<Name> extends readonly unknown[] ? Name : never;
}[PagedName];

type Arguments<Name extends OperationName> =
  Partial<Input<Name>> extends Input<Name>
    ? [input?: Input<Name>, options?: RequestOptions]
    : [input: Input<Name>, options?: RequestOptions];

/** The whole REST API: one function for each operation, and iterators over pages. */
export type Api = {
  [Name in OperationName]: (...words: Arguments<Name>) => Promise<Answer<Name>>;
} & {
  /** Every page of an operation, asked for when the loop comes to it. */
  pages<Name extends PagedName>(
    name: Name,
    ...words: Arguments<Name>
  ): AsyncGenerator<Answer<Name>, void, undefined>;
  /** Every item of a list. A page is asked for when the loop comes to it. */
  items<Name extends ListName>(
    name: Name,
    ...words: Arguments<Name>
  ): AsyncGenerator<Answer<Name> extends readonly (infer Item)[] ? Item : never, void, undefined>;
};

/**
 * A client for the REST API with its types. Calls throw {@link ApiError} or {@link ApiConnectionError}. What may safely
 * be sent again is sent again; writing operations carry an idempotency key, so that they count once. A key or address
 * that is missing is a `TypeError` at once.
 *
 * @example
 * const api = createApi({ apiKey, baseUrl: 'https://shop.example/hw' });
 * const link = await api.createLink({ body: { url: 'https://shop.example/sale' } });
 * for await (const visitor of api.items('listVisitors', { limit: 200 })) console.log(visitor.id);
 */
export function createApi(options: ApiOptions): Api {
  for (const name of ['apiKey', 'baseUrl'] as const)
    if (!options[name]) throw new TypeError(`${name} is required`);
  const send = (name: OperationName, input?: object, call?: RequestOptions): Promise<Sent> =>
    sendRequest(options, operations[name], { ...input }, call ?? {});

  async function* pages(name: OperationName, input?: object, call?: RequestOptions) {
    let cursor: string | undefined;
    do {
      const { answer, nextCursor } = await send(name, withCursor(input, cursor), call);
      yield answer;
      // A server that names the same page again would never let the loop end.
      if (nextCursor !== undefined && nextCursor === cursor) return;
      cursor = nextCursor;
    } while (cursor !== undefined);
  }

  async function* items(name: OperationName, input?: object, call?: RequestOptions) {
    for await (const page of pages(name, input, call)) yield* page as readonly unknown[];
  }

  const calls = Object.keys(operations).map((name) => [
    name,
    async (input?: object, call?: RequestOptions) =>
      (await send(name as OperationName, input, call)).answer,
  ]);
  return { ...Object.fromEntries(calls), pages, items } as Api;
}

/** An offset counts from the first page only. */
function withCursor(input: object | undefined, cursor: string | undefined): object | undefined {
  return cursor === undefined ? input : { ...input, offset: undefined, cursor };
}
