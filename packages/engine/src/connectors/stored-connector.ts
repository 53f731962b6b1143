/** What a workspace has stored for one connector. Credentials are still sealed. */
export interface StoredConnector {
  readonly workspaceId: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly enabledAt: Date | undefined;
  readonly eventTypes: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** The platform shall check or show what it is sent, and count nothing. */
  readonly test: boolean;
  readonly sealedCredentials: Uint8Array | undefined;
  readonly sealedAccessToken: Uint8Array | undefined;
  readonly accessExpiresAt: Date | undefined;
  readonly revision: number;
  readonly paused:
    | { readonly at: Date; readonly code: string; readonly message: string }
    | undefined;
  readonly restingUntil: Date | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
