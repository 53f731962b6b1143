import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { CreateInvitationInput } from './create-invitation.ts';

/** What a validator library gives (https://standardschema.dev): zod, Valibot, ArkType and others. */
export interface AttributesSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaAnswer<Output> | Promise<SchemaAnswer<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type SchemaAnswer<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

type Types<Schema extends AttributesSchema> = NonNullable<Schema['~standard']['types']>;
type InputOf<Schema extends AttributesSchema> = Types<Schema>['input'];
type OutputOf<Schema extends AttributesSchema> = Types<Schema>['output'];

/** An invitation whose attributes are what the schema says. */
export type Typed<Invitation, Schema extends AttributesSchema> = Omit<Invitation, 'attributes'> & {
  readonly attributes: OutputOf<Schema>;
};

/** What is stored does not fit the schema any more: it was made with another one. */
export type InvalidAttributes = Refusal & { readonly code: 'invalid_attributes' };

interface WithAttributes {
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Answer<T, R extends Refusal> = Promise<Result<T, R>>;

/** The calls that are wrapped. */
interface Calls<
  Created extends WithAttributes,
  Read extends WithAttributes,
  Valid extends WithAttributes,
  CreateRefusal extends Refusal,
  ValidRefusal extends Refusal,
  WriteOptions,
  ReadOptions,
  ValidOptions,
> {
  create(input?: CreateInvitationInput, options?: WriteOptions): Answer<Created, CreateRefusal>;
  validate(token: string, options?: ValidOptions): Answer<Valid, ValidRefusal>;
  get(id: string, options?: ReadOptions): Promise<Read | undefined>;
}

/**
 * Attributes with a schema of the caller's: checked before they are stored, as the schema makes them; checked again
 * when they are read, so that types hold on what the database gives.
 */
export function withAttributes<
  Schema extends AttributesSchema,
  Created extends WithAttributes,
  Read extends WithAttributes,
  Valid extends WithAttributes,
  CreateRefusal extends Refusal,
  ValidRefusal extends Refusal,
  WriteOptions,
  ReadOptions,
  ValidOptions,
>(
  calls: Calls<
    Created,
    Read,
    Valid,
    CreateRefusal,
    ValidRefusal,
    WriteOptions,
    ReadOptions,
    ValidOptions
  >,
  schema: Schema,
) {
  async function readOut<I extends WithAttributes>(
    invitation: I,
  ): Promise<Result<Typed<I, Schema>, InvalidAttributes>> {
    const answer = await schema['~standard'].validate(invitation.attributes);
    if (answer.issues !== undefined)
      return refuse(
        'invalid_attributes',
        'The attributes of the invitation do not fit the schema',
        errorsOf(answer.issues),
      );
    return ok({ ...invitation, attributes: answer.value as OutputOf<Schema> });
  }

  return {
    async create(
      input: Omit<CreateInvitationInput, 'attributes'> & { readonly attributes: InputOf<Schema> },
      options?: WriteOptions,
    ): Promise<
      Result<Typed<Created, Schema>, CreateRefusal | ValidationRefusal | InvalidAttributes>
    > {
      const answer = await schema['~standard'].validate(input.attributes);
      if (answer.issues !== undefined) return refuseFields(errorsOf(answer.issues));
      const attributes = answer.value as Readonly<Record<string, unknown>>;
      const created = await calls.create({ ...input, attributes }, options);
      return created.ok
        ? ok({ ...created.value, attributes: answer.value as OutputOf<Schema> })
        : created;
    },
    async validate(
      token: string,
      options?: ValidOptions,
    ): Promise<Result<Typed<Valid, Schema>, ValidRefusal | InvalidAttributes>> {
      const valid = await calls.validate(token, options);
      return valid.ok ? readOut(valid.value) : valid;
    },
    async get(
      id: string,
      options?: ReadOptions,
    ): Promise<Result<Typed<Read, Schema>, InvalidAttributes> | undefined> {
      const found = await calls.get(id, options);
      return found && readOut(found);
    },
  };
}

function errorsOf(issues: readonly SchemaIssue[]): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  for (const { path = [], message } of issues) {
    const names = path.map((part) => String(typeof part === 'object' ? part.key : part));
    (errors[['attributes', ...names].join('.')] ??= []).push(message);
  }
  return errors;
}
