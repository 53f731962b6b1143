/** The cookie of a session; on https browsers keep it under `__Secure-` and this (RFC 6265bis §4.1.3). */
export const sessionCookie = '_hw_session';
