/** What may be logged of an error. */
export interface DescribedFault {
  readonly name: string;
  readonly code?: string;
  readonly message?: string;
  readonly table?: string;
  readonly constraint?: string;
}

const messageCharactersMax = 300;

/**
 * Name, code and what else holds nothing of anybody: the texts of a database (`message`, `detail`, `where`) may quote
 * the row that it failed on, and any message may name an address.
 */
export function describeFault(error: unknown): DescribedFault {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message } = error;
  const { code, table, constraint, severity } = error as unknown as Readonly<
    Record<string, unknown>
  >;
  const isOfDatabase = typeof severity === 'string' || typeof table === 'string';
  return {
    name,
    ...(typeof code === 'string' && { code }),
    ...(!isOfDatabase && { message: withoutEmails(message.slice(0, messageCharactersMax)) }),
    ...(typeof table === 'string' && { table }),
    ...(typeof constraint === 'string' && { constraint }),
  };
}

/** Anything with an @ between two words, also where it is escaped as in URLs. */
function withoutEmails(text: string): string {
  return text.replace(/[^\s"'<>(),;:/]+(?:@|%40)[^\s"'<>(),;:/]+/gi, '[email]');
}
