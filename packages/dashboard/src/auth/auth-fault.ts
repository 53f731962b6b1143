/** A refusal of sign-in, in the server's words. */
export class AuthFault extends Error {
  override readonly name = 'AuthFault';
  readonly status: number;
  readonly code: string | undefined;
  readonly errors: Readonly<Record<string, readonly string[]>>;

  private constructor(
    status: number,
    body: {
      readonly error?: string;
      readonly code?: string;
      readonly errors?: Readonly<Record<string, readonly string[]>>;
    },
  ) {
    super(body.error ?? `HTTP ${status}`);
    this.status = status;
    this.code = body.code;
    this.errors = body.errors ?? {};
  }

  static async of(response: Response): Promise<AuthFault> {
    const body: unknown = await response.json().catch(() => ({}));
    return new AuthFault(response.status, body as { error?: string; code?: string });
  }
}
