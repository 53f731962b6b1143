/** The comment of something exported, as the pages show it. */
import type { Symbol } from 'typescript/unstable/sync';

import type { PublicModule } from './compiled.ts';

/** What the tags of a comment say: errors, parameters, examples. */
export function tagsOf({ checker }: PublicModule, symbol: Symbol): string {
  const tags = checker.getJsDocTagsOfSymbol(symbol).flatMap(({ name, text = '' }) => {
    if (name === 'example') return [codeBlock(text)];
    if (name === 'throws') return [`Throws ${linked(text).replace(/^\{(\w+)\}/, '`$1`:')}`];
    if (name === 'returns') return [`Answers ${linked(text)}.`];
    if (name === 'param') return [linked(text).replace(/^(\w+)/, '`$1`:')];
    return [];
  });
  return tags.join('\n\n');
}

export function commentOf({ checker }: PublicModule, symbol: Symbol): string {
  return linked(checker.getDocumentationCommentOfSymbol(symbol));
}

/** `{@link x}` is for editors. */
function linked(text: string): string {
  return text.replaceAll(/\{@link (\w+)\}/g, '`$1`').trim();
}

export function codeBlock(code: string): string {
  return `\`\`\`ts no-run\n${code.trim()}\n\`\`\``;
}

/** The comment in front of a line of code. */
export function codeComment(text: string): string {
  return text === '' ? '' : `/** ${text.replaceAll(/\s+/g, ' ').replaceAll('*/', '*\\/')} */\n`;
}
