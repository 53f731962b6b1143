/** A place for links. Who may do what in it is said by roles, not here. */
export interface LinkFolder {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A folder with how many links are in it, without the archived ones. */
export interface CountedFolder extends LinkFolder {
  readonly links: number;
}

export interface CountedTag {
  readonly name: string;
  /** How many links have it, without the archived ones. */
  readonly links: number;
}

const nameLengthMax = 100;

/** What is wrong with the name of a folder or a template, if anything. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return 'must be a string';
  if (name.trim() === '' || name.length > nameLengthMax)
    return `must have 1 to ${nameLengthMax} characters`;
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001F\u007F]/.test(name) || !name.isWellFormed())
    return 'must not contain control characters';
  return undefined;
}
