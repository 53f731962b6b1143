/** As much of a shell and of curl as the examples of the documents need. */
export interface Shell {
  readonly variables: Record<string, string>;
  curl(command: string): Promise<{ path: string; status: number; body: unknown }>;
}

/** @param host what stands in for `localhost:4400` */
export function createShell(host: string, variables: Record<string, string>): Shell {
  let cookies = '';
  return {
    variables,
    async curl(command) {
      const words = [...command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
        unquote(word, variables),
      );
      const headers = new Headers();
      let method = 'GET';
      let body: string | undefined;
      let url = '';
      for (let at = 1; at < words.length; at += 1) {
        const word = words[at]!;
        if (word === '-X') method = words[(at += 1)]!;
        else if (word === '-d') body = words[(at += 1)]!;
        else if (word === '-A') headers.set('user-agent', words[(at += 1)]!);
        else if (word === '-H') {
          const [name, ...value] = words[(at += 1)]!.split(': ');
          headers.set(name!, value.join(': '));
        } else if (word === '-b') {
          headers.set('cookie', cookies);
          at += 1;
        } else if (word === '-c' || word === '-o') at += 1;
        else if (word !== '-i') url = word;
      }
      const answer = await fetch(url.replace('localhost:4400', host), {
        method,
        headers,
        redirect: 'manual',
        ...(body === undefined ? {} : { body }),
      });
      if (words.includes('-c'))
        cookies = answer.headers
          .getSetCookie()
          .map((cookie) => cookie.split(';')[0])
          .join('; ');
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
      const { pathname, search } = new URL(url);
      return {
        path: pathname + search,
        status: answer.status,
        body: isJson ? (JSON.parse(text) as unknown) : text || undefined,
      };
    },
  };
}

/** The commands of the shell blocks of a document, in their order. */
export function shellCommands(document: string): string[] {
  const blocks = [...document.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!);
  return blocks.flatMap((block) => block.replaceAll('\\\n', ' ').trim().split('\n'));
}

/** Variables count outside of single quotes. */
function unquote(word: string, variables: Readonly<Record<string, string>>): string {
  return word.replaceAll(
    /'([^']*)'|"([^"]*)"|([^'"]+)/g,
    (_, single?: string, double?: string, bare?: string) =>
      single ??
      (double ?? bare!).replaceAll(/\$(\w+)/g, (__, name: string) => variables[name] ?? ''),
  );
}
