/** What the compiler knows of the published packages: their modules, and what a module exports. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Node } from 'typescript/unstable/ast';
import { API, NodeBuilderFlags, SymbolFlags } from 'typescript/unstable/sync';
import type { Checker, Project, Symbol, Type } from 'typescript/unstable/sync';

const packages = join(import.meta.dirname, '..', '..', 'packages');
/** The package, and which of its projects has a module: the client keeps what knows Node apart. */
const projectFiles = ['tsconfig.json', 'tsconfig.node.json'];

export interface PublicModule {
  /** As it is imported: `headwater/node`. */
  readonly name: string;
  /** The file that it begins with. */
  readonly source: string;
  readonly words: string;
  readonly checker: Checker;
  readonly exports: readonly Exported[];
  /** By id: asking about a type takes a while, and many are in everything. */
  readonly seenTypes: Set<number>;
  nodesOf(symbol: Symbol): readonly Node[];
}

export interface Exported {
  readonly name: string;
  readonly symbol: Symbol;
}

export interface PublicPackage {
  readonly name: string;
  readonly modules: readonly PublicModule[];
}

/** Asks the compiler about every package that has modules to import; it ends with `work`. */
export function withPublicPackages(work: (packages: readonly PublicPackage[]) => void): void {
  const api = new API({ cwd: packages });
  try {
    const folders = readdirSync(packages).map((folder) => join(packages, folder));
    const openProjects = folders
      .flatMap((folder) => projectFiles.map((file) => join(folder, file)))
      .filter((file) => existsSync(file));
    const projects = api.updateSnapshot({ openProjects }).getProjects();
    work(folders.map((folder) => readPackage(folder, projects)).filter(hasModules));
  } finally {
    api.close();
  }
}

function hasModules({ modules }: PublicPackage): boolean {
  return modules.length > 0;
}

function readPackage(folder: string, projects: readonly Project[]): PublicPackage {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    exports: Record<string, string | { 'headwater-source'?: string }>;
  };
  const modules = Object.entries(manifest.exports).flatMap(([door, target]) => {
    const source = typeof target === 'string' ? undefined : target['headwater-source'];
    if (source === undefined) return [];
    return [readModule(manifest.name + door.slice(1), join(folder, source), projects)];
  });
  return { name: manifest.name, modules };
}

function readModule(name: string, file: string, projects: readonly Project[]): PublicModule {
  for (const project of projects) {
    const source = project.program.getSourceFile(file);
    if (source === undefined || !project.rootFiles.includes(source.fileName)) continue;
    const { checker } = project;
    const symbol = checker.getSymbolAtLocation(source);
    if (symbol === undefined) throw new Error(`${file} exports nothing`);
    const exports = checker.getExportsOfModule(symbol).map((each) => ({
      name: each.name,
      symbol: each.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each,
    }));
    return {
      name,
      source: source.fileName,
      words: wordsAtTheTop(source.text),
      checker,
      exports,
      seenTypes: new Set(),
      nodesOf: ({ declarations }) =>
        declarations.map((declaration) => declaration.resolve(project)!),
    };
  }
  throw new Error(`no project has ${file}`);
}

/** The comment that a module begins with. */
function wordsAtTheTop(text: string): string {
  const [, comment] = /^\/\*\*([^]*?)\*\//.exec(text) ?? [];
  if (comment === undefined) return '';
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trimEnd());
  return lines
    .filter((line) => !line.startsWith('@'))
    .join('\n')
    .trim();
}

/** As somebody would write the type, who has imported everything that it names. */
export function printType(checker: Checker, type: Type): string {
  const flags = NodeBuilderFlags.NoTruncation | NodeBuilderFlags.UseAliasDefinedOutsideCurrentScope;
  const text = checker.typeToString(type, undefined, flags);
  // An optional parameter says so already.
  return text.replaceAll(/(\w\?: [^,();]*?) \| undefined(?=[,;)])/g, '$1');
}
