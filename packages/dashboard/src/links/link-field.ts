import type { UseFormReturnType } from '@mantine/form';

import type { LinkValues } from './link-values.ts';

export type LinkFormState = UseFormReturnType<LinkValues>;

/** Binds a field of the form, with what the browser or the server has against it. */
export type LinkField = (
  path: string,
  refusedAs?: string,
) => ReturnType<LinkFormState['getInputProps']>;

/** What the fields of a link's form get: the form for its lists, and a way to bind an input. */
export interface LinkFieldsProps {
  readonly form: LinkFormState;
  readonly field: LinkField;
  /** What the server has against fields; another object for each answer. */
  readonly refused: Readonly<Record<string, string>>;
}

/** The server writes `routing.rules[0].url` where the form has `routing.rules.0.url`. */
export function bindFields(
  form: LinkFormState,
  refused: Readonly<Record<string, string>>,
): LinkField {
  return (path, refusedAs = path.replaceAll(/\.(\d+)/g, '[$1]')) => {
    const props = form.getInputProps(path);
    return { ...props, error: (props['error'] as string | undefined) ?? refused[refusedAs] };
  };
}
