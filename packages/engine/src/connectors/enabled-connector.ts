/** A connector that a workspace has switched on, as far as planning needs to know it. */
export interface EnabledConnector {
  readonly type: string;
  readonly eventTypes: ReadonlySet<string>;
}
