import type { OutgoingResponse } from './exchange.ts';

type Headers = OutgoingResponse['headers'];

export interface LinkPage {
  readonly status: number;
  readonly title: string;
  /** HTML that has been escaped. */
  readonly body: string;
  readonly head?: string;
  readonly headers?: Headers;
}

/** A small page of a link domain: no script, nothing from elsewhere, no cache, and no search engine. */
export function linkPage({
  status,
  title,
  body,
  head = '',
  headers = [],
}: LinkPage): OutgoingResponse {
  return {
    status,
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      ['cache-control', 'private, no-store'],
      ['content-security-policy', contentPolicy],
      ['x-content-type-options', 'nosniff'],
      ['x-robots-tag', 'noindex'],
      ['referrer-policy', 'no-referrer'],
      ...headers,
    ],
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
${head}<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`,
  };
}

/** Without `form-action`: browsers hold the redirect after a form to it, too. */
const contentPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const style =
  ':root{color-scheme:light dark;font:100%/1.5 system-ui,sans-serif}body{margin:0;display:grid;min-height:100vh;place-items:center}' +
  'main{box-sizing:border-box;width:min(100%,26rem);padding:1.5rem}h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}p{margin:0 0 1rem}' +
  'label{display:block;font-weight:600;margin-bottom:.25rem}input,button{box-sizing:border-box;width:100%;font:inherit;padding:.6rem .75rem;' +
  'border:1px solid;border-radius:.375rem}button{margin-top:1rem;font-weight:600;cursor:pointer}:focus-visible{outline:3px solid;outline-offset:2px}';

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The words that somebody chose, line by line. */
export function wordsPage(
  status: number,
  { title, text }: { readonly title: string; readonly text: string },
): OutgoingResponse {
  const lines = text.split(/\n+/).filter((line) => line.trim() !== '');
  return linkPage({
    status,
    title,
    body: lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n'),
  });
}

/** @param problem why it is asked again */
export function passwordPage(
  status: number,
  problem?: string,
  headers?: Headers,
): OutgoingResponse {
  const alert =
    problem === undefined ? '' : `<p role="alert" id="problem">${escapeHtml(problem)}</p>\n`;
  const described = problem === undefined ? '' : ' aria-invalid="true" aria-describedby="problem"';
  return linkPage({
    status,
    title: problem === undefined ? 'This link needs a password' : 'Try again',
    body: `<form method="post">
${alert}<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="off" required maxlength="128" autofocus${described}>
<button type="submit">Continue</button>
</form>`,
    ...(headers !== undefined && { headers }),
  });
}
