/** The pages of one package: what its modules export, and the types that this is told with. */
import { SyntaxKind } from 'typescript/unstable/ast';
import type { ClassDeclaration, Node } from 'typescript/unstable/ast';
import { SignatureKind, SymbolFlags } from 'typescript/unstable/sync';
import type { Symbol } from 'typescript/unstable/sync';

import { callsOf } from './calls.ts';
import { printType } from './compiled.ts';
import type { Exported, PublicModule, PublicPackage } from './compiled.ts';
import { codeBlock, commentOf, tagsOf } from './markdown.ts';
import { isOwnType, typesNamedIn, typesShownIn } from './named-types.ts';

interface NamedType {
  readonly module: PublicModule;
  readonly symbol: Symbol;
  /** Under which names it can be imported, and from where. */
  readonly doors: Map<string, string[]>;
}

/** @returns the page of values and the page of types, without their titles */
export function packagePages({ modules }: PublicPackage): { values: string; types: string } {
  const types = new Map<string, NamedType>();
  const values = modules.map((module) => {
    const sections: string[] = [];
    const schemas: string[] = [];
    const named: Symbol[] = [];
    for (const exported of module.exports) {
      if (isOwnType(exported.symbol)) named.push(exported.symbol);
      else {
        const { text, mentioned } = describeValue(module, exported);
        if (text.includes('\n')) sections.push(text);
        else schemas.push(`\`${exported.name}\``);
        named.push(...mentioned);
      }
    }
    const engine = module.exports.find(({ name }) => name === 'Headwater');
    if (engine !== undefined && module.name === 'headwater') {
      const { text, mentioned } = callsOf(module, engine.symbol, 'hw');
      sections.push(text);
      named.push(...mentioned);
    }
    if (schemas.length > 0) sections.push(`### Schemas\n\n${schemas.join(', ')}`);
    for (const symbol of named)
      if (isOfPackage(module, symbol)) addWithMentioned(types, module, symbol);
    for (const { name, symbol } of module.exports)
      if (isOwnType(symbol)) addDoor(types.get(keyOf(module, symbol)), name, module.name);
    return [`## \`${module.name}\``, module.words, ...sections].filter(Boolean).join('\n\n');
  });
  return { values: values.join('\n\n'), types: describeTypes([...types.values()]) };
}

function keyOf({ nodesOf }: PublicModule, symbol: Symbol): string {
  const [node] = nodesOf(symbol);
  return `${node?.getSourceFile().fileName} ${symbol.name}`;
}

function addWithMentioned(
  types: Map<string, NamedType>,
  module: PublicModule,
  symbol: Symbol,
): void {
  const key = keyOf(module, symbol);
  if (types.has(key) || isGenerated(module, symbol)) return;
  types.set(key, { module, symbol, doors: new Map() });
  for (const each of typesNamedIn(module, symbol))
    if (isOfPackage(module, each)) addWithMentioned(types, module, each);
}

/** Another package tells of its own types. */
function isOfPackage({ source, nodesOf }: PublicModule, symbol: Symbol): boolean {
  const [folder = ''] = /^.*\/packages\/\w+\//.exec(source) ?? [];
  return nodesOf(symbol).some((node) => node.getSourceFile().fileName.startsWith(folder));
}

/** The types of the API are told in its own page. */
function isGenerated(module: PublicModule, symbol: Symbol): boolean {
  return module
    .nodesOf(symbol)
    .some((node) => node.getSourceFile().text.startsWith('// Generated'));
}

function addDoor(type: NamedType | undefined, name: string, door: string): void {
  type?.doors.set(name, [...(type.doors.get(name) ?? []), door]);
}

function describeValue(
  module: PublicModule,
  { name, symbol }: Exported,
): { text: string; mentioned: readonly Symbol[] } {
  const { code, mentioned } = codeOfValue(module, name, symbol);
  const parts = [
    `### \`${name}\``,
    commentOf(module, symbol),
    code && codeBlock(code),
    tagsOf(module, symbol),
  ];
  return { text: parts.filter(Boolean).join('\n\n'), mentioned };
}

function codeOfValue(
  module: PublicModule,
  name: string,
  symbol: Symbol,
): { code: string; mentioned: readonly Symbol[] } {
  const { checker } = module;
  const nodes = module.nodesOf(symbol);
  const named = typesNamedIn(module, symbol);
  if (symbol.flags & SymbolFlags.Class)
    return { code: codeOfClass(nodes[0] as ClassDeclaration), mentioned: named };
  const type = checker.getTypeOfSymbol(symbol);
  if (type === undefined) throw new Error(`${name} has no type`);
  if (symbol.flags & SymbolFlags.Function) {
    const end = `${printReturn(module, symbol)};`;
    const code = nodes.map((each) => withoutBody(each, end)).join('\n');
    return { code, mentioned: [...named, ...typesShownIn(module, type)] };
  }
  const printed = printType(checker, type);
  // A schema is a type of its own, which nobody reads.
  if (printed.length > charactersMax) return { code: '', mentioned: [] };
  return { code: `const ${name}: ${printed};`, mentioned: typesShownIn(module, type) };
}

/** Of the type of a constant. */
const charactersMax = 400;

/** What a function answers, where its source leaves that to the compiler. */
function printReturn({ checker, nodesOf }: PublicModule, symbol: Symbol): string {
  const [node] = nodesOf(symbol);
  if (node !== undefined && 'type' in node && node.type !== undefined) return '';
  const [signature] = checker.getSignaturesOfType(
    checker.getTypeOfSymbol(symbol)!,
    SignatureKind.Call,
  );
  const answered = signature && checker.getReturnTypeOfSignature(signature);
  return answered === undefined ? '' : `: ${printType(checker, answered)}`;
}

function withoutBody(node: Node, end: string): string {
  let bodyStart = node.getEnd();
  node.forEachChild((child) => {
    if (child.kind === SyntaxKind.Block) bodyStart = child.getStart();
  });
  const text = node.getSourceFile().text.slice(node.getStart(), bodyStart).trim();
  return `${text.replace(/^export /, '').replace(/^async /, '')}${end}`;
}

/** Its public members without what they do. */
function codeOfClass(node: ClassDeclaration): string {
  const members = node.members
    .map((member) => withoutBody(member, ''))
    .filter((text) => !/^(#|private|protected|override|constructor)/.test(text))
    .map((text) => `  ${text.replace(/ = .*?;?$/s, ';').replace(/;?$/, ';')}`);
  const text = node.getSourceFile().text.slice(node.getStart(), node.members.pos);
  return `${text.replace(/^export /, '')}\n${members.join('\n')}\n}`;
}

function describeTypes(types: readonly NamedType[]): string {
  const names = types.flatMap(({ module, symbol, doors }) => {
    const exported = doors.size === 0 ? [[symbol.name, []] as const] : [...doors];
    return exported.map(([name, from]) => ({ module, symbol, name, from }));
  });
  return names
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ module, symbol, name, from }) => {
      const code = module
        .nodesOf(symbol)
        .map((node) => node.getText().replace(/^export /, ''))
        .join('\n\n');
      const door = from.length === 0 ? '' : `From ${from.map((each) => `\`${each}\``).join(', ')}.`;
      const words = commentOf(module, symbol);
      return [`## \`${name}\``, words, door, codeBlock(code)].filter(Boolean).join('\n\n');
    })
    .join('\n\n');
}
