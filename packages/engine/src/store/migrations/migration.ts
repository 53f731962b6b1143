/** One forward-only step of the schema. Its id is its place in the order; a landed migration is never edited. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  /** Whether processes of the version before this one stop working on the changed schema. */
  readonly breaking: boolean;
  /** The statements, for a quoted schema name. Run in one transaction. */
  sql(schema: string): string;
  /** Tables that are new here, for Citus: distributed by `workspace_id`, or copied to every node. */
  readonly distributed: readonly string[];
  readonly reference: readonly string[];
}
