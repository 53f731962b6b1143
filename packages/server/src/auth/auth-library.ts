/** Somebody who is signed in. */
export interface SignedIn {
  readonly sessionId: string;
  readonly userId: string;
  readonly name: string;
  readonly email: string;
}

/** What sign-in asks of the library that keeps accounts and sessions. */
export interface AuthLibrary {
  /** One of its own endpoints, below its base path. */
  call(
    request: Request,
    endpoint: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown },
  ): Promise<Response>;
  /** A request of a browser as it is: where an identity provider sends people back to. */
  pass(request: Request): Promise<Response>;
  findSession(headers: Headers): Promise<SignedIn | undefined>;
  hashPassword(password: string): Promise<string>;
}
