/** Browsers keep 64 KiB on its way after a page has gone, and a character may have three bytes. */
export const bodyCharactersMax = 20_000;

/** Whether the server has dealt with it, so that the same is not sent again. */
export function isSettled({ status }: Response): boolean {
  return status < 500 && status !== 429 && status !== 408;
}

/** As text, which needs no preflight on another host; with cookies, where they travel. */
export function post(url: string, body: string, patienceMilliseconds: number): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body,
    credentials: 'include',
    keepalive: body.length <= bodyCharactersMax,
    signal: AbortSignal.timeout?.(patienceMilliseconds) ?? null,
  });
}
