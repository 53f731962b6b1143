export const linkHost = 'go.example';
export const linkKey = 'launch';
/** Links beside that one. */
export const manyKeys: readonly string[] = Array.from({ length: 1_000 }, (_, at) => `link-${at}`);

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';

/** What a browser sends when somebody follows a link. */
export function clickRequest(cookie?: string, key = linkKey): string {
  return (
    `GET /${key} HTTP/1.1\r\nHost: ${linkHost}\r\nUser-Agent: ${browser}\r\n` +
    'Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.7\r\n' +
    `Accept-Encoding: gzip, deflate, br\r\n${cookie === undefined ? '' : `Cookie: ${cookie}\r\n`}\r\n`
  );
}

export function postRequest(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): string {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text.replaceAll('{uuid}', '0'.repeat(36)));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (
    `POST ${path} HTTP/1.1\r\nHost: ${linkHost}\r\nUser-Agent: ${browser}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${length}\r\n${lines.join('')}\r\n${text}`
  );
}
