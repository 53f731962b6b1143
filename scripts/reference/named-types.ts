/** Which types of a package its public part names, and those name, until there are no more. */
import { SyntaxKind } from 'typescript/unstable/ast';
import type { Node } from 'typescript/unstable/ast';
import { SignatureKind, SymbolFlags } from 'typescript/unstable/sync';
import type { Checker, Symbol, Type } from 'typescript/unstable/sync';

import type { PublicModule } from './compiled.ts';

const typeFlags = SymbolFlags.Interface | SymbolFlags.TypeAlias;

/** A type of ours that is written down, and not taken from a library or made by a schema. */
export function isOwnType(symbol: Symbol): boolean {
  return (
    (symbol.flags & typeFlags) !== 0 &&
    symbol.declarations.some(({ path }) => /\/packages\/\w+\/src\//.test(path))
  );
}

/** The types that the source of a declaration names; a body is nobody's business. */
export function typesNamedIn(module: PublicModule, symbol: Symbol): Symbol[] {
  const names: Node[] = [];
  for (const node of module.nodesOf(symbol)) collectNames(node, names);
  return module.checker
    .getSymbolAtLocation(names)
    .flatMap((each) => (each === undefined ? [] : [unaliased(module.checker, each)]))
    .filter(isOwnType);
}

function collectNames(node: Node, names: Node[]): void {
  node.forEachChild((child) => {
    if (child.kind === SyntaxKind.Block) return;
    if (child.kind === SyntaxKind.Identifier) names.push(child);
    collectNames(child, names);
  });
}

function unaliased(checker: Checker, symbol: Symbol): Symbol {
  return symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The types that stand in an inferred type as it is printed, but those that the module was asked about before. */
export function typesShownIn(module: PublicModule, type: Type): Symbol[] {
  const { checker, seenTypes } = module;
  if (seenTypes.has(type.id)) return [];
  seenTypes.add(type.id);
  const alias = type.getAliasSymbol();
  const symbol = alias ?? type.getSymbol();
  const below = (types: readonly (Type | undefined)[]): Symbol[] =>
    types.flatMap((each) => (each === undefined ? [] : typesShownIn(module, each)));
  if (symbol !== undefined && isOwnType(symbol)) {
    const given = alias === undefined ? typeArguments(checker, type) : type.getAliasTypeArguments();
    return [symbol, ...below(given)];
  }
  if (type.isUnionType() || type.isIntersectionType()) return below(type.getTypes());
  if (type.isTypeReference()) return below(checker.getTypeArguments(type));
  const inSignatures = checker
    .getSignaturesOfType(type, SignatureKind.Call)
    .flatMap((each) => [
      ...checker.getTypeOfSymbol(each.getParameters()),
      checker.getReturnTypeOfSignature(each),
    ]);
  const isWritten = symbol === undefined || ['__type', '__object'].includes(symbol.name);
  const properties = isWritten && type.isObjectType() ? checker.getPropertiesOfType(type) : [];
  return below([...inSignatures, ...checker.getTypeOfSymbol(properties)]);
}

function typeArguments(checker: Checker, type: Type): readonly Type[] {
  return type.isTypeReference() ? checker.getTypeArguments(type) : [];
}
