/** The calls of an object by its parts: `hw.links.create`, and what each takes and answers. */
import { SignatureKind } from 'typescript/unstable/sync';
import type { Symbol, Type } from 'typescript/unstable/sync';

import { printType } from './compiled.ts';
import type { PublicModule } from './compiled.ts';
import { codeBlock, codeComment, commentOf } from './markdown.ts';
import { typesShownIn } from './named-types.ts';

interface Part {
  readonly path: string;
  readonly words: string;
  readonly members: readonly Symbol[];
}

/** @param name what the object is called: `hw` */
export function callsOf(
  module: PublicModule,
  symbol: Symbol,
  name: string,
): { text: string; mentioned: readonly Symbol[] } {
  const { checker } = module;
  const mentioned: Symbol[] = [];
  const parts: Part[] = [];

  function visit(path: string, words: string, type: Type): void {
    const members: Symbol[] = [];
    const nested: [Symbol, Type][] = [];
    for (const member of checker.getPropertiesOfType(type)) {
      if (member.name.startsWith('__@')) continue;
      const memberType = checker.getTypeOfSymbol(member)!;
      if (isPart(memberType)) nested.push([member, memberType]);
      else members.push(member);
    }
    if (members.length > 0) parts.push({ path, words, members });
    for (const [member, memberType] of nested)
      visit(`${path}.${member.name}`, commentOf(module, member), memberType);
  }

  /** An object that was written for its calls, and is no type that has a name. */
  function isPart(type: Type): boolean {
    const isNameless = ['__object', '__type'].includes(type.getSymbol()?.name ?? '');
    const isCalled = checker.getSignaturesOfType(type, SignatureKind.Call).length > 0;
    return isNameless && !isCalled && type.getAliasSymbol() === undefined;
  }

  function describe({ path, words, members }: Part): string {
    const lines = members.map((member) => {
      const type = checker.getTypeOfSymbol(member)!;
      mentioned.push(...typesShownIn(module, type));
      return `${codeComment(commentOf(module, member))}${member.name}: ${printType(checker, type)};`;
    });
    const title = path
      .split('.')
      .map((word) => word[0]!.toUpperCase() + word.slice(1))
      .join('');
    const code = codeBlock(`interface ${title} {\n${lines.join('\n')}\n}`);
    return [`### \`${path}\``, words, code].filter(Boolean).join('\n\n');
  }

  visit(name, commentOf(module, symbol), checker.getDeclaredTypeOfSymbol(symbol));
  return { text: parts.map(describe).join('\n\n'), mentioned };
}
